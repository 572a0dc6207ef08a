import * as z from "zod/mini";
import { BROWSER_ID_NAMES, BROWSER_IDS, type BrowserId } from "./browser-ids.ts";
import { CLICK_ID_NAMES, type ClickId } from "./click-ids.ts";
import { bareGaClientId, readBrowserId } from "./client-ids.ts";
import { readCountry } from "./country.ts";
import { readCurrency } from "./currency.ts";
import { ACTION_SOURCES } from "./event.ts";
import { amount, idText, matched, numberText, positiveAmount, read, sha256, text, time } from "./input-fields.ts";
import { isNegative, parseMoney } from "./money.ts";
import { MAX_ENTRIES } from "./safe-json.ts";

const PAGE = z.object({
  url: z.optional(text()),
  referrer: z.optional(text()),
  title: z.optional(text()),
});

const CAMPAIGN = z.object({
  source: z.optional(text(200)),
  medium: z.optional(text(200)),
  name: z.optional(text(200)),
  term: z.optional(text(200)),
  content: z.optional(text(200)),
  id: z.optional(idText(200)),
});

const USER = z.object({
  user_id: z.optional(idText(256)),
  anonymous_id: z.optional(idText(256)),
  email: z.optional(text(320)),
  phone: z.optional(idText(64)),
  email_sha256: z.optional(sha256()),
  phone_sha256: z.optional(sha256()),
  first_name: z.optional(text(200)),
  last_name: z.optional(text(200)),
  gender: z.optional(read(z.string(), "m or f", readGender)),
  date_of_birth: z.optional(read(z.string(), "a date as YYYY-MM-DD", readDate)),
  street: z.optional(text(400)),
  city: z.optional(text(200)),
  region: z.optional(text(200)),
  postal_code: z.optional(idText(32)),
  country: z.optional(read(z.string(), "an ISO 3166-1 alpha-2 code, such as DE", readCountry)),
  ip: z.optional(text(64)),
  user_agent: z.optional(text()),
});

/** Meta's and Google's are taken as they come: senders have always given them in forms of their own. */
type FreeForm = "fbp" | "fbc" | "ga_client_id";
const checkedIds = Object.fromEntries(BROWSER_ID_NAMES.map((name) => [name, z.optional(browserId(name))])) as Record<
  Exclude<BrowserId, FreeForm>,
  ReturnType<typeof optionalBrowserId>
>;
const BROWSER_ID_INPUT = z.object({
  ...checkedIds,
  fbp: z.optional(text(500)),
  fbc: z.optional(text(1000)),
  ga_client_id: z.optional(read(text(200), "text", bareGaClientId)),
  ga_session_id: z.optional(idText(64)),
});

const clickIdShape = Object.fromEntries(CLICK_ID_NAMES.map((name) => [name, z.optional(text(1000))]));
const CLICK_ID_INPUT = z.object(clickIdShape as Record<ClickId, ReturnType<typeof optionalText>>);

const APP = z.object({
  platform: read(z.string(), "ios or android", readPlatform),
  id: z.optional(text(200)),
  store_id: z.optional(idText(200)),
  name: z.optional(text(200)),
  version: z.optional(numberText(50)),
  build: z.optional(numberText(50)),
});

const DEVICE = z.object({
  os_version: z.optional(numberText(50)),
  model: z.optional(text(100)),
  locale: z.optional(text(40)),
  timezone: z.optional(text(60)),
  timezone_name: z.optional(text(60)),
  carrier: z.optional(text(100)),
  screen_width: z.optional(numberText(20)),
  screen_height: z.optional(numberText(20)),
  screen_density: z.optional(numberText(20)),
  cpu_cores: z.optional(numberText(20)),
  storage_gb: z.optional(numberText(20)),
  free_storage_gb: z.optional(numberText(20)),
  advertising_id: z.optional(text(100)),
  vendor_id: z.optional(text(100)),
  advertising_tracking_allowed: z.optional(z.boolean()),
  application_tracking_allowed: z.optional(z.boolean()),
});

const CONSENT = z.object({
  ad_storage: z.optional(z.enum(["granted", "denied"])),
  ad_user_data: z.optional(z.enum(["granted", "denied"])),
  ad_personalization: z.optional(z.enum(["granted", "denied"])),
  analytics_storage: z.optional(z.enum(["granted", "denied"])),
  gpc: z.optional(z.boolean()),
  limited_data_use: z.optional(z.boolean()),
  jurisdiction: z.optional(
    read(z.string(), "a country or ISO 3166-2 region, such as US-CA", (value) =>
      matched(value.toUpperCase(), /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/),
    ),
  ),
  tcf: z.optional(text()),
  gpp: z.optional(text()),
  gpp_sid: z.optional(
    read(
      z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))]),
      "numbers of sections, such as [7, 8]",
      readSectionIds,
    ),
  ),
  us_privacy: z.optional(text(20)),
});

const ITEM = z.object({
  id: z.optional(idText(200)),
  name: z.optional(text(1000)),
  brand: z.optional(text(500)),
  category: z.optional(text(1000)),
  variant: z.optional(text(500)),
  price: z.optional(positiveAmount()),
  quantity: z.optional(read(z.union([z.number(), z.string()]), "a number from 0 to 1,000,000", readQuantity)),
  coupon: z.optional(text(200)),
  discount: z.optional(positiveAmount()),
  index: z.optional(z.number()),
});

/** The body of one event on `POST /v1/events`, and the form that every other dialect is turned into first. */
export const EVENT_INPUT = z.object({
  event_name: text(100),
  event_id: z.optional(idText(200)),
  event_time: z.optional(time()),
  sent_at: z.optional(time()),
  action_source: z.optional(z.enum(ACTION_SOURCES)),
  page: z.optional(PAGE),
  campaign: z.optional(CAMPAIGN),
  app: z.optional(APP),
  device: z.optional(DEVICE),
  user: z.optional(USER),
  browser_ids: z.optional(BROWSER_ID_INPUT),
  click_ids: z.optional(CLICK_ID_INPUT),
  cookies: z.optional(z.record(z.string(), z.string())),
  consent: z.optional(CONSENT),
  order_id: z.optional(idText(100)),
  lead_id: z.optional(idText(100)),
  value: z.optional(amount()),
  currency: z.optional(read(z.string(), "an ISO 4217 code, such as EUR", readCurrency)),
  tax: z.optional(positiveAmount()),
  shipping: z.optional(positiveAmount()),
  discount: z.optional(positiveAmount()),
  coupon: z.optional(text(200)),
  items: z.optional(z.array(ITEM).check(z.maxLength(MAX_ENTRIES))),
  search_term: z.optional(text(1000)),
  payment_type: z.optional(text(200)),
  method: z.optional(text(200)),
  properties: z.optional(z.record(z.string(), z.unknown())),
  destinations: z.optional(z.record(z.string(), z.boolean())),
  test: z.optional(z.boolean()),
});

/** An event as a source sent it, with every field checked and in canonical spelling. */
export type EventInput = z.infer<typeof EVENT_INPUT>;

/** The fields of the objects inside an event. */
export const NESTED: Readonly<Record<string, { shape: object }>> = {
  page: PAGE,
  campaign: CAMPAIGN,
  app: APP,
  device: DEVICE,
  user: USER,
  browser_ids: BROWSER_ID_INPUT,
  click_ids: CLICK_ID_INPUT,
  consent: CONSENT,
  items: ITEM,
};

function browserId(name: BrowserId) {
  return read(text(1000), `the value of the cookie ${BROWSER_IDS[name].cookie}`, (value) => readBrowserId(name, value));
}

function optionalBrowserId() {
  return z.optional(browserId("ttp"));
}

function optionalText() {
  return z.optional(text());
}

function readGender(value: string): "m" | "f" | undefined {
  const letter = /^(m|f|male|female)$/i.test(value) ? value[0]?.toLowerCase() : undefined;
  return letter === "m" || letter === "f" ? letter : undefined;
}

function readDate(value: string): string | undefined {
  const valid = /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  // Date.parse takes 30 February and moves it to March.
  return valid && new Date(value).toISOString().startsWith(value) ? value : undefined;
}

function readQuantity(value: number | string): number | undefined {
  const parsed = parseMoney(value);
  if (parsed === undefined || isNegative(parsed) || Number(parsed) > 1e6) return undefined;
  return Number(parsed);
}

/** Sections of one GPP string that are looked at: there are 27, and each is looked up in this list. */
const MOST_SECTIONS = 100;

/** A list, or the text with `_` or `,` between the numbers that requests to ad platforms carry. */
function readSectionIds(value: string | number | readonly (string | number)[]): number[] | undefined {
  const ids = [value].flat().flatMap((entry) => String(entry).split(/[_,]/));
  if (ids.length > MOST_SECTIONS) return undefined;
  return ids.every((id) => /^\s*(-1|\d{1,4})\s*$/.test(id)) ? ids.map(Number) : undefined;
}

function readPlatform(value: string): "ios" | "android" | undefined {
  const name = value.toLowerCase();
  return name === "ios" || name === "android" ? name : undefined;
}
