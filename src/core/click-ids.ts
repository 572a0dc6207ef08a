import { CLICK_LIFETIME_DAYS } from "./click-lifetimes.ts";

/**
 * Every click id that is read at ingest: which platform owns it (it is given to no other), where it comes from, and how
 * long it counts. Browser ids are in `browser-ids.ts`.
 */

/**
 * How a cookie holds its id: `bare` as it is, percent-encoded or not; `exact` byte for byte; `gcl` as
 * `GCL.<epoch s>.<click id>`; `uet` behind `_uet`; `json` as the member named like the id; `pairs` as
 * `<click id>.<epoch>` several times, `|` between.
 */
export type CookieForm = "bare" | "exact" | "gcl" | "uet" | "json" | "pairs";

interface ClickIdSource {
  readonly platform: string;
  /** From when it was first seen until the platform no longer attributes to it. */
  readonly lifetimeDays: number;
  /** Names in a URL's query, first come first taken. Matched exactly: `ScCid` and its value are case-sensitive. */
  readonly parameters: readonly string[];
  readonly cookies: Readonly<Record<string, CookieForm>>;
  /** `guid`: 32 hex digits with or without dashes, kept with them. `exact`: taken unchanged or not at all. */
  readonly value?: "guid" | "exact";
}

const CLICK_ID_TABLE = {
  // Meta documents 90 days for the cookie _fbc, which is kept as a browser id because it holds the click's time too.
  // https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
  fbclid: { platform: "meta", lifetimeDays: CLICK_LIFETIME_DAYS.fbclid, parameters: ["fbclid"], cookies: {} },
  // Google's longest click-through window is 90 days. Of wbraid no cookie is known.
  // https://developers.google.com/google-ads/api/docs/conversions/upload-clicks
  gclid: {
    platform: "google",
    lifetimeDays: CLICK_LIFETIME_DAYS.gclid,
    parameters: ["gclid"],
    cookies: { _gcl_aw: "gcl" },
  },
  gbraid: {
    platform: "google",
    lifetimeDays: CLICK_LIFETIME_DAYS.gbraid,
    parameters: ["gbraid"],
    cookies: { _gcl_gb: "gcl" },
  },
  wbraid: { platform: "google", lifetimeDays: CLICK_LIFETIME_DAYS.wbraid, parameters: ["wbraid"], cookies: {} },
  // The cookie lives 30 days; TikTok's longest click-through window is 28.
  ttclid: {
    platform: "tiktok",
    lifetimeDays: CLICK_LIFETIME_DAYS.ttclid,
    parameters: ["ttclid"],
    cookies: { ttclid: "bare", _ttclid: "bare" },
  },
  // Pinterest's longest click window is 60 days.
  epik: {
    platform: "pinterest",
    lifetimeDays: CLICK_LIFETIME_DAYS.epik,
    parameters: ["epik"],
    cookies: { _epik: "bare" },
  },
  // Snap keeps _scclid a year and attributes clicks for 28 days.
  // https://developers.snap.com/api/marketing-api/Conversions-API/Parameters
  ScCid: {
    platform: "snapchat",
    lifetimeDays: CLICK_LIFETIME_DAYS.ScCid,
    parameters: ["ScCid"],
    cookies: { _scclid: "bare", _ScCid: "bare" },
  },
  // Reddit has the cookie kept for 30 days and attributes clicks for 28.
  // https://ads-api.reddit.com/docs/v3/capi-click-id-persistence
  rdt_cid: {
    platform: "reddit",
    lifetimeDays: CLICK_LIFETIME_DAYS.rdt_cid,
    parameters: ["rdt_cid"],
    cookies: { _rdt_cid: "bare", rdt_cid: "bare" },
  },
  // Microsoft's own tag puts -0 or -1 behind it; in URLs it has no dashes, in the Conversions API it has.
  // https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration
  msclkid: {
    platform: "microsoft",
    lifetimeDays: CLICK_LIFETIME_DAYS.msclkid,
    parameters: ["msclkid"],
    cookies: { _uetmsclkid: "uet", uet_msclkid: "bare" },
    value: "guid",
  },
  // LinkedIn's tag keeps its cookie for 30 days.
  li_fat_id: {
    platform: "linkedin",
    lifetimeDays: CLICK_LIFETIME_DAYS.li_fat_id,
    parameters: ["li_fat_id"],
    cookies: { li_fat_id: "bare" },
  },
  // X's longest click window is 30 days. Its pixel keeps JSON in a cookie.
  twclid: {
    platform: "x",
    lifetimeDays: CLICK_LIFETIME_DAYS.twclid,
    parameters: ["twclid"],
    cookies: { _twclid: "json", twclid: "bare" },
  },
  // Awin asks for a first-party cookie of 365 days. The cookie's name is the site's own choice; the id's is the usual one.
  awc: { platform: "awin", lifetimeDays: CLICK_LIFETIME_DAYS.awc, parameters: ["awc"], cookies: { awc: "bare" } },
  // Taboola leaves name and keeping to the site: `tblci={click_id}` is what its help suggests, for 30 days or more.
  tblci: { platform: "taboola", lifetimeDays: CLICK_LIFETIME_DAYS.tblci, parameters: ["tblci"], cookies: {} },
  // Outbrain fills whatever parameter holds its macro; these are the names in use. Lifetime assumed.
  ob_click_id: {
    platform: "outbrain",
    lifetimeDays: CLICK_LIFETIME_DAYS.ob_click_id,
    parameters: ["ob_click_id", "dicbo", "OutbrainClickId"],
    cookies: {},
  },
  // An opaque token that OpenAI wants back unchanged. Lifetime assumed.
  // https://developers.openai.com/ads/conversions-api
  oppref: {
    platform: "openai",
    lifetimeDays: CLICK_LIFETIME_DAYS.oppref,
    parameters: ["oppref"],
    cookies: { __oppref: "exact" },
    value: "exact",
  },
  // Quora's tag keeps its cookie for 90 days.
  qclid: {
    platform: "quora",
    lifetimeDays: CLICK_LIFETIME_DAYS.qclid,
    parameters: ["qclid"],
    cookies: { quora_qclid: "bare" },
  },
  // Nextdoor publishes no lifetime and no cookie. Lifetime assumed.
  ndclid: { platform: "nextdoor", lifetimeDays: CLICK_LIFETIME_DAYS.ndclid, parameters: ["ndclid"], cookies: {} },
  // Klaviyo's exchange id names the profile that a mail was sent to. Mails are passed on, so that it should not count
  // for long; lifetime assumed.
  _kx: { platform: "klaviyo", lifetimeDays: CLICK_LIFETIME_DAYS._kx, parameters: ["_kx"], cookies: { _kx: "bare" } },
  // Amazon's ad tag keeps the tokens of 30 days with their times.
  aref: {
    platform: "amazon",
    lifetimeDays: CLICK_LIFETIME_DAYS.aref,
    parameters: ["aref"],
    cookies: { amznAref: "pairs" },
  },
} as const satisfies Record<string, ClickIdSource>;

export type ClickId = keyof typeof CLICK_ID_TABLE;

/** Click ids by their name in `click_ids`, which is that of their first URL parameter. */
export const CLICK_IDS: Readonly<Record<ClickId, ClickIdSource>> = CLICK_ID_TABLE;

/** Their names, in the order of `CLICK_IDS`. */
export const CLICK_ID_NAMES = Object.keys(CLICK_IDS) as ClickId[];
