import { firstIndex, rowsByIndex } from "../../core/answer-rows.ts";
import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { failureOutcome, isSuccess, jsonObject } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Quora publishes no codes. With these words, alone or between underscores, no API means the event. */
const PASSING = /(?:^|_)(?:rate|throttled|internal|timeout|unavailable)(?:_|$)/i;
const ABOUT_ACCOUNT = /(?:^|_)(?:unauthorized|unauthenticated|forbidden|permission)(?:_|$)/i;
const COPY = /(?:^|_)duplicate(?:d)?(?:_|$)/i;

/** Account and token stand beside the events: words about them in an answer to all of them are about the settings. */
const ABOUT_ACCESS = /\b(?:account|(?:access[ _]?)?token|unauthori[sz]ed|authenticat\w*|forbidden|permission)(?:\b|_)/i;

/**
 * What Quora's answer means for each event. It answers 200 also when events failed: each has a row with its place in
 * the request. An event without a row is taken when the counts leave no other reading.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const body = jsonObject(response.body);
  return isSuccess(response)
    ? fromRows(response, body ?? {}, count)
    : Array<Outcome>(count).fill(fromFailure(response, body));
}

function fromFailure(response: DestinationResponse, body: Fields | undefined): Outcome {
  const words = wordsOf(body ?? {});
  return failureOutcome(response, words, { isOfLane: ABOUT_ACCESS.test(words), isOfEdge: body === undefined });
}

function fromRows(response: DestinationResponse, body: Fields, count: number): readonly Outcome[] {
  const rows = rowsByIndex(body.events);
  const first = firstIndex(rows.keys(), count);
  const unplaced = withoutRow(response, body, { rows, first, count });
  return Array.from({ length: count }, (_, place) => {
    const row = rows.get(place + first);
    return row === undefined ? unplaced : rowOutcome(row, retryAfterMs(response));
  });
}

interface Rows {
  readonly rows: ReadonlyMap<number, Fields>;
  readonly first: number;
  readonly count: number;
}

/** What is true of the events that have no row. */
function withoutRow(response: DestinationResponse, body: Fields, { rows, first, count }: Rows): Outcome {
  const words = wordsOf(body);
  const said = words === "" ? "said nothing of this event" : words;
  const reason = `Quora answered ${response.status}: ${said}`;
  if (words !== "") return ABOUT_ACCESS.test(words) ? { kind: "unauthorized", reason } : retryOutcome(reason);
  // Rows for the failed ones only: then the counts tell that there are no others, if all of them are ours.
  const failed = [...rows.values()].filter(({ status }) => status !== "OK").length;
  const areOurs = [...rows.keys()].every((index) => index >= first && index < first + count);
  return areOurs && body.events_received === count && body.events_errored === failed
    ? { kind: "delivered" }
    : retryOutcome(reason);
}

function rowOutcome(
  { status, error_code: code, error_message: message }: Fields,
  afterMs: number | undefined,
): Outcome {
  const words = [code, message].filter((part) => typeof part === "string" && part !== "").join(": ");
  if (status === "OK") return { kind: "delivered" };
  if (typeof status !== "string") return retryOutcome("Quora gave the event no status");
  const reason = words === "" ? status : words;
  const names = [status, typeof code === "string" ? code : ""];
  if (names.some((name) => COPY.test(name))) return { kind: "delivered", note: reason };
  if (names.some((name) => ABOUT_ACCOUNT.test(name))) return { kind: "unauthorized", reason };
  return names.some((name) => PASSING.test(name)) ? retryOutcome(reason, afterMs) : { kind: "rejected", reason };
}

function wordsOf({ error, error_code: code, error_message: said, message }: Fields): string {
  const inner = isObject(error) ? [error.code, error.message] : [error];
  return [...inner, code, said, message].filter((part) => typeof part === "string" && part !== "").join(": ");
}
