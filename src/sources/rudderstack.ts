import { looseObject, looseText } from "./loose-fields.ts";
import { rudderstackConsent } from "./sdk-consent.ts";
import type { SdkDialect } from "./sdk-event.ts";

/** The Segment spec as RudderStack's SDKs speak it. */
export const rudderstack: SdkDialect = { id: "rudderstack", externalIds: "externalId", consent: rudderstackConsent };

/**
 * True for an event that a RudderStack SDK made. The library name alone does not tell: RudderStack's node library and
 * Segment's old one are both `analytics-node`, but only RudderStack's SDKs set `channel` or `originalTimestamp`.
 */
export function isRudderstackEvent(raw: Record<string, unknown>): boolean {
  const name = looseText(looseObject(looseObject(raw.context).library).name, 200) ?? "";
  return /rudder/i.test(name) || typeof raw.channel === "string" || typeof raw.originalTimestamp === "string";
}
