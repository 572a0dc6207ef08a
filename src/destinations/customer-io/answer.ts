import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isAddressRefusal, isSuccess, jsonObject, reasonOf, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

/** Where the entries of one event stand in the batch. */
export interface Places {
  /** Of the update of the profile, where there is one. */
  readonly profile?: number;
  readonly event: number;
}

/** One entry of `errors`; without an index it is about the request. */
interface CustomerIoError {
  readonly words: string;
  readonly index?: number;
}

const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * What Customer.io's answer means for each event of the batch. 200 with an empty object: all are taken; 207: all but
 * those that its errors name by place. Source: https://docs.customer.io/api/track/#operation/batch
 */
export function readAnswer(response: DestinationResponse, places: readonly Places[]): Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body);
  if (!isSuccess(response)) {
    const outcome = fromFailure(response, wordsOf(errorsIn(body)));
    return places.map(() => outcome);
  }
  const errors = errorsIn(body);
  if (status === 200 && body !== undefined && isEmpty(body)) return places.map(() => ({ kind: "delivered" }));
  if (status !== 207 || errors.length === 0) {
    const said = errors.length === 0 ? "" : `: ${wordsOf(errors)}`;
    const outcome = retryOutcome(`HTTP ${status} is not how Customer.io takes a batch${said}`);
    return places.map(() => outcome);
  }
  const most = Math.max(...places.map(({ event }) => event));
  const unplaced = errors.filter(({ index }) => index === undefined || index > most);
  if (unplaced.length === 0) return places.map((place) => fromParts(errors, place));
  const reason = `Customer.io refused part of the batch without saying which: ${wordsOf(unplaced)}`;
  // Copies are ignored, so that all may go again until the culprit is alone.
  return places.length === 1 ? [{ kind: "rejected", reason }] : places.map(() => retryOutcome(reason));
}

function fromParts(errors: readonly CustomerIoError[], { profile, event }: Places): Outcome {
  const refusals = errors.filter(({ index }) => index === event);
  if (refusals.length > 0) return { kind: "rejected", reason: `Customer.io refused it: ${wordsOf(refusals)}` };
  const notes = profile === undefined ? [] : errors.filter(({ index }) => index === profile);
  return notes.length === 0
    ? { kind: "delivered" }
    : { kind: "delivered", note: `its profile attributes were refused: ${wordsOf(notes)}` };
}

function fromFailure(response: DestinationResponse, words: string): Outcome {
  const { status } = response;
  if (REDIRECTS.has(status)) {
    return { kind: "unauthorized", reason: `HTTP ${status}: the account is in the other region, set region to it` };
  }
  if (status === 401 || status === 403) {
    const hint = "siteId and apiKey must be of one workspace, and of the region that the lane is set to";
    return { kind: "unauthorized", reason: `HTTP ${status}: ${words || "refused"} (${hint})` };
  }
  if (isAddressRefusal(response)) return { kind: "unauthorized", reason: reasonOf(response, words) };
  // An edge answered in Customer.io's place: that says nothing about the events.
  if (words === "" && status !== 413) {
    return retryOutcome(`HTTP ${status} without Customer.io's words`, retryAfterMs(response));
  }
  return statusOutcome(response, words);
}

/** `errors` of the second version of the API, or `meta` of what stands before it. */
function errorsIn(body: Readonly<Record<string, unknown>> | undefined): CustomerIoError[] {
  const { errors, meta } = body ?? {};
  if (Array.isArray(errors)) return errors.map(readError);
  const said = isObject(meta) ? (meta.errors ?? meta.error) : undefined;
  return (Array.isArray(said) ? said : [said]).filter((words) => typeof words === "string").map((words) => ({ words }));
}

function readError(entry: unknown): CustomerIoError {
  if (!isObject(entry)) return { words: typeof entry === "string" && entry !== "" ? entry : "no words" };
  const { batch_index: index, reason, field, message } = entry;
  const words = [reason, field, message].filter((part) => typeof part === "string" && part.trim() !== "").join(": ");
  return {
    words: words || "no words",
    ...(Number.isInteger(index) && Number(index) >= 0 ? { index: Number(index) } : {}),
  };
}

function isEmpty(body: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(body);
  return names.length === 0 || (names.length === 1 && Array.isArray(body.errors) && body.errors.length === 0);
}

function wordsOf(errors: readonly CustomerIoError[]): string {
  return [...new Set(errors.map(({ words }) => words))].join("; ");
}
