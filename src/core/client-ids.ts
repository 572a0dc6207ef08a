import { CLICK_ID_NAMES, type ClickId } from "./click-ids.ts";
import type { BrowserIds, SeenClickId } from "./event.ts";
import { cleanText } from "./safe-json.ts";

/** Click ids with the time at which they were first seen. */
export type ClickIds = Partial<Record<ClickId, SeenClickId>>;

/** Longest click id taken; Google's and Meta's stay under 300. */
const MAX_CLICK_ID = 1000;
/** Longest cookie value that is looked at. */
const MAX_COOKIE = 4096;

/** Cookies that hold a bare click id, by cookie name. */
const CLICK_ID_COOKIES: Readonly<Record<string, ClickId>> = {
  ttclid: "ttclid",
  _ttclid: "ttclid",
  _epik: "epik",
  _ScCid: "ScCid",
  _rdt_cid: "rdt_cid",
  rdt_cid: "rdt_cid",
  uet_msclkid: "msclkid",
  li_fat_id: "li_fat_id",
};

/** The click ids in the query of a URL, by their exact parameter names; none when it is not an absolute URL. */
export function clickIdsFromUrl(url: string | undefined, seenAt: number): ClickIds {
  if (url === undefined || !URL.canParse(url)) return {};
  const query = new URL(url).searchParams;
  return clickIdsFrom((name) => query.get(name), seenAt);
}

/** Click ids found by asking for each name; blank and overlong answers are none. */
export function clickIdsFrom(lookUp: (name: ClickId) => unknown, seenAt: number): ClickIds {
  const found: ClickIds = {};
  for (const name of CLICK_ID_NAMES) {
    const value = lookUp(name);
    if (typeof value === "string") setClickId(found, name, value, seenAt);
  }
  return found;
}

/** `Cookie` header fields (`name=value`) as a map. Values are percent-decoded when they can be. */
export function parseCookies(fields: readonly string[]): Record<string, string> {
  const cookies = new Map<string, string>();
  for (const field of fields.flatMap((line) => line.split(";"))) {
    const equals = field.indexOf("=");
    if (equals > 0) cookies.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  return Object.fromEntries(cookies);
}

/** What the platforms' own tags left in cookies: browser ids as they are, click ids unwrapped. */
export function idsFromCookies(
  rawCookies: Readonly<Record<string, string>>,
  seenAt: number,
): { browserIds: BrowserIds; clickIds: ClickIds } {
  const browserIds: BrowserIds = {};
  const clickIds: ClickIds = {};
  for (const [name, raw] of Object.entries(rawCookies)) {
    if (raw.length > MAX_COOKIE) continue;
    const value = cleanText(decoded(raw));
    readBrowserId(browserIds, name, value);
    readClickId(clickIds, name, value, seenAt);
  }
  return { browserIds, clickIds };
}

/** GA1.<domain depth>.<random>.<first visit>: the depth may be several fields, the client id is always the last two. */
const GA_COOKIE = /^GA\d\.[\d.-]+?\.(\d+\.\d+)$/;

/** The client id in the value of a `_ga` cookie; any other text is taken for a client id already. */
export function bareGaClientId(value: string): string {
  return GA_COOKIE.exec(value)?.[1] ?? value;
}

function readBrowserId(into: BrowserIds, name: string, value: string): void {
  if (name === "_fbp" && /^fb\.\d\.\d{9,}\.\d+/.test(value)) into.fbp = value;
  if (name === "_fbc" && /^fb\.\d\.\d{9,}\../.test(value)) into.fbc = value;
  if (name === "_ga" && GA_COOKIE.test(value)) into.ga_client_id = bareGaClientId(value);
  const stream = /^_ga_([A-Z0-9]{4,20})$/.exec(name)?.[1];
  const session = stream === undefined ? undefined : gaSession(value);
  if (stream !== undefined && session !== undefined) into.ga_sessions = { ...into.ga_sessions, [stream]: session };
}

/** Session id in a `_ga_<stream>` cookie: third field of `GS1.1.<session>.…`, or the `s` part of `GS2.1.s<session>$o…`. */
function gaSession(value: string): string | undefined {
  return /^GS1\.\d\.(\d+)/.exec(value)?.[1] ?? /^GS2\.\d\.(?:[^$]*\$)*?s(\d+)(?:\$|$)/.exec(value)?.[1];
}

function readClickId(into: ClickIds, name: string, value: string, seenAt: number): void {
  const bare = CLICK_ID_COOKIES[name];
  if (bare !== undefined) setClickId(into, bare, value, seenAt);
  if (name === "_uetmsclkid") setClickId(into, "msclkid", value.replace(/^_uet/, ""), seenAt);
  if (name === "_twclid") setClickId(into, "twclid", xClickId(value), seenAt);
  // GCL.<epoch s>.<click id>: Google's own record of when the click was.
  const google = /^GCL\.(\d{9,11})\.(.+)$/.exec(value);
  const googleName = name === "_gcl_aw" ? "gclid" : name === "_gcl_gb" ? "gbraid" : undefined;
  if (google && googleName) setClickId(into, googleName, google[2] ?? "", Math.min(Number(google[1]) * 1000, seenAt));
}

function xClickId(value: string): string {
  if (!value.startsWith("{")) return value;
  return /"twclid"\s*:\s*"([^"]+)"/.exec(value)?.[1] ?? "";
}

function setClickId(into: ClickIds, name: ClickId, raw: string, seenAt: number): void {
  const value = cleanText(raw).trim();
  if (value !== "" && value.length <= MAX_CLICK_ID) into[name] = { value, seen_at: seenAt };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
