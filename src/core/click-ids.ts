/**
 * Click ids by URL parameter name, with the lifetime after which the platform no longer attributes to them.
 * Parsed at ingest from the page URL, the referrer and cookies; each is given only to the platform that owns it.
 * Parameter names are matched exactly: `ScCid` and fbclid's value are case-sensitive at their platforms.
 */
export const CLICK_IDS = {
  fbclid: { platform: "meta", lifetimeDays: 90 },
  gclid: { platform: "google", lifetimeDays: 90 },
  gbraid: { platform: "google", lifetimeDays: 90 },
  wbraid: { platform: "google", lifetimeDays: 90 },
  ttclid: { platform: "tiktok", lifetimeDays: 28 },
  epik: { platform: "pinterest", lifetimeDays: 60 },
  ScCid: { platform: "snapchat", lifetimeDays: 28 },
  rdt_cid: { platform: "reddit", lifetimeDays: 28 },
  msclkid: { platform: "microsoft", lifetimeDays: 90 },
  li_fat_id: { platform: "linkedin", lifetimeDays: 30 },
  twclid: { platform: "x", lifetimeDays: 30 },
} as const;

export type ClickId = keyof typeof CLICK_IDS;

export const CLICK_ID_NAMES = Object.keys(CLICK_IDS) as ClickId[];
