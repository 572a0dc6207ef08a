import type { CanonicalEvent } from "../../core/event.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/** Snapchat's `app_data`, without which it refuses an app event. */
export interface SnapAppData {
  app_id?: string;
  advertiser_tracking_enabled: 0 | 1;
  application_tracking_enabled: 0 | 1;
  extinfo: string[];
}

/**
 * The app and the 16 places of `extinfo` in Snapchat's order, empty where unknown. Undefined without platform or OS
 * version: Meta, whose list this is, refuses a list without them, and Snapchat says nothing else. An Android app is known
 * by its package, an iOS app by its number in the App Store, for which the setting stands in where the event has none.
 * Tracking counts as refused until the device says otherwise.
 */
export function appData({ app, device }: CanonicalEvent, iosAppId: string | undefined): SnapAppData | undefined {
  if (app === undefined || !device?.os_version) return undefined;
  const appId = app.platform === "ios" ? (app.store_id ?? iosAppId) : app.id;
  return {
    ...(appId === undefined ? {} : { app_id: withoutAddresses(appId) }),
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
