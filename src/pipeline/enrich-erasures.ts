import { type CanonicalEvent, eventKey } from "../core/event.ts";
import type { Erasures } from "./erasures.ts";
import { loggableId } from "./platform-words.ts";
import type { DeliveryStore, Log } from "./ports.ts";
import type { ReadRecord } from "./queued-record.ts";

/** What enrich needs to leave out what came before its person was erased. */
export interface EnrichErasurePorts {
  /** Lives as long as the container. Absent where nobody can have been erased: in a test of enrich. */
  readonly erasures?: Erasures;
  readonly store: Pick<DeliveryStore, "forget">;
  readonly log: Pick<Log, "step">;
}

type EventRecord = ReadRecord & { readonly kind: "event" };

/** The records whose person was erased after they were received: nothing may be learned from them, nor sent. */
export async function erasedAmong(
  read: readonly ReadRecord[],
  { erasures }: Pick<EnrichErasurePorts, "erasures">,
): Promise<ReadonlySet<ReadRecord>> {
  const events = read.filter((item): item is EventRecord => item.kind === "event");
  return (await erasures?.among(events, ({ event }) => event)) ?? new Set();
}

/**
 * Ends an event of somebody who was erased. A worker that died may have claimed it before: the claim stays, so that a
 * copy of it is a copy, and tells nothing of the person any more.
 */
export async function dropErased(
  event: CanonicalEvent,
  { log, store }: Pick<EnrichErasurePorts, "store" | "log">,
): Promise<void> {
  await store.forget(eventKey(event), event.source.id);
  log.step({ event_id: loggableId(event.event_id), event_name: event.event_name, step: "erased" });
}
