import type { CanonicalEvent } from "./event.ts";

/**
 * The person's phone number as tools take it that write to people, the event's own or the graph's: E.164 with 7 to 15
 * digits. Some countries' numbers are shorter than that; tools take none of those, and refuse the whole event over it.
 */
export function phoneInClear(event: Pick<CanonicalEvent, "phone_e164" | "known">): string | undefined {
  return event.phone_e164 === undefined ? taken(event.known?.contacts?.phone) : ownPhoneInClear(event);
}

/** The event's own alone: what it says of the person, and not only whose it is. */
export function ownPhoneInClear({ phone_e164: own }: Pick<CanonicalEvent, "phone_e164">): string | undefined {
  return taken(own);
}

const E164 = /^\+[1-9]\d{6,14}$/;

function taken(phone: string | undefined): string | undefined {
  return phone !== undefined && E164.test(phone) ? phone : undefined;
}
