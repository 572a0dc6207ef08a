/**
 * How long the events queue hides a message that enrich gave back, by how often it had been received: seconds after the
 * first failure, after the second, and so on. What fails once is a throttled write or a lost race, gone in a moment; what
 * fails more often than this list is long waits for as long as the queue itself hides it.
 */
export const EARLY_RETURNS_SECONDS: readonly number[] = [2, 10, 30];

/** Seconds until a message that failed comes back; undefined: when the queue's own visibility timeout ends. */
export function earlyReturnSeconds(receiveCount: number): number | undefined {
  return EARLY_RETURNS_SECONDS[receiveCount - 1];
}
