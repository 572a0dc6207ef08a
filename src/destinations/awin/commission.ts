/** A commission group with its part of an order's amount. */
export interface CommissionShare {
  readonly code: string;
  readonly cents: bigint;
}

/**
 * Splits an amount by weights so that the parts add up to it to the cent, which Awin checks: every group gets its part
 * rounded down, and the cents that are left go to those that lost most. Groups that come to nothing are left out, since
 * Awin refuses them; without any weight the amount is the fallback group's.
 */
export function commissionShares(
  totalCents: bigint,
  weights: ReadonlyMap<string, bigint>,
  fallback: string,
): readonly CommissionShare[] {
  const sum = [...weights.values()].reduce((all, weight) => all + weight, 0n);
  if (sum <= 0n) return [{ code: fallback, cents: totalCents }];
  const parts = [...weights].map(([code, weight]) => ({
    code,
    cents: (totalCents * weight) / sum,
    lost: (totalCents * weight) % sum,
  }));
  let left = totalCents - parts.reduce((all, { cents }) => all + cents, 0n);
  for (const part of parts.toSorted((a, b) => (a.lost === b.lost ? 0 : a.lost > b.lost ? -1 : 1))) {
    if (left === 0n) break;
    part.cents += 1n;
    left -= 1n;
  }
  return parts.filter(({ cents }) => cents > 0n).map(({ code, cents }) => ({ code, cents }));
}
