import type { CanonicalEvent } from "./event.ts";

/**
 * The person's phone number as tools take it that write to people, the event's own or the graph's: E.164 with 7 to 15
 * digits. Some countries' numbers are shorter than that; tools take none of those, and refuse the whole event over it.
 */
export function phoneInClear({
  phone_e164: own,
  known,
}: Pick<CanonicalEvent, "phone_e164" | "known">): string | undefined {
  const phone = own ?? known?.contacts?.phone;
  return phone !== undefined && E164.test(phone) ? phone : undefined;
}

const E164 = /^\+[1-9]\d{6,14}$/;
