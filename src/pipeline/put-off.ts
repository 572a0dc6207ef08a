import type { BatchLedger } from "./batch-ledger.ts";
import { errorFields } from "./error-fields.ts";
import type { DeliverDeps, ReadMessage } from "./lane.ts";

/** When events are looked at again that a store was to be asked about, seconds. */
const ASK_AGAIN_SECONDS = 60;

/** A lane's work on one batch. */
export interface LaneScope {
  readonly deps: DeliverDeps;
  readonly ledger: BatchLedger;
}

/**
 * Puts off what may not be sent before a store has answered. Counted although nothing is written: a lane that cannot ask
 * would else be a lane without events.
 */
export function putOff(
  reads: Iterable<ReadMessage>,
  because: { readonly said: string; readonly error: unknown },
  { deps: { lane, log, metrics }, ledger }: LaneScope,
): void {
  const all = [...reads];
  metrics.add("Deliveries", all.length, { destination: lane.id, outcome: "retry" });
  log.error(because.said, { lane: lane.id, ...errorFields(because.error) });
  for (const { message } of all) ledger.leave(message, ASK_AGAIN_SECONDS);
}
