import { BROWSER_ID_NAMES, BROWSER_IDS, type BrowserId } from "./browser-ids.ts";
import { CLICK_ID_NAMES, CLICK_IDS, type ClickId, type CookieForm } from "./click-ids.ts";
import type { BrowserIds, SeenClickId } from "./event.ts";
import { dashedGuid } from "./guid.ts";
import { cleanText } from "./safe-json.ts";

/** Click ids with the time at which they were first seen. */
export type ClickIds = Partial<Record<ClickId, SeenClickId>>;

/** Longest click id taken; Google's and Meta's stay under 300. */
const MAX_CLICK_ID = 1000;
/** Longest cookie value that is looked at. */
const MAX_COOKIE = 4096;

/** The click ids in the query of a URL, by their exact parameter names; none when it is not an absolute URL. */
export function clickIdsFromUrl(url: string | undefined, seenAt: number): ClickIds {
  if (url === undefined || !URL.canParse(url)) return {};
  const query = new URL(url).searchParams;
  return clickIdsFrom((name) => query.get(name), seenAt);
}

/** Click ids found by asking for each parameter's name; blank and overlong answers are none. */
export function clickIdsFrom(lookUp: (name: string) => unknown, seenAt: number): ClickIds {
  const found: ClickIds = {};
  for (const name of CLICK_ID_NAMES) {
    for (const parameter of CLICK_IDS[name].parameters) {
      const value = found[name] === undefined ? lookUp(parameter) : undefined;
      if (typeof value === "string") setClickId(found, name, value, seenAt);
    }
  }
  return found;
}

/** GA4's cookie of one measurement stream. */
const GA_SESSION_COOKIE = /^_ga_([A-Z0-9]{4,20})$/;

const KEEP_OLDEST = new Set(
  BROWSER_ID_NAMES.flatMap((name) => (BROWSER_IDS[name].oldest ? [BROWSER_IDS[name].cookie] : [])),
);

/** `Cookie` header fields (`name=value`) as a map. Values stay encoded, as some ids have to. */
export function parseCookies(fields: readonly string[]): Record<string, string> {
  const cookies = new Map<string, string>();
  for (const field of fields.flatMap((line) => line.split(";"))) {
    const equals = field.indexOf("=");
    if (equals <= 0) continue;
    const [name, value] = [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
    const before = cookies.get(name);
    if (before === undefined || !KEEP_OLDEST.has(name) || value < before) cookies.set(name, value);
  }
  return Object.fromEntries(cookies);
}

/** Cookies that `idsFromCookies` reads anything from. */
const PLATFORM_COOKIES: ReadonlySet<string> = new Set([
  ...BROWSER_ID_NAMES.map((name) => BROWSER_IDS[name].cookie),
  ...CLICK_ID_NAMES.flatMap((name) => Object.keys(CLICK_IDS[name].cookies)),
]);

/** Only the cookies of the platforms' own tags: what else a shop keeps in cookies, such as its sessions, is none of our business. */
export function platformCookies(cookies: Readonly<Record<string, string>>): Record<string, string> {
  const isWanted = ([name, value]: [string, string]) =>
    value.length <= MAX_COOKIE && (PLATFORM_COOKIES.has(name) || GA_SESSION_COOKIE.test(name));
  return Object.fromEntries(Object.entries(cookies).filter(isWanted));
}

/** What the platforms' own tags left in cookies: browser ids as they are, click ids unwrapped. */
export function idsFromCookies(
  rawCookies: Readonly<Record<string, string>>,
  seenAt: number,
): { browserIds: BrowserIds; clickIds: ClickIds } {
  const cookies = new Map(Object.entries(rawCookies).filter(([, raw]) => raw.length <= MAX_COOKIE));
  const browserIds: BrowserIds = {};
  const clickIds: ClickIds = {};
  for (const name of BROWSER_ID_NAMES) {
    const raw = cookies.get(BROWSER_IDS[name].cookie);
    const id = raw === undefined ? undefined : readBrowserId(name, raw);
    if (id !== undefined) browserIds[name] = id;
  }
  const sessions = gaSessions(cookies);
  if (Object.keys(sessions).length > 0) browserIds.ga_sessions = sessions;
  for (const name of CLICK_ID_NAMES) {
    for (const [cookie, form] of Object.entries(CLICK_IDS[name].cookies)) {
      const raw = clickIds[name] === undefined ? cookies.get(cookie) : undefined;
      if (raw === undefined) continue;
      const { value, at = seenAt } = UNWRAP[form](form === "exact" ? raw : decoded(raw), name);
      setClickId(clickIds, name, value, Math.min(at, seenAt));
    }
  }
  return { browserIds, clickIds };
}

/** The browser id in its cookie's value, or given bare; undefined when it does not have the id's form. */
export function readBrowserId(name: BrowserId, raw: string): string | undefined {
  const { form, exact } = BROWSER_IDS[name];
  const match = form.exec(exact ? raw : decoded(raw));
  return match?.[1] ?? match?.[0];
}

/** The client id in the value of a `_ga` cookie; any other text is taken for a client id already. */
export function bareGaClientId(value: string): string {
  return readBrowserId("ga_client_id", value) ?? value;
}

function gaSessions(cookies: ReadonlyMap<string, string>): Record<string, string> {
  const sessions: Record<string, string> = {};
  for (const [name, raw] of cookies) {
    const stream = GA_SESSION_COOKIE.exec(name)?.[1];
    const session = stream === undefined ? undefined : gaSession(decoded(raw));
    if (stream !== undefined && session !== undefined) sessions[stream] = session;
  }
  return sessions;
}

/** Session id in a `_ga_<stream>` cookie: third field of `GS1.1.<session>.…`, or the `s` part of `GS2.1.s<session>$o…`. */
function gaSession(value: string): string | undefined {
  return /^GS1\.\d\.(\d+)/.exec(value)?.[1] ?? /^GS2\.\d\.(?:[^$]*\$)*?s(\d+)(?:\$|$)/.exec(value)?.[1];
}

/** A click id out of its cookie, with the platform's own record of when the click was (epoch ms) where there is one. */
interface Unwrapped {
  readonly value: string;
  readonly at?: number;
}

const UNWRAP: Readonly<Record<CookieForm, (cookie: string, name: ClickId) => Unwrapped>> = {
  bare: (value) => ({ value }),
  exact: (value) => ({ value }),
  gcl: googleClick,
  uet: (value) => ({ value: value.replace(/^_uet/, "") }),
  json: jsonClick,
  pairs: newestPair,
};

// Google writes further fields behind the click id, which itself holds no dot.
function googleClick(cookie: string): Unwrapped {
  const [, seconds, value = ""] = /^GCL\.(\d{9,11})\.([^.]+)/.exec(cookie) ?? [];
  return { value, at: Number(seconds) * 1000 };
}

function jsonClick(cookie: string, name: ClickId): Unwrapped {
  if (!cookie.startsWith("{")) return { value: cookie };
  return { value: new RegExp(`"${name}"\\s*:\\s*"([^"]+)"`).exec(cookie)?.[1] ?? "" };
}

function newestPair(cookie: string): Unwrapped {
  const pairs = cookie.split("|").flatMap((pair) => {
    const [, value = "", time = ""] = /^(.+)\.(\d{10}|\d{13})$/.exec(pair) ?? [];
    return value === "" ? [] : [{ value, at: Number(time) * (time.length === 10 ? 1000 : 1) }];
  });
  return pairs.sort((a, b) => b.at - a.at)[0] ?? { value: "" };
}

function setClickId(into: ClickIds, name: ClickId, raw: string, seenAt: number): void {
  const value = tidyClickId(name, raw);
  if (value !== "" && value.length <= MAX_CLICK_ID) into[name] = { value, seen_at: seenAt };
}

function tidyClickId(name: ClickId, raw: string): string {
  const clean = cleanText(raw).trim();
  const { value } = CLICK_IDS[name];
  if (value === "exact") return clean === raw ? raw : "";
  // One spelling for one click, wherever it was read; what is no GUID stays, since only the platform can judge it.
  return value === "guid" ? (dashedGuid(clean) ?? clean) : clean;
}

function decoded(value: string): string {
  try {
    return cleanText(decodeURIComponent(value));
  } catch {
    return cleanText(value);
  }
}
