import type { CanonicalEvent } from "../../core/event.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/** Meta's `app_data`, without which it refuses an app event. */
export interface MetaAppData {
  advertiser_tracking_enabled: 0 | 1;
  application_tracking_enabled: 0 | 1;
  extinfo: string[];
}

/**
 * The 16 places of `extinfo` in Meta's order, empty where unknown. Undefined when one of the two mandatory ones is
 * missing: the platform and the OS version. Tracking counts as refused until the device says otherwise.
 */
export function appData({ app, device }: CanonicalEvent): MetaAppData | undefined {
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
