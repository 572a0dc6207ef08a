import { z } from "zod/mini";
import { HOUR_MS } from "../core/durations.ts";
import type { ReconciledHour } from "../core/reconciliation.ts";
import type { Clock } from "../pipeline/ports.ts";
import type { ReconciliationStore } from "../pipeline/reconcile-ports.ts";
import { list } from "./answer-fields.ts";
import type { Page } from "./contract/page.ts";
import type { ReconciliationHour } from "./contract/reconciliation.ts";
import { defineRoute } from "./route.ts";

/** Of the route of the reconciliation. */
export interface ReconciliationPorts {
  readonly reconciliation: Pick<ReconciliationStore, "read">;
  readonly clock: Pick<Clock, "now">;
}

/** Hours are read key by key: more days would make one answer too long, and the accounts live no longer anyway. */
const MAX_DAYS = 90;

const COUNT = z.number();
const LANE = z.object({
  lane: z.string(),
  expected: COUNT,
  outcomes: z.readonly(z.record(z.string(), COUNT)),
  waiting: COUNT,
  unexplained: COUNT,
});
const HOUR = z.object({
  hour: z.number(),
  judged_at: z.number(),
  settled: z.boolean(),
  accepted: COUNT,
  refused: COUNT,
  claimed: COUNT,
  duplicates: COUNT,
  quarantined: COUNT,
  dropped_by_queue: COUNT,
  missing: COUNT,
  archived: z.exactOptional(COUNT),
  unarchived: COUNT,
  unreadable: COUNT,
  lanes: list(LANE),
  differences: list(z.string()),
});

/** `GET /reconciliation`: what a run has not judged yet is not in the list. */
export const listReconciliation = defineRoute({
  method: "GET",
  path: "/reconciliation",
  permission: "read",
  summary: "Hour by hour, newest first: what came in, what each hop has of it, and what nothing explains",
  input: z.object({ days: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(MAX_DAYS))) }),
  answer: z.object({ items: list(HOUR) }),
  async run({ days = 1 }, { clock, reconciliation }: ReconciliationPorts): Promise<Page<ReconciliationHour>> {
    const current = Math.floor(clock.now() / HOUR_MS) * HOUR_MS;
    // One hour more than the days hold: the newest that can be judged ended over an hour ago.
    const hours = Array.from({ length: days * 24 + 1 }, (_, index) => current - (index + 1) * HOUR_MS);
    const judged = await reconciliation.read(hours);
    return { items: judged.flatMap((it) => (it === undefined ? [] : [withoutRollups(it)])) };
  },
});

/** Accounts that are held at once: one may be half a megabyte, and a month has 720. */
const ACCOUNTS_AT_ONCE = 48;

/** The accounts of these days until now, in whole hours, newest first: for whoever adds them up. */
export async function* recentAccounts(
  days: number,
  { clock, reconciliation }: ReconciliationPorts,
): AsyncGenerator<ReconciledHour> {
  const current = Math.floor(clock.now() / HOUR_MS) * HOUR_MS;
  const hours = Array.from({ length: days * 24 }, (_, index) => current - (index + 1) * HOUR_MS);
  for (let start = 0; start < hours.length; start += ACCOUNTS_AT_ONCE) {
    const accounts = await reconciliation.read(hours.slice(start, start + ACCOUNTS_AT_ONCE));
    for (const account of accounts) if (account !== undefined) yield account;
  }
}

/** Hundreds of rows an hour, which `GET /quality` and `GET /sensitive` add up for whoever wants them. */
function withoutRollups({ quality: _, sensitive: __, ...account }: ReconciledHour): ReconciliationHour {
  return account;
}
