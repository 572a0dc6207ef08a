import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isTransientStatus } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";

/**
 * What a receiver's status means. Its body is its own affair, except as words for the person who reads why an event
 * was refused. 410 asks us to stop, which only a person can undo.
 */
export function readAnswer(response: DestinationResponse): Outcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (isTransientStatus(status)) return retryOutcome(`HTTP ${status}`, retryAfterMs(response));
  if (status === 410) return { kind: "unauthorized", reason: "HTTP 410: the receiver has closed this endpoint" };
  if (status === 401 || status === 403) return { kind: "unauthorized", reason: withWords(response) };
  if (status >= 400) return { kind: "rejected", reason: withWords(response) };
  return retryOutcome(`HTTP ${status}: ${status >= 300 ? "redirects are not followed" : "not a final answer"}`);
}

function withWords({ status, body }: DestinationResponse): string {
  const words = /^\s*</.test(body) ? "" : body.trim();
  return words === "" ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}
