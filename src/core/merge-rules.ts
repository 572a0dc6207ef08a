import { SECOND_MS } from "./durations.ts";
import { type CanonicalEvent, EVENT_NAMES } from "./event.ts";

/** Which events wait for their other copy, and how long. */
export interface MergeRules {
  /** Canonical names, and own names of custom events. */
  readonly events: readonly string[];
  readonly windowSeconds: number;
  /** Dedup scopes that have a source on either side, where a second copy can come from. */
  readonly scopes: readonly string[];
}

/**
 * Until when the first copy of this event waits, epoch ms; undefined for one that does not. A test event does not:
 * somebody looks whether it arrives.
 */
export function waitsUntil(event: CanonicalEvent, rules: MergeRules | undefined, now: number): number | undefined {
  if (rules === undefined || event.test === true || !rules.scopes.includes(event.source.dedup_scope)) return undefined;
  const name = event.event_name === "custom" ? event.custom_name : event.event_name;
  if (name === undefined || !rules.events.includes(name)) return undefined;
  // The name of a custom event is the sender's, and may be spelt like one of ours.
  if (event.event_name === "custom" && (EVENT_NAMES as readonly string[]).includes(name)) return undefined;
  return now + rules.windowSeconds * SECOND_MS;
}
