import { z } from "zod/mini";
import { MATCH_QUALITY_VERSION } from "../core/match-quality.ts";
import { QualityTally, qualityRows } from "../core/quality-rollup.ts";
import type { QualityView } from "./contract/quality.ts";
import { type EventPorts, NAME } from "./event-filter.ts";
import { type ReconciliationPorts, recentAccounts } from "./reconciliation.ts";

/** Of the part of `GET /quality` that is added up hour by hour. */
export interface QualityReportPorts extends ReconciliationPorts {
  readonly config: EventPorts["config"];
}

/** What the report may be asked for; without `days` there is none. */
export const REPORT_INPUT = {
  /** Days until now, in whole hours. */
  days: z.optional(z.int().check(z.minimum(1), z.maximum(30))),
  source: z.optional(NAME),
  /** Canonical name; events of names of their own are together in `custom`. */
  name: z.optional(NAME),
  destination: z.optional(NAME),
};

interface Asked {
  readonly days?: number | undefined;
  readonly source?: string | undefined;
  readonly name?: string | undefined;
  readonly destination?: string | undefined;
}

/** Adds up the hours' accounts. How sound an identifier usually is comes from all of a lane's, whatever was asked for. */
export async function qualityReport(
  { days, destination, name, source }: Asked,
  ports: QualityReportPorts,
): Promise<QualityView["report"]> {
  if (days === undefined) return undefined;
  const tally = new QualityTally();
  let added = 0;
  for await (const account of recentAccounts(days, ports)) {
    if (account.quality?.version !== MATCH_QUALITY_VERSION) continue;
    added += 1;
    for (const cell of account.quality.cells) tally.merge(cell);
  }
  const rows = qualityRows(tally.cells())
    .filter((it) => (source ?? it.source) === it.source)
    .filter((it) => (name ?? it.event) === it.event && (destination ?? it.lane) === it.lane);
  const available = ports.config.archive !== undefined;
  return { available, hours: added, version: MATCH_QUALITY_VERSION, rows };
}
