import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isSuccess, jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

/** Braze's arrays; events stand in all of them at the same place, since orders in several objects go alone. */
const ARRAYS = new Set(["events", "purchases", "attributes"]);

type Body = Readonly<Record<string, unknown>>;

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
  const body: Body = jsonObject(response.body) ?? {};
  const message = typeof body.message === "string" ? body.message.trim() : "";
  if (!isSuccess(response)) return fromFailure(response, body.errors, message, count);
  const errors = errorsIn(body.errors);
  if (message !== "success" || errors === undefined) {
    const outcome = retryOutcome(`HTTP ${status} is not how Braze takes events: ${message || "no message"}`);
    return all(count, outcome);
  }
  return Array.from({ length: count }, (_, place) => fromSuccess(errors, place, count, processedIn(body)));
}

function fromSuccess(
  errors: readonly BrazeError[],
  place: number,
  count: number,
  processed: number | undefined,
): Outcome {
  const own = errors.filter((error) => error.index !== undefined && isAt(error, place, count));
  const refusals = own.filter(({ array }) => array !== "attributes");
  if (refusals.length > 0) {
    // Of the objects of one order some may count already.
    const refused = count === 1 && processed !== undefined && processed > 0 ? "refused part of it" : "refused it";
    return { kind: "rejected", reason: `Braze ${refused}: ${wordsOf(refusals)}` };
  }
  const unplaced = errors.filter(({ index }) => index === undefined || (count > 1 && index >= count));
  if (own.length > 0) return { kind: "delivered", note: `its profile attributes were refused: ${wordsOf(own)}` };
  if (unplaced.length > 0) return leftOpen(unplaced, count, processed);
  if (errors.length > 0 || processed === undefined || processed >= count) return { kind: "delivered" };
  return {
    kind: "delivered",
    note: `Braze counts ${processed} of ${count} as processed, and says nothing of the others`,
  };
}

/**
 * Somebody's object was refused, and nobody says whose. The others count already: whoever saw them as rejected would send
 * them again, and count them twice.
 */
function leftOpen(unplaced: readonly BrazeError[], count: number, processed: number | undefined): Outcome {
  const words = `Braze refused part of the request without saying which: ${wordsOf(unplaced)}`;
  const isRefused = processed === undefined ? count === 1 : processed === 0;
  return isRefused ? { kind: "rejected", reason: words } : { kind: "delivered", note: words };
}

/** How many events and purchases Braze says that it took; undefined when it does not say. */
function processedIn({ events_processed: events, purchases_processed: purchases }: Body): number | undefined {
  const counts = [events, purchases].filter((each) => typeof each === "number");
  return counts.length === 0 ? undefined : counts.reduce((sum, each) => sum + each, 0);
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
  // The address is ours and the cluster's: a person has to look, while the events are kept.
  if (status === 404 || status === 405) return all(count, { kind: "unauthorized", reason: `HTTP ${status}: ${words}` });
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
