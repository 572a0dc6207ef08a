import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Codes that speak of the moment or of the account and not of the event; every other one is about the event.
 * https://advertising.amazon.com/API/docs/en-us/amazon-ads/1-0/betas#tag/Events
 */
const PASSING: ReadonlySet<unknown> = new Set(["TOO_MANY_REQUESTS", "INTERNAL_ERROR", "CONFLICT"]);
const ABOUT_ACCOUNT: ReadonlySet<unknown> = new Set([
  "UNAUTHORIZED",
  "FORBIDDEN",
  "ACCESS_DENIED_FOR_MANAGER_ACCOUNT",
  "ACCOUNT_NOT_ELIGIBLE",
  "FEATURE_NOT_AVAILABLE",
  "FEATURE_DISCONTINUED",
  "PAYMENT_ISSUE",
  "UNSUPPORTED_MARKETPLACE",
]);

/**
 * What Amazon's answer means for each event. It answers 207 also when every event failed: only a row in `success` is a
 * delivery. An event in neither list is asked for again, which its id makes safe.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body);
  if (status >= 200 && status < 300) return fromRows(response, body ?? {}, count);
  const words = wordsOf(body ?? {});
  // The address holds no id of ours: what is not found is the account, in this region or at all.
  const outcome: Outcome =
    status === 404
      ? { kind: "unauthorized", reason: words === "" ? "HTTP 404" : `HTTP 404: ${words}` }
      : statusOutcome(response, words);
  return Array.from({ length: count }, () => outcome);
}

function fromRows(response: DestinationResponse, { success, error }: Fields, count: number): readonly Outcome[] {
  const [taken, failed] = [rowsByIndex(success), rowsByIndex(error)];
  const first = firstIndex([...taken.keys(), ...failed.keys()], count);
  return Array.from({ length: count }, (_, row) => {
    const failure = failed.get(row + first);
    if (failure !== undefined) return rowOutcome(failure, retryAfterMs(response));
    if (taken.has(row + first)) return { kind: "delivered" };
    return retryOutcome(`Amazon answered ${response.status} and said nothing of this event`);
  });
}

function rowsByIndex(rows: unknown): ReadonlyMap<number, Fields> {
  const found = Array.isArray(rows) ? rows.filter(isObject) : [];
  return new Map(found.flatMap((row) => (Number.isInteger(row.index) ? [[Number(row.index), row]] : [])));
}

/** The older of Amazon's two APIs counts rows from 1: so does an answer that has each of 1 to `count` and no 0. */
function firstIndex(indices: readonly number[], count: number): 0 | 1 {
  const distinct = new Set(indices);
  return distinct.size === count && !distinct.has(0) && distinct.has(count) ? 1 : 0;
}

function rowOutcome(row: Fields, afterMs: number | undefined): Outcome {
  const errors: readonly unknown[] = Array.isArray(row.errors) ? row.errors : [];
  const codes = errors.filter(isObject).map(({ code }) => code);
  const words = wordsOf(row);
  const reason = words === "" ? "refused without a reason" : words;
  if (codes.some((code) => ABOUT_ACCOUNT.has(code))) return { kind: "unauthorized", reason };
  // An event that is wrong as well would be refused again.
  return codes.length > 0 && codes.every((code) => PASSING.has(code))
    ? retryOutcome(reason, afterMs)
    : { kind: "rejected", reason };
}

/** Of a row or a whole answer: its errors with the fields they name, else its own code and message. */
function wordsOf(said: Fields): string {
  const errors: readonly unknown[] = Array.isArray(said.errors) ? said.errors : [];
  const lines = [...errors.filter(isObject), said].map(lineOf).filter((line) => line !== "");
  return [...new Set(lines)].join("; ");
}

function lineOf({ code, fieldLocation, message, details }: Fields): string {
  const parts = [code, fieldLocation, message ?? details];
  return parts.filter((part) => typeof part === "string" && part !== "").join(": ");
}
