import type { Seeded } from "./seeded.ts";

/**
 * What the network and the services do to one call.
 *
 * - `refused`: an error, and nothing happened: throttled, 5xx, no connection
 * - `lost`: it happened, and the answer never came
 * - `late`: the caller gave up waiting, and it happened after that
 * - `twice`: the first answer was lost, the SDK asked again, and it happened twice
 * - `hangs`: neither effect nor answer, until the function is stopped
 * - `dies_before`, `dies_after`: the worker is gone before the call had its effect, or right after
 */
export type Fault = "none" | "slow" | "refused" | "lost" | "late" | "twice" | "hangs" | "dies_before" | "dies_after";

/** Share of calls that meet each fault. */
export type FaultShares = Readonly<Partial<Record<Exclude<Fault, "none">, number>>>;

/** Decides about every fault of a run, and remembers those that struck. */
export interface FaultPlan {
  decide(point: string, shares: FaultShares): Fault;
  /** A fault that is no call's: a message handed out twice, an invocation throttled. */
  strikes(point: string, share: number): boolean;
  /** Faults that struck, as names that `without` takes. */
  readonly struck: readonly string[];
  /** Every point that was decided about, in order. */
  readonly visited: readonly string[];
}

export interface FaultPlanOptions {
  readonly seeded: Seeded;
  /** Epoch ms from which nothing goes wrong any more. */
  readonly endsAt: number;
  readonly now: () => number;
  /** Faults that are left out, to find those that a failure needs. */
  readonly without: ReadonlySet<string>;
  /** Faults that strike at these points, whatever the shares and the time say. */
  readonly forced: ReadonlyMap<string, Fault>;
  readonly tell: (line: string) => void;
}

/** The faults of one run. */
export function createFaultPlan({ endsAt, forced, now, seeded, tell, without }: FaultPlanOptions): FaultPlan {
  const struck: string[] = [];
  const visited: string[] = [];
  function hit(name: string): boolean {
    if (without.has(name)) return false;
    struck.push(name);
    tell(`FAULT ${name}`);
    return true;
  }
  return {
    struck,
    visited,
    decide(point, shares) {
      visited.push(point);
      const given = forced.get(point);
      if (given !== undefined) return hit(`${point} ${given}`) ? given : "none";
      if (now() >= endsAt) return "none";
      let drawn = seeded.fraction(`fault ${point}`);
      for (const [fault, share] of Object.entries(shares) as [Exclude<Fault, "none">, number][]) {
        if (drawn < share) return hit(`${point} ${fault}`) ? fault : "none";
        drawn -= share;
      }
      return "none";
    },
    strikes: (point, share) => now() < endsAt && seeded.chance(`fault ${point}`, share) && hit(point),
  };
}
