import type { BatchLedger } from "./batch-ledger.ts";
import { receipt } from "./delivery-receipt.ts";
import type { DeliverDeps, LaneItem } from "./lane.ts";

/** What claims take when the table does not answer, ms. */
export const CLAIM_MS = 10_000;

/** After this an event that another worker claimed is looked at again: nearly always it is done with by then. */
const CLAIM_LOST_SECONDS = 30;

/**
 * Marks events as under way, for a platform that would count a copy; answers those that are ours to send. The others
 * have gone on since we read them, in a worker with another copy of the message: they are looked at again later.
 */
export async function claimAttempts(
  items: readonly LaneItem[],
  { deps, ledger }: { readonly deps: DeliverDeps; readonly ledger: BatchLedger },
): Promise<LaneItem[]> {
  const { lane, log, metrics } = deps;
  const now = deps.clock.now();
  const results = await deps.store.claimAttempts(
    items.map((item) => ({
      record: receipt(lane.id, item, { state: "attempting", now }),
      previous: item.record,
    })),
  );
  const won = items.filter((_, index) => results[index]?.result === "won");
  for (const item of items) if (!won.includes(item)) ledger.leave(item.message, CLAIM_LOST_SECONDS);
  const failed = results.filter((it) => it.result === "failed");
  const [first] = failed;
  if (first !== undefined) {
    metrics.add("Deliveries", failed.length, { destination: lane.id, outcome: "retry" });
    log.error("attempts could not be claimed and were not made", {
      lane: lane.id,
      events: failed.length,
      error: first.error,
    });
  }
  return won;
}
