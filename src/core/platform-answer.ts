import type { DestinationResponse } from "./destination.ts";
import type { Outcome } from "./outcome.ts";
import { retryAfterMs, retryOutcome } from "./retry-after.ts";
import { isObject, parseJson } from "./safe-json.ts";

/** The body when it is a JSON object, else undefined: platforms' edges answer with HTML, nothing, or half a document. */
export function jsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(body);
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
}

/**
 * A text, number or flag of a platform's JSON as text, and nothing for anything else: `String` throws on an object that
 * has a field `toString`, and on lists within lists without end.
 */
export function wordOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** True for statuses that say "not now": too early, too many, timed out, or the platform's own fault. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** A status by which something was taken; whether it was the events, only a body that is known can say. */
export function isSuccess({ status }: Pick<DestinationResponse, "status">): boolean {
  return status >= 200 && status < 300;
}

/**
 * True for statuses that say of the address that it takes nothing (any more). Where the address holds no id of an event's,
 * none is at fault: a person has to look, while the events are kept.
 */
export function isAddressRefusal({ status }: Pick<DestinationResponse, "status">): boolean {
  return status === 404 || status === 405 || status === 410;
}

/** What is kept of an answer: its status, and the platform's words when there are any. */
export function reasonOf({ status }: Pick<DestinationResponse, "status">, words = ""): string {
  return words === "" ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}

/**
 * What a status says by itself when it is no success: for all that a platform's own codes leave open. `words` are the
 * platform's. A 2xx that nothing confirms is asked again, and so is a redirect: neither is followed nor believed.
 */
export function statusOutcome(response: DestinationResponse, words?: string): Outcome {
  const { status } = response;
  const reason = reasonOf(response, words);
  if (status === 401 || status === 403 || isAddressRefusal(response)) return { kind: "unauthorized", reason };
  if (isTransientStatus(status) || status === 423) return retryOutcome(reason, retryAfterMs(response));
  return status >= 400 ? { kind: "rejected", reason } : retryOutcome(reason);
}

/** Whom a refusal is about, beside the events that it refuses. */
interface Blame {
  /** Its words are about account, settings or secret, which all events of the lane share. */
  readonly isOfLane: boolean;
  /** Nobody of the platform wrote it: an edge in between answers with HTML, or nothing. */
  readonly isOfEdge: boolean;
}

/**
 * What an answer that is no success means for its events: a status that would reject them for good does so only when
 * they can be at fault. An edge knows of a request that it is too large.
 */
export function failureOutcome(response: DestinationResponse, words: string, { isOfLane, isOfEdge }: Blame): Outcome {
  const outcome = statusOutcome(response, words);
  if (outcome.kind !== "rejected") return outcome;
  if (isOfLane) return { kind: "unauthorized", reason: outcome.reason };
  return isOfEdge && response.status !== 413 ? retryOutcome(outcome.reason) : outcome;
}

/**
 * Outcomes of a request that a platform refused as a whole and in which it named the guilty rows: those are rejected
 * with their reason, the others may go again at once. Undefined when no named row is one of ours; then nobody is
 * blamed, and the pipeline finds out by halving.
 */
export function blamedRows(count: number, reasons: ReadonlyMap<number, string>): Outcome[] | undefined {
  const rows = Array.from({ length: count }, (_, index) => reasons.get(index));
  if (rows.every((reason) => reason === undefined)) return undefined;
  return rows.map((reason) =>
    reason === undefined
      ? { kind: "retry", reason: "refused together with another event of the request", afterMs: 0 }
      : { kind: "rejected", reason },
  );
}
