import { carriedIdentifiers } from "../core/carried-identifiers.ts";
import type { EventStory } from "../core/delivery-record.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { mergeFieldsOf } from "../core/merge-fields.ts";
import { present } from "../core/present.ts";
import type { Routed } from "../core/routing.ts";
import { toldRemoved } from "../core/sensitive-data.ts";
import type { Identified } from "./identity.ts";
import { namelessDevice } from "./joined-copies.ts";
import type { ReadRecord } from "./queued-record.ts";

/** What enrich knows of an event besides the event. */
interface StoryFacts extends Pick<ReadRecord & { kind: "event" }, "problems" | "removed"> {
  /** Absent for an event that waits for no other copy. */
  readonly waitsUntil?: number | undefined;
}

/** What was decided about an event, to be stored with its claim. No values of the person in it. */
export function tellStory(
  event: CanonicalEvent,
  identified: Identified,
  routed: Routed,
  { problems, removed, waitsUntil }: StoryFacts,
): EventStory {
  const told = toldRemoved(removed);
  return {
    event_id_origin: event.event_id_origin,
    event_time: event.event_time,
    received_at: event.received_at,
    source: event.source,
    ...(event.order_id === undefined ? {} : { order_id: event.order_id }),
    ...(event.value === undefined ? {} : { value: event.value }),
    ...(event.currency === undefined ? {} : { currency: event.currency }),
    carried: carriedIdentifiers(event),
    ...(problems.length === 0 ? {} : { problems }),
    ...(told === undefined ? {} : { removed: told }),
    identity: {
      ...(identified.known === undefined ? {} : { person_id: identified.known.person_id }),
      filled: [...(identified.filled ?? [])],
      learned: [...identified.learned],
      ...(identified.found_by === undefined ? {} : { found_by: identified.found_by }),
    },
    consent: routed.seen,
    decisions: routed.decisions,
    ...(waitsUntil === undefined ? {} : { merge: waiting(waitsUntil, event, identified, routed) }),
  };
}

function waiting(
  until: number,
  event: CanonicalEvent,
  { is_named }: Identified,
  { seen, undecided }: Routed,
): NonNullable<EventStory["merge"]> {
  const whose =
    event.source.kind === "server" ? { names_person: is_named } : { device_keys: namelessDevice(event, seen) };
  return { until, fields: mergeFieldsOf(event), undecided: [...undecided], ...present(whose) };
}
