import type { ArchivedEvent } from "../core/archived-event.ts";
import { eventKey } from "../core/event-key.ts";
import { maskAll } from "../core/masking.ts";
import { present } from "../core/present.ts";
import { type StoredEvent, storedName, tracedDeliveries } from "../pipeline/trace.ts";
import type { EventRow } from "./contract/events.ts";

/** The line of an event of which something is stored; undefined when it is only a receipt that outlived its claim. */
export function storedRow(event: StoredEvent): EventRow | undefined {
  const { claim, quarantined, dedup_scope, event_id, name } = event;
  if (claim !== undefined) {
    const { story } = claim;
    const { order_id, value, currency, identity } = story;
    return {
      event_id,
      dedup_scope,
      name,
      event_time: story.event_time,
      received_at: story.received_at,
      source: story.source.id,
      ...present({ order_id, value, currency, person_id: identity.person_id }),
      destinations: statesOf(event),
    };
  }
  if (quarantined === undefined) return undefined;
  const { source, received_at } = quarantined;
  // When it happened is in what was refused, where nothing can be relied on.
  const row = { event_id, dedup_scope, name, event_time: received_at, received_at, source };
  return { ...row, destinations: [], quarantined: true };
}

/** The line of an archived event with what is stored of it; after the claim's time nothing is. */
export function archivedRow({ event }: ArchivedEvent, stored: StoredEvent): EventRow {
  const row = storedRow(stored);
  if (row !== undefined) return row;
  const { order_id, value, currency } = event;
  return {
    event_id: event.event_id,
    dedup_scope: event.source.dedup_scope,
    name: storedName(eventKey(event)),
    event_time: event.event_time,
    received_at: event.received_at,
    source: event.source.id,
    ...present({ order_id, value, currency, person_id: event.known?.person_id }),
    destinations: statesOf(stored),
  };
}

function statesOf(event: StoredEvent): EventRow["destinations"] {
  return tracedDeliveries(event).map(({ lane, state, record, decision }) => {
    const skip = record?.skip ?? (record === undefined ? decision?.skip : undefined);
    const reason = record?.reason ?? skip?.detail;
    return { lane, state, ...(reason === undefined ? {} : { reason }) };
  });
}

/** Rows as they are shown: newest first, and masked unless personal data may be seen. */
export function shownRows(rows: readonly EventRow[], personal: boolean): EventRow[] {
  const sorted = rows.toSorted((a, b) => b.received_at - a.received_at);
  return personal ? sorted : maskAll(sorted);
}
