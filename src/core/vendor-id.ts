import type { CanonicalEvent } from "./event.ts";
import { isUuid } from "./guid.ts";

/**
 * Apple's id of the device for all apps of one vendor (IDFV), as it was written; undefined for Android, and for the zeros
 * that stand for none. It is the app's own and no advertising id: the answer to the tracking prompt does not touch it.
 */
export function vendorId({ app, device }: Pick<CanonicalEvent, "app" | "device">): string | undefined {
  const id = app?.platform === "ios" ? device?.vendor_id?.trim() : undefined;
  return id !== undefined && isUuid(id.toLowerCase()) && /[1-9a-f]/i.test(id) ? id : undefined;
}
