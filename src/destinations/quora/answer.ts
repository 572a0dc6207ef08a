import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Quora publishes no codes. With these words, alone or between underscores, no API means the event. */
const PASSING = /(?:^|_)(?:rate|throttled|internal|timeout|unavailable)(?:_|$)/i;
const ABOUT_ACCOUNT = /(?:^|_)(?:unauthorized|unauthenticated|forbidden|permission)(?:_|$)/i;
const COPY = /(?:^|_)duplicate(?:d)?(?:_|$)/i;

/**
 * What Quora's answer means for each event. It answers 200 also when events failed: each has a row with its place in
 * the request. An event without a row is taken when the counts leave no other reading.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body);
  if (status >= 200 && status < 300) return fromRows(response, body ?? {}, count);
  const words = wordsOf(body ?? {});
  // The address is the same for everybody: when it is gone, somebody has to look.
  const outcome: Outcome =
    status === 404
      ? { kind: "unauthorized", reason: words === "" ? "HTTP 404" : `HTTP 404: ${words}` }
      : statusOutcome(response, words);
  return Array.from({ length: count }, () => outcome);
}

function fromRows(response: DestinationResponse, body: Fields, count: number): readonly Outcome[] {
  const rows = rowsByIndex(body.events);
  const failed = [...rows.values()].filter(({ status }) => status !== "OK").length;
  // Rows for the failed ones only: then the counts tell that there are no others.
  const restIsTaken = body.events_received === count && body.events_errored === failed;
  const words = wordsOf(body);
  return Array.from({ length: count }, (_, index) => {
    const row = rows.get(index);
    if (row !== undefined) return rowOutcome(row, retryAfterMs(response));
    if (restIsTaken && words === "") return { kind: "delivered" };
    const said = words === "" ? "said nothing of this event" : words;
    return retryOutcome(`Quora answered ${response.status}: ${said}`);
  });
}

function rowsByIndex(rows: unknown): ReadonlyMap<number, Fields> {
  const found = Array.isArray(rows) ? rows.filter(isObject) : [];
  return new Map(found.flatMap((row) => (Number.isInteger(row.index) ? [[Number(row.index), row]] : [])));
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
