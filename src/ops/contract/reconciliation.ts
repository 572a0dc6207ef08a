import type { ReconciledHour } from "../../core/reconciliation.ts";

/** One hour's account of each hop against the next, as the reconciliation keeps it. */
export type ReconciliationHour = Omit<ReconciledHour, "quality" | "sensitive">;
