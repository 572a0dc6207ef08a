import type { DestinationResponse } from "./destination.ts";

/**
 * The answer's `Retry-After` in ms, whether it is seconds or a date; undefined without a readable one. A date is
 * measured against the answer's own `Date`, so that neither clock has to be right.
 */
export function retryAfterMs(response: Pick<DestinationResponse, "headers">): number | undefined {
  const header = response.headers["retry-after"]?.trim();
  if (header === undefined || header === "") return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const wait = Date.parse(header) - Date.parse(response.headers.date ?? "");
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}

/** A `retry` outcome; without a wait the pipeline's own backoff decides. */
export function retryOutcome(reason: string, afterMs?: number): { kind: "retry"; reason: string; afterMs?: number } {
  return afterMs === undefined ? { kind: "retry", reason } : { kind: "retry", reason, afterMs };
}
