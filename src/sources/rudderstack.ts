import { looseObject, looseText } from "./loose-fields.ts";

/** Values of `channel` that only RudderStack's SDKs set; Segment has `server` and `client`. */
const CHANNELS = new Set(["web", "mobile", "sources"]);

/**
 * True for an event that a RudderStack SDK made. The library name alone does not tell: RudderStack's node library and
 * Segment's old one are both `analytics-node`, but fresh from the SDK only RudderStack's has `channel` or
 * `originalTimestamp`. An event that a vendor has passed on (`receivedAt`) may carry both from either.
 */
export function isRudderstackEvent(raw: Record<string, unknown>): boolean {
  const name = looseText(looseObject(looseObject(raw.context).library).name, 200) ?? "";
  if (/rudder/i.test(name)) return true;
  if (typeof raw.channel === "string" && CHANNELS.has(raw.channel)) return true;
  if (raw.receivedAt !== undefined) return false;
  return typeof raw.channel === "string" || typeof raw.originalTimestamp === "string";
}
