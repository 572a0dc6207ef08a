import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

/** Braze's arrays; events stand in all of them at the same place, since orders in several objects go alone. */
const ARRAYS = new Set(["events", "purchases", "attributes"]);

/** One entry of `errors`; without a place it is about the request. */
interface BrazeError {
  readonly words: string;
  readonly array?: string;
  readonly index?: number;
}

/**
 * What Braze's answer means for each of `count` events. A 201 that says "success" may hold refusals of single objects,
 * by array and place. Source: https://www.braze.com/docs/api/endpoints/user_data/post_user_track#responses
 */
export function readAnswer(response: DestinationResponse, count: number): Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body) ?? {};
  const message = typeof body.message === "string" ? body.message.trim() : "";
  if (status < 200 || status >= 300) return fromFailure(response, body.errors, message, count);
  const errors = errorsIn(body.errors);
  if (message !== "success" || errors === undefined) {
    const outcome = retryOutcome(`HTTP ${status} is not how Braze takes events: ${message || "no message"}`);
    return all(count, outcome);
  }
  return Array.from({ length: count }, (_, place) => fromSuccess(errors, place, count));
}

function fromSuccess(errors: readonly BrazeError[], place: number, count: number): Outcome {
  const own = errors.filter((error) => isAt(error, place, count));
  const refusals = own.filter(({ array }) => array !== "attributes");
  if (refusals.length > 0) return { kind: "rejected", reason: `Braze refused it: ${wordsOf(refusals)}` };
  // Somebody's object was refused. To send all again would count the others twice.
  const unplaced = errors.filter((error) => error.index === undefined || error.index >= count);
  if (unplaced.length > 0 && own.length === 0) {
    return { kind: "rejected", reason: `Braze refused part of the request without saying which: ${wordsOf(unplaced)}` };
  }
  return own.length === 0
    ? { kind: "delivered" }
    : { kind: "delivered", note: `its profile attributes were refused: ${wordsOf(own)}` };
}

function fromFailure(response: DestinationResponse, listed: unknown, message: string, count: number): Outcome[] {
  const { status } = response;
  const errors = errorsIn(listed) ?? [];
  const words = [message, wordsOf(errors)].filter((part) => part !== "").join(": ");
  if (status === 401 || status === 403) {
    const hint = "the key may be another cluster's, revoked, or without users.track";
    return all(count, { kind: "unauthorized", reason: `HTTP ${status}: ${words || "refused"} (${hint})` });
  }
  if (status === 429) return all(count, retryOutcome(`HTTP 429: ${words || "too many requests"}`, waitMs(response)));
  if (words === "" && status !== 413) {
    // An edge answered in Braze's place: that says nothing about the events.
    return all(count, retryOutcome(`HTTP ${status} without Braze's words`, retryAfterMs(response)));
  }
  const blamed = status === 400 ? blamedRows(count, reasonsByPlace(errors, count)) : undefined;
  return blamed ?? all(count, statusOutcome(response, words));
}

function reasonsByPlace(errors: readonly BrazeError[], count: number): ReadonlyMap<number, string> {
  const places = Array.from({ length: count }, (_, place) => place);
  const reasons = places.map((place) => [place, wordsOf(errors.filter((error) => isAt(error, place, count)))] as const);
  return new Map(reasons.filter(([, words]) => words !== ""));
}

/** The first header is Braze's own; it holds what `Retry-After` holds. */
function waitMs({ headers }: DestinationResponse): number | undefined {
  const own = headers["x-ratelimit-retry-after"];
  return (
    (own === undefined ? undefined : retryAfterMs({ headers: { ...headers, "retry-after": own } })) ??
    retryAfterMs({ headers })
  );
}

/** A request with one event may hold many objects, and all of them are that event's. */
function isAt({ array, index }: BrazeError, place: number, count: number): boolean {
  if (array === undefined || index === undefined) return count === 1;
  return count === 1 || index === place;
}

/** Undefined when there is something and it is no list. */
function errorsIn(listed: unknown): BrazeError[] | undefined {
  if (listed === undefined || listed === null) return [];
  return Array.isArray(listed) ? listed.map(readError) : undefined;
}

function readError(entry: unknown): BrazeError {
  if (!isObject(entry)) return { words: typeof entry === "string" && entry !== "" ? entry : "no words" };
  const { type, input_array: array, index } = entry;
  const words = typeof type === "string" && type.trim() !== "" ? type.trim() : "no words";
  const isPlaced = typeof array === "string" && ARRAYS.has(array) && Number.isInteger(index) && Number(index) >= 0;
  return isPlaced ? { words, array, index: Number(index) } : { words };
}

function wordsOf(errors: readonly BrazeError[]): string {
  return [...new Set(errors.map(({ words }) => words))].join("; ");
}

function all(count: number, outcome: Outcome): Outcome[] {
  return Array.from({ length: count }, () => outcome);
}
