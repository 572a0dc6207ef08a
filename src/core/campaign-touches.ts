import { CAMPAIGN_FIELDS, type Campaign, type CampaignTouch } from "./campaign.ts";
import { CLICK_ID_NAMES } from "./click-ids.ts";
import { clickIdsFromUrl } from "./client-ids.ts";
import type { ConsentState } from "./consent.ts";
import { type ConsentRules, effectiveConsent } from "./consent-decision.ts";
import { HOUR_MS } from "./durations.ts";
import type { CanonicalEvent } from "./event.ts";
import { placesOf } from "./event-places.ts";
import { preHashed } from "./hashing.ts";
import { webUrl } from "./page-url.ts";
import { cleanText } from "./safe-json.ts";
import { ALL_KINDS } from "./sensitive-url.ts";
import { decoded, kindOfValue, REDACTED } from "./sensitive-value.ts";
import { isUnfilled } from "./unfilled.ts";

/** Visits of one person that came through a campaign, under `first#<dedup scope>` and `last#<dedup scope>`. */
export type CampaignTouches = Readonly<Record<string, CampaignTouch>>;

/** Whether this event may teach and be given campaigns, given what its person answered earlier. */
export type CampaignConsent = (event: CanonicalEvent, earlier: ConsentState | undefined) => boolean;

const PARAMETERS = {
  source: "utm_source",
  medium: "utm_medium",
  name: "utm_campaign",
  term: "utm_term",
  content: "utm_content",
  id: "utm_id",
} as const satisfies Record<keyof Campaign, string>;

/** UTF-16 units. Longer names are cut: a person's item is paid for by the kilobyte. */
const LONGEST_VALUE = 100;
const LONGEST_PAGE = 150;

/** The same touch at another time is news only after this long: a site that keeps its parameters repeats it at each view. */
const REPEATED_MS = HOUR_MS;

/**
 * A campaign is remembered while the person lets either ads or analytics keep something: it serves both, and nobody
 * asked for a third purpose.
 */
export function campaignConsent(rules: ConsentRules): CampaignConsent {
  return (event, earlier) => {
    const { purposes } = effectiveConsent(event.consent, placesOf(event), rules, earlier);
    return purposes.ad_storage.value === "granted" || purposes.analytics_storage.value === "granted";
  };
}

/**
 * The visit through a campaign that an event tells of: by the sender's own words, by its page's address, or by the page
 * before on the same site, where the landing page itself had no tag. Undefined for all other events. The event must be
 * cleaned already; what looks like a person's all the same is left out here.
 */
export function campaignTouch(event: CanonicalEvent): CampaignTouch | undefined {
  const { campaign: given = {}, page } = event;
  const landing = [page?.url, refererOnSite(page)].map(webPage).find((it) => it !== undefined && isLanding(it));
  const values = CAMPAIGN_FIELDS.map((field): [keyof Campaign, string | undefined] => {
    const value = clean(given[field], event) ?? clean(landing?.searchParams.get(PARAMETERS[field]), event);
    return [field, value];
  });
  const campaign: Campaign = Object.fromEntries(values.filter(([, value]) => value !== undefined));
  const click = landing === undefined ? undefined : clickIn(landing);
  if (Object.keys(campaign).length === 0 && click === undefined) return undefined;
  const shown = landing ?? webPage(page?.url);
  return {
    ...campaign,
    ...(click === undefined ? {} : { click }),
    ...(shown === undefined ? {} : { page: cut(`${shown.host}${shown.pathname}`, LONGEST_PAGE) }),
    at: event.event_time,
  };
}

/** One touch as it is first known: the first and the last at once. */
export function touchesOf(touch: CampaignTouch | undefined, scope: string): CampaignTouches {
  return touch === undefined ? {} : { [firstOf(scope)]: touch, [lastOf(scope)]: touch };
}

/** The earliest of the first touches and the latest of the last ones, in whatever order and however often they are merged. */
export function mergeTouches(a: CampaignTouches, b: CampaignTouches): CampaignTouches {
  const merged: Record<string, CampaignTouch> = { ...a };
  for (const [key, other] of Object.entries(b)) {
    const mine = a[key];
    if (mine === undefined || isEarlier(other, mine) === key.startsWith(FIRST)) merged[key] = other;
  }
  return merged;
}

/**
 * Whether `next`, merged from `known`, says something that is worth a write. A later page of one campaign does not: some
 * sites hand their parameters on with each link. An earlier one does, for it is where the person came in.
 */
export function isTouchNews(known: CampaignTouches, next: CampaignTouches): boolean {
  return Object.entries(next).some(([key, touch]) => {
    const before = known[key];
    if (before === undefined || Math.abs(before.at - touch.at) >= REPEATED_MS) return true;
    return key.startsWith(FIRST) ? wordsOf(before) !== wordsOf(touch) : campaignOf(before) !== campaignOf(touch);
  });
}

/** Without what is older than `since` (event time, epoch ms). The last touch then becomes the earliest that is known. */
export function liveTouches(touches: CampaignTouches, since: number): CampaignTouches {
  if (Object.values(touches).every(({ at }) => at >= since)) return touches;
  const live: Record<string, CampaignTouch> = {};
  for (const [key, touch] of Object.entries(touches)) {
    if (touch.at >= since) live[key] = touch;
    else if (key.startsWith(FIRST)) {
      const last = touches[lastOf(key.slice(FIRST.length))];
      if (last !== undefined && last.at >= since) live[key] = last;
    }
  }
  return live;
}

/**
 * What an event of this scope and time (epoch ms) is given: nothing that came after it. Where a split took one of the two
 * away, the other one is all that is known. Undefined when there is nothing.
 */
export function givenTouches(
  touches: CampaignTouches,
  { scope, since, until }: { scope: string; since: number; until: number },
): { first?: CampaignTouch; last?: CampaignTouch } | undefined {
  const live = liveTouches(touches, since);
  const first = live[firstOf(scope)] ?? live[lastOf(scope)];
  const last = live[lastOf(scope)] ?? first;
  const given = {
    ...(first === undefined || first.at > until ? {} : { first: { ...first } }),
    ...(last === undefined || last.at > until ? {} : { last: { ...last } }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
}

/** The dedup scope of a touch, by its key among a person's touches. */
export function scopeOfTouch(key: string): string {
  return key.slice(key.indexOf("#") + 1);
}

const FIRST = "first#";

function firstOf(scope: string): string {
  return FIRST + scope;
}

function lastOf(scope: string): string {
  return `last#${scope}`;
}

/** A total order, so that touches of one moment are merged alike whichever comes first. */
function isEarlier(a: CampaignTouch, b: CampaignTouch): boolean {
  return a.at === b.at ? wordsOf(a) < wordsOf(b) : a.at < b.at;
}

function wordsOf(touch: CampaignTouch): string {
  return JSON.stringify([campaignOf(touch), touch.page ?? 0]);
}

function campaignOf({ click, ...campaign }: CampaignTouch): string {
  return JSON.stringify([...CAMPAIGN_FIELDS.map((field) => campaign[field] ?? 0), click ?? 0]);
}

function webPage(url: string | undefined): URL | undefined {
  const web = webUrl(url);
  return web === undefined ? undefined : new URL(web);
}

/** Another site's campaign brought nobody here. */
function refererOnSite(page: CanonicalEvent["page"]): string | undefined {
  const [here, before] = [webPage(page?.url), webPage(page?.referrer)];
  return here !== undefined && here.host === before?.host ? page?.referrer : undefined;
}

function isLanding(page: URL): boolean {
  return CAMPAIGN_FIELDS.some((field) => page.searchParams.has(PARAMETERS[field])) || clickIn(page) !== undefined;
}

function clickIn(page: URL): CampaignTouch["click"] {
  const found = clickIdsFromUrl(page.href, 0);
  return CLICK_ID_NAMES.find((name) => found[name] !== undefined);
}

/** A value that an advertiser may have meant; no macro that nobody filled, and nothing that is a person's. */
function clean(raw: string | null | undefined, event: CanonicalEvent): string | undefined {
  const text = cleanText(raw ?? "")
    .replace(/\s+/g, " ")
    .trim();
  if (isUnfilled(text) || text.includes(REDACTED)) return undefined;
  const plain = decoded(text);
  if (kindOfValue(plain, ALL_KINDS) !== undefined || preHashed(plain) !== undefined) return undefined;
  return isNationalPhone(plain) || isOwnPhone(plain, event) ? undefined : cut(text, LONGEST_VALUE);
}

/** Numbers of campaigns do not begin with a zero. */
const NATIONAL_PHONE = /^\(?0[\d\s()./-]{7,20}$/;

function isNationalPhone(text: string): boolean {
  return NATIONAL_PHONE.test(text) && digitsOf(text).length >= FEWEST_PHONE_DIGITS;
}

const FEWEST_PHONE_DIGITS = 8;

/** The person's own number, in whatever form: without a plus it looks like the number of an ad. */
function isOwnPhone(text: string, { user }: CanonicalEvent): boolean {
  const own = digitsOf(user.phone ?? "").slice(-FEWEST_PHONE_DIGITS);
  return own.length === FEWEST_PHONE_DIGITS && digitsOf(text).endsWith(own);
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : cleanText(text.slice(0, length)).trim();
}
