import type { CanonicalEvent } from "./event.ts";
import { isUuid } from "./guid.ts";

/** What devices give in place of an id that their owner turned off: the same zeros for everybody. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/**
 * The advertising id of the device (IDFA, or Google's) in lower case, for platforms that hash it: Apple writes it in
 * capitals, Google does not, and TikTok's and Pinterest's peers hash small letters. Undefined when the person refused, and
 * for whatever else a sender put there: both makers' ids are UUIDs.
 */
export function advertisingId({ device }: Pick<CanonicalEvent, "device">): string | undefined {
  if (device?.advertising_id === undefined || device.advertising_tracking_allowed === false) return undefined;
  const id = device.advertising_id.trim().toLowerCase();
  return isUuid(id) && id !== NOBODY ? id : undefined;
}

/** The same as the device writes it, for platforms that take it in clear and say nothing of its case. */
export function advertisingIdAsWritten(event: Pick<CanonicalEvent, "device">): string | undefined {
  return advertisingId(event) === undefined ? undefined : event.device?.advertising_id?.trim();
}
