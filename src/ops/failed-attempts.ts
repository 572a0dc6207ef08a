import { MINUTE_MS } from "../core/durations.ts";

/** Wrong keys that one address may send within a minute before it is asked to wait. */
const MOST_PER_MINUTE = 20;

/** Addresses that are counted at once: who has more of them than that is not stopped by counting. */
const MOST_ADDRESSES = 1_000;

/**
 * Counts wrong keys, in one container. Nobody guesses 256 bits; what this saves is the table read of each try, and lines
 * in the log.
 */
export interface FailedAttempts {
  /** Seconds to wait when this address has tried too often, else undefined. */
  retryAfterSeconds(ip: string): number | undefined;
  /** Counts one, and answers how many it is in this minute over all addresses. */
  add(ip: string): number;
}

/** Counts by minutes of `now`, epoch ms. */
export function createFailedAttempts(now: () => number): FailedAttempts {
  let minute = 0;
  let total = 0;
  const byAddress = new Map<string, number>();
  const turn = () => {
    const current = Math.floor(now() / MINUTE_MS);
    if (current === minute) return;
    minute = current;
    total = 0;
    byAddress.clear();
  };
  return {
    retryAfterSeconds(ip) {
      turn();
      if ((byAddress.get(ip) ?? 0) < MOST_PER_MINUTE) return undefined;
      return Math.ceil(((minute + 1) * MINUTE_MS - now()) / 1000);
    },
    add(ip) {
      turn();
      total += 1;
      if (byAddress.has(ip) || byAddress.size < MOST_ADDRESSES) byAddress.set(ip, (byAddress.get(ip) ?? 0) + 1);
      return total;
    },
  };
}
