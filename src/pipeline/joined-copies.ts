import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import { answersOf } from "../core/consent-memory.ts";
import type { ConsentSeen } from "../core/consent-seen.ts";
import type { EventStory } from "../core/delivery-record.ts";
import { HOUR_MS } from "../core/durations.ts";
import { type CanonicalEvent, HASH_VARIANTS } from "../core/event.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import type { OtherCopy } from "./identity.ts";
import type { LosingCopy } from "./later-copies.ts";

/**
 * Two copies of one action say whose a device is: the device's names nobody, as of a guest who typed their address into
 * the shop and not into the tag, and the server's says who bought. Only so: where the device's copy names somebody
 * itself it is believed, and with a public key anybody could take another's order number to be joined with them.
 */

/** A device's copy that is this much newer than the server's is of whoever opened the page of the order again. */
const REOPENED_AFTER_MS = HOUR_MS;

/** What is filled in of people with a name only. */
const NAMES: ReadonlySet<string> = new Set(["user_id", ...HASH_VARIANTS]);

/** Keys in the graph of a device that names nobody; undefined for other copies, and for a device that may not be kept. */
export function namelessDevice(event: CanonicalEvent, seen: ConsentSeen): string[] | undefined {
  if (event.source.kind === "server" || refusesAllStorage(seen)) return undefined;
  const identifiers = graphIdentifiers(event);
  const isNameless = identifiers.length > 0 && !identifiers.some(({ strong }) => strong);
  return isNameless ? identifiers.map(({ key }) => key) : undefined;
}

/** What a later copy can learn from the claimed one, as its story tells it; undefined where neither tells of the other. */
export function copyToJoin({ event, routed }: LosingCopy, story: EventStory): OtherCopy | undefined {
  const { consent, identity, merge } = story;
  const { person_id: personId } = identity;
  if (personId === undefined || personId === event.known?.person_id || consent === undefined) return undefined;
  if (refusesAllStorage(consent) || refusesAllStorage(routed.seen)) return undefined;
  if (event.source.kind !== "server") {
    const isBuyers = merge?.names_person === true && event.event_time - story.event_time <= REOPENED_AFTER_MS;
    if (!isBuyers || namelessDevice(event, routed.seen) === undefined) return undefined;
    return { personId, answers: refusalsAt(routed.seen, event, story) };
  }
  const keys = merge?.device_keys;
  if (keys === undefined) return undefined;
  const wasNamed = identity.filled.some((field) => NAMES.has(field));
  return { personId, device: { keys, wasNamed }, answers: refusalsAt(consent, event, story) };
}

/**
 * What was refused at the device, as of the later copy: of two answers to one action the stricter holds, and a server that
 * reports a second later that all is granted would take it back else. As an answer of the device, which can grant it again.
 */
function refusalsAt(
  seen: ConsentSeen,
  { event_time, source }: CanonicalEvent,
  story: EventStory,
): OtherCopy["answers"] {
  const refused = CONSENT_PURPOSES.filter((purpose) => isRefused(seen, purpose));
  const atDevice = {
    consent: Object.fromEntries(refused.map((purpose) => [purpose, "denied"])),
    event_time: Math.max(event_time, story.event_time),
    source: { ...source, kind: "browser" as const },
  };
  return answersOf(atDevice, false);
}

function refusesAllStorage(seen: ConsentSeen): boolean {
  return isRefused(seen, "ad_storage") && isRefused(seen, "analytics_storage");
}

/** By somebody, now or earlier. What the graph remembers of Global Privacy Control it remembers as that. */
function isRefused(seen: ConsentSeen, purpose: ConsentPurpose): boolean {
  const { by, value } = seen[purpose];
  return value === "denied" && by !== "default" && by !== "no_rule" && by !== "gpc";
}
