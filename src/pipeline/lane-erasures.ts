import { type BatchLedger, errorFields } from "./batch-ledger.ts";
import type { DeliverDeps } from "./lane.ts";
import type { ReadMessage } from "./lane-triage.ts";

/** When events are looked at again of which nobody could tell whether their people were erased, seconds. */
const ASK_AGAIN_SECONDS = 60;

/**
 * Marks the events of people who were erased since they came: they go nowhere any more. Where that cannot be found out
 * nothing is sent, for what has left cannot be taken back.
 */
export async function withErasures(
  reads: readonly ReadMessage[],
  { deps, ledger }: { readonly deps: DeliverDeps; readonly ledger: BatchLedger },
): Promise<ReadMessage[]> {
  const { erasures, lane, log, metrics } = deps;
  if (erasures === undefined) return [...reads];
  try {
    const erased = await erasures.among(reads, ({ body }) => body.event);
    return reads.map((read) => (erased.has(read) ? { ...read, isErased: true } : read));
  } catch (error) {
    // Counted although nothing is written: a lane that cannot ask would else be a lane without events.
    metrics.add("Deliveries", reads.length, { destination: lane.id, outcome: "retry" });
    log.error("erasures could not be read; nothing was sent", { lane: lane.id, ...errorFields(error) });
    for (const { message } of reads) ledger.leave(message, ASK_AGAIN_SECONDS);
    return [];
  }
}
