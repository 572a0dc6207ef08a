import { firstIndex, rowsByIndex } from "../../core/answer-rows.ts";
import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { failureOutcome, isSuccess, jsonObject, reasonOf, wordOf } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Codes that speak of the moment: https://advertising.amazon.com/API/docs/en-us/amazon-ads/1-0/betas#tag/Events */
const PASSING: ReadonlySet<unknown> = new Set(["TOO_MANY_REQUESTS", "INTERNAL_ERROR", "CONFLICT"]);
/** Codes that speak of the account, as they also come with a 400; every other one is about the event. */
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
/** What all events of a lane have from its settings and its secret. */
const OF_SETTINGS = /\bdataSetName\b|\bAmazon-Ads-(?:AccountId|ClientId)\b/i;

/**
 * What Amazon's answer means for each event. It answers 207 also when every event failed: only a row in `success` is a
 * delivery. An event in neither list is asked for again, which its id makes safe.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const body = jsonObject(response.body);
  return isSuccess(response)
    ? fromRows(response, body ?? {}, count)
    : Array<Outcome>(count).fill(fromFailure(response, body));
}

function fromFailure(response: DestinationResponse, body: Fields | undefined): Outcome {
  const errors = errorsOf(body ?? {});
  const words = wordsOf(body ?? {});
  if (errors.some(({ code }) => PASSING.has(code)))
    return retryOutcome(reasonOf(response, words), retryAfterMs(response));
  // A 404 is of the account: there is none, in this region or at all.
  return failureOutcome(response, words, { isOfLane: errors.some(isOfAccount), isOfEdge: body === undefined });
}

function fromRows(response: DestinationResponse, { success, error }: Fields, count: number): readonly Outcome[] {
  const [taken, failed] = [rowsByIndex(success), rowsByIndex(error)];
  // The older of Amazon's two APIs counts from 1.
  const first = firstIndex([...taken.keys(), ...failed.keys()], count);
  return Array.from({ length: count }, (_, row) => {
    const failure = failed.get(row + first);
    if (failure !== undefined) return rowOutcome(failure, retryAfterMs(response));
    if (taken.has(row + first)) return { kind: "delivered" };
    return retryOutcome(`Amazon answered ${response.status} and said nothing of this event`);
  });
}

function rowOutcome(row: Fields, afterMs: number | undefined): Outcome {
  const errors = errorsOf(row);
  const words = wordsOf(row);
  const reason = words === "" ? "refused without a reason" : words;
  if (errors.some(isOfAccount)) return { kind: "unauthorized", reason };
  const codes = errors.map(({ code }) => code).filter((code) => code !== undefined);
  // An event that is wrong as well would be refused again.
  return codes.length > 0 && codes.every((code) => PASSING.has(code))
    ? retryOutcome(reason, afterMs)
    : { kind: "rejected", reason };
}

function isOfAccount({ code, fieldLocation, message, details }: Fields): boolean {
  return (
    ABOUT_ACCOUNT.has(code) || [fieldLocation, message, details].flat().some((said) => OF_SETTINGS.test(wordOf(said)))
  );
}

/** Of a row or a whole answer: its list of errors, and itself, which may be one. */
function errorsOf(said: Fields): readonly Fields[] {
  const errors: readonly unknown[] = Array.isArray(said.errors) ? said.errors : [];
  return [...errors.filter(isObject), said];
}

/** The errors with the fields they name. */
function wordsOf(said: Fields): string {
  const lines = errorsOf(said)
    .map(lineOf)
    .filter((line) => line !== "");
  return [...new Set(lines)].join("; ");
}

function lineOf({ code, fieldLocation, message, details }: Fields): string {
  const parts = [code, fieldLocation, message ?? details];
  return parts.filter((part) => typeof part === "string" && part !== "").join(": ");
}
