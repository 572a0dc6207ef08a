import type { EventStory } from "../core/delivery-record.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { type GraphIdentifier, graphIdentifiers } from "../core/identity-identifiers.ts";
import { refusesStorage } from "../core/withheld-identifiers.ts";
import type { OtherCopy } from "./identity.ts";

/**
 * Two copies of one action say whose a device is: the device's names nobody, as of a guest who typed their address into
 * the shop and not into the tag, and the server's says who bought. Only so: where the device's copy names somebody
 * itself it is believed, and with a public key anybody could take another's order number to be joined with them.
 */

/** Keys in the graph of a device that names nobody; undefined for other copies, and for a device that may not be kept. */
export function namelessDevice(event: CanonicalEvent): string[] | undefined {
  if (event.source.kind === "server" || refusesStorage(event)) return undefined;
  const identifiers = graphIdentifiers(event);
  const isNameless = identifiers.length > 0 && !identifiers.some(isStrong);
  return isNameless ? identifiers.map(({ key }) => key) : undefined;
}

/** What a later copy can learn from the claimed one, as its story tells it; undefined where neither tells of the other. */
export function copyToJoin(
  event: CanonicalEvent,
  { consent, identity, merge, source }: EventStory,
): OtherCopy | undefined {
  const personId = identity.person_id;
  const hasRefused = [consent?.ad_storage, consent?.analytics_storage].every(
    (seen) => seen?.value === "denied" && seen.by !== "default",
  );
  if (personId === undefined || personId === event.known?.person_id || hasRefused || refusesStorage(event))
    return undefined;
  if (event.source.kind !== "server") {
    const isNamed = source.kind === "server" && identity.found_by === undefined;
    return isNamed && namelessDevice(event) !== undefined ? { personId } : undefined;
  }
  const deviceKeys = merge?.device_keys;
  return deviceKeys !== undefined && graphIdentifiers(event).some(isStrong) ? { deviceKeys } : undefined;
}

function isStrong({ strong }: GraphIdentifier): boolean {
  return strong;
}
