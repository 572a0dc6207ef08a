import { createHash } from "node:crypto";
import { contactText } from "../../core/contact-text.ts";
import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { eventKey } from "../../core/event-key.ts";
import { ownBrowserId } from "../../core/own-ids.ts";
import { mappedProperties } from "./fields.ts";
import type { HubspotSettings } from "./settings.ts";

/** Longer values fail the request. https://developers.hubspot.com/docs/api-reference/latest/events/send-event-data/guide */
const LONGEST_VALUE = 256;
const LONGEST_ADDRESS = 1024;
/** HubSpot's own properties for addresses of pages. */
const ADDRESSES = new Set(["hs_url", "hs_referrer"]);

const EVENT_NAME = /^(?:pe\d{1,15}_)?[a-z][a-z0-9_]{0,49}$/;
const QUALIFIED = /^pe\d{1,15}_/;

/** Whether it can be the internal name of a custom event, with the hub's prefix or without. */
export function isEventName(name: string): boolean {
  return EVENT_NAME.test(name);
}

/** The name with the prefix that every custom event of the hub has. */
export function qualifiedName(name: string, { portalId }: HubspotSettings): string {
  return QUALIFIED.test(name) ? name : `pe${portalId}_${name}`;
}

/** Who did it: an e-mail, else HubSpot's cookie. Undefined when neither is there. */
export function actor(event: CanonicalEvent): { email: string } | { utk: string } | undefined {
  const email = emailInClear(contactText(event, "email"));
  if (email !== undefined) return { email };
  const utk = ownBrowserId(event, "hubspotutk");
  return utk !== undefined && /^[0-9a-f]{32}$/i.test(utk) ? { utk } : undefined;
}

/** One occurrence of a custom event. `eventName` is qualified. */
export function occurrence(event: CanonicalEvent, eventName: string, settings: HubspotSettings, now: number) {
  return {
    eventName,
    ...actor(event),
    occurredAt: new Date(Math.min(event.event_time, now)).toISOString(),
    uuid: occurrenceId(event, eventName),
    properties: mappedProperties(event, settings.properties, longest),
  };
}

/**
 * The same UUID on every attempt: of two occurrences with one id HubSpot keeps the first, for a year. Made of the event's
 * key as version 5 is, with SHA-256; and of the name, since two lanes may send one event under two.
 */
function occurrenceId(event: CanonicalEvent, eventName: string): string {
  const { dedup_scope, event_name, custom_name, event_id } = eventKey(event);
  const key = JSON.stringify([eventName, dedup_scope, event_name, custom_name ?? null, event_id]);
  const bytes = createHash("sha256").update(key, "utf8").digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function longest(property: string): number {
  return ADDRESSES.has(property) ? LONGEST_ADDRESS : LONGEST_VALUE;
}
