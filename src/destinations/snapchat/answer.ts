import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isSuccess, jsonObject, reasonOf, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

/** `status` of an answer, or of one event of a validation, that says yes. */
const TAKEN: ReadonlySet<unknown> = new Set(["VALID", "SUCCESS"]);
/** What Snapchat says with every success; not worth keeping with each event. */
const USUAL_WORDS = "Events have been processed successfully.";
/** `status` that says no. What is neither may be Snapchat's own trouble, and is asked again. */
const REFUSED = "INVALID";
/**
 * A token that is wrong has been seen answered with 400, which would else reject events for good; so might an id of the
 * settings be that is none of Snapchat's.
 */
const ABOUT_ACCESS =
  /\b(?:token|unauthori[sz]ed|not authori[sz]ed|permission|(?:pixel|snap app|asset)[ _]id|(?:invalid|unknown|no such) (?:pixel|snap app|asset))\b/i;

type Body = Readonly<Record<string, unknown>>;

/**
 * What Snapchat's answer means for each event. Its `status` word decides, since a refusal may come with a 200, and only
 * that word is a delivery. Of live requests it says nothing about single events; a validation lists them in order.
 * Source: https://github.com/Snapchat/business-sdk-v3-java (`EventResponse`, `ValidateResponse`).
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const body = jsonObject(response.body);
  return rowOutcomes(response, body, count) ?? Array<Outcome>(count).fill(requestOutcome(response, body));
}

function requestOutcome(response: DestinationResponse, body: Body | undefined): Outcome {
  const words = body === undefined ? "" : wordsOf(body);
  if (isSuccess(response) && TAKEN.has(body?.status)) return delivered(words === USUAL_WORDS ? "" : words);
  if (isRefusal(response) || (isSuccess(response) && body?.status === REFUSED)) return refusal(response, body, words);
  // Of an asset that does not exist there is nothing to send to: a person has to correct the id.
  if (response.status === 404) return { kind: "unauthorized", reason: reasonOf(response, words) };
  return statusOutcome(response, words);
}

function refusal(response: DestinationResponse, body: Body | undefined, words: string): Outcome {
  const reason = reasonOf(response, words);
  if (ABOUT_ACCESS.test(words)) return { kind: "unauthorized", reason };
  // An edge answered in Snapchat's place: HTML or nothing says nothing about the events.
  return body === undefined ? retryOutcome(reason, retryAfterMs(response)) : { kind: "rejected", reason };
}

/** One outcome per event where the answer has one row for each; undefined when it does not. */
function rowOutcomes(
  response: DestinationResponse,
  body: Body | undefined,
  count: number,
): readonly Outcome[] | undefined {
  const rows = Array.isArray(body?.event_logs) ? body.event_logs : [];
  if (rows.length !== count || !rows.every(isObject)) return undefined;
  if (isSuccess(response)) return rows.map((row) => rowOutcome(response, row));
  if (!isRefusal(response)) return undefined;
  const refused = rows.map((row, index) => [index, row] as const).filter(([, row]) => row.status === REFUSED);
  return blamedRows(count, new Map(refused.map(([index, row]) => [index, reasonOf(response, wordsOf(row))])));
}

function rowOutcome(response: DestinationResponse, row: Body): Outcome {
  if (TAKEN.has(row.status)) return delivered(warningsOf(row));
  const reason = reasonOf(response, wordsOf(row));
  return row.status === REFUSED ? { kind: "rejected", reason } : retryOutcome(reason);
}

function delivered(note: string): Outcome {
  return note === "" ? { kind: "delivered" } : { kind: "delivered", note };
}

/** The statuses of a request that was read and is wrong. */
function isRefusal({ status }: DestinationResponse): boolean {
  return status === 400 || status === 422;
}

function wordsOf({ reason, message, errors }: Body): string {
  const details = isObject(errors) ? [errors.codes, errors.error_msgs] : [errors];
  return [...new Set([reason, message, ...details.flat(2)].filter((word) => typeof word === "string"))].join("; ");
}

function warningsOf({ warnings }: Body): string {
  return Array.isArray(warnings) ? warnings.filter((warning) => typeof warning === "string").join("; ") : "";
}
