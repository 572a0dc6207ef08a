import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";

/** The receiver read the message and will never take this one: malformed, too large, of the wrong type, unprocessable. */
const FINAL = new Set([400, 413, 415, 422]);

/**
 * What a receiver's status means. Its body is its own affair, except as words for the person who reads why an event
 * was refused. 410 asks us to stop, which only a person can undo. Every other refusal may be a deployment under way (a
 * missing route, a wrong method, a lock): it is asked again until the lane's retry window ends, when the DLQ keeps the
 * event.
 */
export function readAnswer(response: DestinationResponse): Outcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 410) return { kind: "unauthorized", reason: "HTTP 410: the receiver has closed this endpoint" };
  if (status === 401 || status === 403) return { kind: "unauthorized", reason: withWords(response) };
  if (FINAL.has(status)) return { kind: "rejected", reason: withWords(response) };
  if (status >= 500 || status === 429 || status === 408) return retryOutcome(`HTTP ${status}`, retryAfterMs(response));
  if (status >= 400) return retryOutcome(withWords(response), retryAfterMs(response));
  return retryOutcome(`HTTP ${status}: ${status >= 300 ? "redirects are not followed" : "not a final answer"}`);
}

function withWords({ status, body }: DestinationResponse): string {
  const words = /^\s*</.test(body) ? "" : body.trim();
  return words === "" ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}
