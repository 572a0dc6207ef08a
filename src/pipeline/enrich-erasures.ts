import type { CanonicalEvent } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import { nobody, personIdFor } from "../core/identity.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import type { Erasures } from "./erasures.ts";
import type { IdentityStore } from "./identity.ts";
import { loggableId } from "./platform-words.ts";
import type { DeliveryStore, Log } from "./ports.ts";
import type { ReadRecord } from "./queued-record.ts";

/** What enrich needs to leave out what came before its person was erased. */
export interface EnrichErasurePorts {
  /** Lives as long as the container. Absent where nobody can have been erased: in a test of enrich. */
  readonly erasures?: Erasures;
  readonly identities: Pick<IdentityStore, "readPersons" | "savePerson">;
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
 * Ends an event of somebody who was erased. A worker that died may have had it before. The claim that it made stays, so
 * that a copy of the event is a copy, and tells nothing of the person any more; a person that it made and nothing leads to
 * yet is found by nobody else, so this empties it.
 */
export async function dropErased(
  event: CanonicalEvent,
  { identities, log, store }: Pick<EnrichErasurePorts, "identities" | "store" | "log">,
): Promise<void> {
  await store.forget(eventKey(event), event.source.id);
  const ids = [...new Set(graphIdentifiers(event).map(({ key }) => personIdFor(key)))];
  const persons = (await identities.readPersons(ids)).filter((person) => person !== undefined);
  const made = persons.filter((person) => person.created_at === event.received_at && person.merged_into === undefined);
  const emptied = await Promise.all(
    // Over at once, and not at the time 0 that says nothing yet: such old items stay in the table for ever.
    made.map(({ id, version }) =>
      identities.savePerson({ ...nobody(id, event.received_at), version, expires_at: event.received_at }),
    ),
  );
  if (!emptied.every(Boolean)) throw new Error("a person of an erased event kept changing");
  log.step({ event_id: loggableId(event.event_id), event_name: event.event_name, step: "erased" });
}
