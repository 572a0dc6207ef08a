import type { CanonicalEvent } from "./event.ts";

/** What devices give in place of an id that their owner turned off: the same zeros for everybody. */
const NOBODY = /^[0-]*$/;

/**
 * The advertising id of the device (IDFA, or Google's) in lower case, for platforms that hash it: Apple writes it in
 * capitals, Google does not, and TikTok's and Pinterest's peers hash small letters. Undefined when the person refused.
 */
export function advertisingId({ device }: Pick<CanonicalEvent, "device">): string | undefined {
  if (device?.advertising_id === undefined || device.advertising_tracking_allowed === false) return undefined;
  const id = device.advertising_id.trim().toLowerCase();
  return NOBODY.test(id) ? undefined : id;
}
