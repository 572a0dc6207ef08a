import type { DeliveryAttempt } from "../core/delivery-record.ts";

/** Attempts as short text, so that a receipt stays below the kilobyte that one unit of a write pays for. */
type PackedAttempt = [
  at: number,
  status: number,
  outcome: DeliveryAttempt["outcome"],
  batch: number,
  took: number,
  reason?: string,
];

/** Packs attempts; status 0 stands for no answer. */
export function packAttempts(attempts: readonly DeliveryAttempt[]): string {
  const packed = attempts.map(({ at, status, outcome, batch, took_ms, reason }): PackedAttempt => {
    const fixed = [at, status ?? 0, outcome, batch, took_ms] as const;
    return reason === undefined ? [...fixed] : [...fixed, reason];
  });
  return JSON.stringify(packed);
}

/** The attempts that `packAttempts` packed. */
export function unpackAttempts(text: string): DeliveryAttempt[] {
  return (JSON.parse(text) as PackedAttempt[]).map(([at, status, outcome, batch, took_ms, reason]) => ({
    at,
    ...(status === 0 ? {} : { status }),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    batch,
    took_ms,
  }));
}
