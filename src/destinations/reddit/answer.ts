import type { DestinationResponse } from "../../core/destination.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isSuccess, jsonObject, reasonOf, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Body = Readonly<Record<string, unknown>>;
type Sent = readonly Pick<CanonicalEvent, "event_id">[];

/** Words about the token or the pixel, which are the lane's and not the event's, whatever refusal they come with. */
const ABOUT_ACCESS =
  /\b(?:unauthorized|not authorized|(?:access|bearer) token|adsconversions|pixel[ _]id|(?:invalid|unknown|no such) pixel)\b/i;

/**
 * What Reddit's answer means for each event. It processes a request whole or not at all, and where it names the guilty
 * events, those are rejected and the others go again. Only a message that it processed every event is a delivery.
 * Source: https://ads-api.reddit.com/docs/v3/capi-direct-integration
 */
export function readAnswer(response: DestinationResponse, sent: Sent): readonly Outcome[] {
  const body = jsonObject(response.body);
  const isRefusal = isRefused(response, body);
  const named =
    isRefusal || isSuccess(response) ? blamedRows(sent.length, namedEvents(response, body, sent)) : undefined;
  if (named !== undefined) return named;
  const outcome = isSuccess(response) ? success(response, body, sent.length) : failure(response, body, isRefusal);
  return sent.map(() => outcome);
}

/** JSON of a wrong type has been seen refused with 403, which else speaks of the token and would stop the lane. */
function isRefused({ status }: DestinationResponse, body: Body | undefined): boolean {
  return status === 400 || status === 422 || (status === 403 && /^JSON error\b/i.test(wordsOf(body)));
}

// Reddit documents one sentence, with the number in it. Any other may say the opposite, and copies are dropped.
function success(response: DestinationResponse, body: Body | undefined, count: number): Outcome {
  const message = isObject(body?.data) && typeof body.data.message === "string" ? body.data.message : "";
  const words = [message, wordsOf(body)].filter((word) => word !== "").join("; ");
  const processed = /\bprocessed (\d+)\b/i.exec(message)?.[1];
  if (processed === undefined || body?.error !== undefined) return statusOutcome(response, words);
  if (Number(processed) === count) return { kind: "delivered" };
  return retryOutcome(`Reddit answered ${response.status} with ${processed} of ${count} events as processed`);
}

function failure(response: DestinationResponse, body: Body | undefined, isRefusal: boolean): Outcome {
  const words = wordsOf(body);
  const reason = reasonOf(response, words);
  // A pixel that does not exist, or that the token may not see: a person has to correct it.
  if (response.status === 404) return { kind: "unauthorized", reason };
  if (!isRefusal) return statusOutcome(response, words);
  if (ABOUT_ACCESS.test(words)) return { kind: "unauthorized", reason };
  // An edge answered in Reddit's place: HTML or nothing says nothing about the events.
  return body === undefined ? retryOutcome(reason, retryAfterMs(response)) : { kind: "rejected", reason };
}

/** Reasons by place in the request, from either way in which Reddit points at events. */
function namedEvents(response: DestinationResponse, body: Body | undefined, sent: Sent): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  const blame = (index: number, words: string) => {
    const earlier = reasons.get(index);
    reasons.set(index, earlier === undefined ? reasonOf(response, words) : `${earlier}; ${words}`);
  };
  for (const { field, message } of fieldsOf(body)) {
    const index = /\bevents(?:\[(\d+)\]|\.(\d+)\b)/.exec(field);
    if (index !== null) blame(Number(index[1] ?? index[2]), `${field}: ${message}`);
  }
  for (const { id, message } of invalidEvents(body)) {
    // Two events may have one id, as a purchase and its refund: both are suspected, and at worst one goes for nothing.
    for (const [index, { event_id }] of sent.entries()) if (event_id === id) blame(index, message);
  }
  return reasons;
}

/** `error.fields` of v3: which field of the request is wrong, and why. */
function fieldsOf(body: Body | undefined): { field: string; message: string }[] {
  const fields = isObject(body?.error) && Array.isArray(body.error.fields) ? body.error.fields : [];
  return fields
    .filter(isObject)
    .flatMap(({ field, message }) =>
      typeof field === "string" ? [{ field, message: typeof message === "string" ? message : "is refused" }] : [],
    );
}

/** `invalid_events`, which repeats each event with what is wrong with it; ours are known by their conversion id. */
function invalidEvents(body: Body | undefined): { id: unknown; message: string }[] {
  const listed = Array.isArray(body?.invalid_events) ? body.invalid_events : [];
  return listed.filter(isObject).map(({ event, error_message: message }) => {
    const metadata = isObject(event) ? (event.metadata ?? event.event_metadata) : undefined;
    const id = isObject(metadata) ? metadata.conversion_id : undefined;
    return { id, message: typeof message === "string" ? message : "is refused" };
  });
}

function wordsOf(body: Body | undefined): string {
  const error = isObject(body?.error) ? body.error : {};
  const fields = fieldsOf(body).map(({ field, message }) => `${field}: ${message}`);
  const words = [error.message, error.reason, error.explanation, body?.message, ...fields];
  return [...new Set([...words, ...invalidEvents(body).map(({ message }) => message)])]
    .filter((word) => typeof word === "string" && word !== "")
    .join("; ");
}
