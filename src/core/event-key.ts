import type { CanonicalEvent, EventName } from "./event.ts";

/** What identifies one logical event: a second copy with the same key is a duplicate. */
export interface EventKey {
  dedup_scope: string;
  event_name: EventName;
  custom_name?: string;
  event_id: string;
}

/** The key of an event. */
export function eventKey(event: CanonicalEvent): EventKey {
  return {
    dedup_scope: event.source.dedup_scope,
    event_name: event.event_name,
    ...(event.custom_name === undefined ? {} : { custom_name: event.custom_name }),
    event_id: event.event_id,
  };
}

/** One text for each event, to look it up by within a run; stored nowhere. */
export function eventKeyText({ custom_name, dedup_scope, event_id, event_name }: EventKey): string {
  return JSON.stringify([dedup_scope, event_name, custom_name, event_id]);
}
