import type { CanonicalEvent } from "../../core/event.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { presentOrNothing } from "../../core/present.ts";

/** Longest texts by Pinterest's schema, characters: of the app's ids and name, and of everything else. */
const LONGEST_ID = 200;
const LONGEST_TEXT = 100;

/** Pinterest's `app_info`, as far as the event knows the app; undefined when it knows nothing. */
export function appInfo({ app }: CanonicalEvent): Record<string, string> | undefined {
  return presentOrNothing({
    // Apple's stores go by a number, Google's by the package name.
    app_id: within(LONGEST_ID, app?.store_id ?? (app?.platform === "android" ? app.id : undefined)),
    app_name: within(LONGEST_ID, app?.name),
    app_version: within(LONGEST_TEXT, app?.version),
    app_package_name: within(LONGEST_ID, app?.id),
  });
}

/** Pinterest's `device_info`; undefined when there is no app that runs on one. */
export function deviceInfo({ app, device }: CanonicalEvent): Record<string, string> | undefined {
  if (app === undefined) return undefined;
  return presentOrNothing({
    // Of Android devices no SDK says who made them in a field of its own.
    brand: app.platform === "ios" ? "Apple" : undefined,
    model: within(LONGEST_TEXT, device?.model),
    os_family: app.platform,
    os_version: within(LONGEST_TEXT, device?.os_version),
    carrier: within(LONGEST_TEXT, device?.carrier),
  });
}

// One text that is too long would fail the whole request: the schema is closed.
function within(most: number, text: string | undefined): string | undefined {
  const plain = text === undefined ? "" : withoutAddresses(text);
  return plain.trim() === "" || plain.length > most ? undefined : plain;
}
