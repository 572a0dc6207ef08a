import type { SensitiveCell } from "../../core/sensitive-rollup.ts";

/** What was taken out of events as sensitive over whole hours, where, and what to mend; the most frequent first. */
export interface SensitiveReport {
  /** False where the archive is turned off: nothing is added up then. */
  readonly available: boolean;
  /** Hours in it; the reconciliation has not read younger ones yet. */
  readonly hours: number;
  readonly items: readonly (SensitiveCell & { readonly todo: string })[];
}
