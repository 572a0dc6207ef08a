import type { CanonicalEvent } from "./event.ts";
import { type Contact, preHashed } from "./hashing.ts";

/**
 * A contact in clear for tools that know people by it: the event's own, else the one that the identity graph keeps for
 * such tools. A digest in the raw field is no text.
 */
export function contactText(
  { user, known }: Pick<CanonicalEvent, "user" | "known">,
  contact: Contact,
): string | undefined {
  return ownContactText(user, contact) ?? known?.contacts?.[contact];
}

/** The event's own alone: what it says of the person, and not only whose it is. */
export function ownContactText(user: CanonicalEvent["user"], contact: Contact): string | undefined {
  const own = user[contact];
  return own === undefined || own.trim() === "" || preHashed(own) !== undefined ? undefined : own;
}

/** An event for where the graph's texts are not kept. */
export function withoutKnownContacts<Event extends Pick<CanonicalEvent, "known">>(event: Event): Event {
  if (event.known?.contacts === undefined) return event;
  const { contacts: _, ...known } = event.known;
  return { ...event, known };
}
