import { looseObject, looseText } from "./loose-fields.ts";

/** What the mobile SDKs say about the app and the device, as `app` and `device` of the event contract. */
export interface SdkApp {
  app?: Record<string, unknown>;
  device?: Record<string, unknown>;
}

/** ATT: 3 is "authorized"; 0 to 2 are not asked, restricted and denied. */
const ATT_AUTHORIZED = 3;
/** What a device gives in place of an advertising id that its owner turned off. */
const NO_ADVERTISING_ID = /^[0-]*$/;

/** Reads `context.{app,os,device,screen,network,locale,timezone}`; empty when they name neither iOS nor Android. */
export function appFrom(context: Record<string, unknown>, library: string | undefined): SdkApp {
  const os = looseObject(context.os);
  const device = looseObject(context.device);
  const platform = platformOf([looseText(device.type, 40), looseText(os.name, 40), library]);
  if (platform === undefined) return {};
  const app = looseObject(context.app);
  return {
    app: {
      platform,
      id: looseText(app.namespace, 200),
      name: looseText(app.name, 200),
      version: looseText(app.version, 50),
      build: looseText(app.build, 50),
    },
    device: {
      os_version: looseText(os.version, 50),
      model: looseText(device.model, 100),
      locale: looseText(context.locale, 40),
      ...timezoneOf(looseText(context.timezone, 60)),
      carrier: looseText(looseObject(context.network).carrier, 100),
      ...screenOf(looseObject(context.screen)),
      ...trackingOf(device),
      // Their iOS SDKs give Apple's id for vendors here, the Android ones an id of their own making.
      vendor_id: platform === "ios" ? looseText(device.id, 100) : undefined,
    },
  };
}

function platformOf(hints: readonly (string | undefined)[]): "ios" | "android" | undefined {
  for (const hint of hints) {
    if (/android|kotlin/i.test(hint ?? "")) return "android";
    if (/\bios\b|ipados|iphone|swift/i.test(hint ?? "")) return "ios";
  }
  return undefined;
}

// The SDKs send the IANA name; some wrappers the abbreviation.
function timezoneOf(zone: string | undefined): Record<string, string> {
  if (zone === undefined) return {};
  return zone.includes("/") || zone === "UTC" ? { timezone_name: zone } : { timezone: zone };
}

function screenOf(screen: Record<string, unknown>): Record<string, string | undefined> {
  return {
    screen_width: looseText(screen.width, 20),
    screen_height: looseText(screen.height, 20),
    screen_density: looseText(screen.density, 20),
  };
}

function trackingOf(device: Record<string, unknown>): Record<string, unknown> {
  const { adTrackingEnabled, attTrackingStatus } = device;
  const status = Number(looseText(attTrackingStatus, 2));
  const allowed =
    attTrackingStatus !== undefined && Number.isInteger(status)
      ? status === ATT_AUTHORIZED
      : typeof adTrackingEnabled === "boolean"
        ? adTrackingEnabled
        : undefined;
  const id = looseText(device.advertisingId, 100);
  return {
    advertising_tracking_allowed: allowed,
    advertising_id: allowed === false || id === undefined || NO_ADVERTISING_ID.test(id) ? undefined : id,
  };
}
