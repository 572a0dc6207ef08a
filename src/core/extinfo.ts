import type { CanonicalEvent } from "./event.ts";
import { withoutAddresses } from "./page-url.ts";

/** What is known of an app event's app and device, and of the person's answers to being tracked there. */
export interface AppFacts {
  readonly advertiser_tracking_enabled: 0 | 1;
  readonly application_tracking_enabled: 0 | 1;
  readonly extinfo: string[];
}

/**
 * The 16 places of Meta's `extinfo` in its order, empty where unknown; Snapchat has taken over the list with both flags.
 * Undefined when one of the two mandatory ones is missing: the platform and the OS version. Tracking counts as refused
 * until the device says otherwise.
 * Source: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/app-data
 */
export function appFacts({ app, device }: CanonicalEvent): AppFacts | undefined {
  if (app === undefined || !device?.os_version) return undefined;
  return {
    advertiser_tracking_enabled: device.advertising_tracking_allowed === true ? 1 : 0,
    application_tracking_enabled: device.application_tracking_allowed === true ? 1 : 0,
    extinfo: [
      app.platform === "ios" ? "i2" : "a2",
      app.id,
      app.version,
      app.build,
      device.os_version,
      device.model,
      device.locale,
      device.timezone,
      device.carrier,
      device.screen_width,
      device.screen_height,
      device.screen_density,
      device.cpu_cores,
      device.storage_gb,
      device.free_storage_gb,
      device.timezone_name,
    ].map((text) => withoutAddresses(text ?? "")),
  };
}
