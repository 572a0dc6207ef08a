import type { CanonicalEvent } from "../../core/event.ts";
import { type AppFacts, appFacts } from "../../core/extinfo.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/** Snapchat's `app_data`, without which it refuses an app event. */
export interface SnapAppData extends AppFacts {
  readonly app_id?: string;
}

/**
 * The app and what is known of it and its device; undefined without platform or OS version, which Meta refuses, and
 * Snapchat says nothing else. An Android app is known by its package, an iOS app by its number in the App Store, for
 * which the setting stands in where the event has none.
 */
export function appData(event: CanonicalEvent, iosAppId: string | undefined): SnapAppData | undefined {
  const { app } = event;
  const facts = appFacts(event);
  const appId = app?.platform === "ios" ? (app.store_id ?? iosAppId) : app?.id;
  return facts === undefined || appId === undefined ? facts : { app_id: withoutAddresses(appId), ...facts };
}
