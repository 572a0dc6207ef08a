import { clickIdsFrom, clickIdsFromUrl } from "../core/client-ids.ts";
import { parseTime } from "../core/clock-skew.ts";
import type { ActionSource } from "../core/event.ts";
import { likelyEventName } from "../core/event-names.ts";
import { commerceFields, type ValueFrom } from "./ecommerce-spec.ts";
import { browserIdsFromIntegrations, browserIdsIn, type RoutedLane, routingOf } from "./integrations.ts";
import { firstText, looseObject, looseText } from "./loose-fields.ts";
import { appFrom } from "./sdk-app.ts";
import { type ConsentCategories, sdkConsent, sdkConsentStrings } from "./sdk-consent.ts";
import { userFromTraits } from "./sdk-traits.ts";

/** The settings that the mapping depends on. */
export interface SdkSettings {
  valueFrom: ValueFrom;
  categories: ConsentCategories;
  lanes: readonly RoutedLane[];
}

/** One SDK event as the event contract wants it, with what the library says about the machine that it ran on. */
export type SdkEvent =
  | {
      kind: "event";
      input: Record<string, unknown>;
      library?: string;
      /** The library runs on the visitor's device, and its clock is the device's. */
      onDevice: boolean;
      /** A vendor took the event before us: `sentAt` and our clock are hours or days of queueing apart, not a wrong clock. */
      passedOn: boolean;
      /** It runs in a browser: under a server's key, somebody relays it and the connection is the relay's. */
      inBrowser: boolean;
    }
  /** A type that carries no conversion, such as RudderStack's `record`. */
  | { kind: "ignored"; type: string }
  | { kind: "invalid"; problem: { field: string; rule: string; got: string } };

const NOT_CONVERSIONS = new Set(["merge", "record", "audiencelist", "extract", "delete"]);
const BROWSER_LIBRARY = /^(?:analytics\.js|analytics-next|rudderlabs javascript sdk)/i;
const MOBILE_LIBRARY = /android|ios|swift|kotlin|react.native|flutter|cordova|unity/i;

// What the SDKs and the vendors' HTTP APIs make up when the caller gives no `messageId`.
const SDK_MADE_ID =
  /^(?:(?:node|ajs|api|server)(?:-next)?-|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)/i;

/**
 * Whether an SDK made this message id up, so that the browser's and the server's copy of one order have two. An id that
 * the caller chose is the one that the page's own tags were given too, and stays.
 */
export function isSdkMadeId(messageId: string): boolean {
  return SDK_MADE_ID.test(messageId);
}

/** Maps one event of a Segment or RudderStack SDK; never throws. */
export function mapSdkEvent(
  raw: Record<string, unknown>,
  settings: SdkSettings,
  batchSentAt: number | undefined,
): SdkEvent {
  const type = looseText(raw.type, 40)?.toLowerCase() ?? "";
  if (NOT_CONVERSIONS.has(type)) return { kind: "ignored", type };
  const name = nameOf(raw, type);
  if (typeof name === "object") return { kind: "invalid", problem: name };
  const context = looseObject(raw.context);
  const { mobile, ...machine } = machineOf(raw, context);
  const properties = looseObject(raw.properties);
  const canonical = likelyEventName(name);
  const commerce = commerceFields(canonical, properties, settings.valueFrom);
  return {
    kind: "event",
    ...machine,
    passedOn: raw.receivedAt !== undefined && raw.receivedAt !== null,
    input: {
      event_name: canonical ?? name,
      event_id: looseText(raw.messageId, 200),
      event_time: looseTime(raw.timestamp) ?? looseTime(raw.originalTimestamp),
      sent_at: looseTime(raw.sentAt) ?? batchSentAt,
      action_source: actionSourceOf(type, { ...machine, mobile }),
      page: pageOf(context, properties, type),
      campaign: campaignOf(context),
      user: userOf(raw, type, context),
      browser_ids: { ...browserIdsFromIntegrations(raw.integrations), ...browserIdsIn(properties) },
      click_ids: clickIdsOf(raw, context, properties),
      ...(machine.inBrowser ? {} : appFrom(context, machine.library)),
      consent: { ...sdkConsent(context, settings.categories), ...sdkConsentStrings(context) },
      destinations: routingOf(raw.integrations, settings.lanes),
      ...(type === "track" || type === "page" || type === "screen" ? commerce : {}),
    },
  };
}

function nameOf(raw: Record<string, unknown>, type: string): string | { field: string; rule: string; got: string } {
  switch (type) {
    case "track":
      return (
        looseText(raw.event, 100) ?? { field: "event", rule: "text of at most 100 characters", got: typeof raw.event }
      );
    case "page":
    case "screen":
      return "page_view";
    // A group or alias call teaches who is who, as identify does.
    case "identify":
    case "group":
    case "alias":
      return "identify";
    default:
      return { field: "type", rule: "track, identify, page, screen, group or alias", got: typeof raw.type };
  }
}

function machineOf(raw: Record<string, unknown>, context: Record<string, unknown>) {
  const library = looseObject(context.library);
  const name = looseText(library.name, 200);
  const version = looseText(library.version, 100);
  const inBrowser = raw.channel === "web" || BROWSER_LIBRARY.test(name ?? "");
  const mobile = raw.channel === "mobile" || MOBILE_LIBRARY.test(name ?? "");
  return {
    ...(name === undefined ? {} : { library: version === undefined ? name : `${name}/${version}` }),
    inBrowser,
    mobile,
    // `context.direct` is Segment's way of saying "this connection is the person's".
    onDevice: inBrowser || mobile || context.direct === true,
  };
}

// A browser's event is left to the rule of all others: a relay may have lost what a website's event needs.
function actionSourceOf(type: string, machine: { inBrowser: boolean; mobile: boolean }): ActionSource | undefined {
  if (machine.inBrowser) return undefined;
  return machine.mobile || type === "screen" ? "app" : undefined;
}

function pageOf(context: Record<string, unknown>, properties: Record<string, unknown>, type: string) {
  const page = looseObject(context.page);
  const own = type === "page" ? properties : {};
  return {
    url: firstText(page, ["url", "tab_url"]) ?? looseText(own.url),
    referrer: looseText(page.referrer) ?? looseText(own.referrer),
    title: looseText(page.title) ?? looseText(own.title),
  };
}

/** Both vendors' `context.campaign`: the `utm_` parameters without that prefix, `utm_campaign` as `name`. */
function campaignOf(context: Record<string, unknown>) {
  const campaign = looseObject(context.campaign);
  const cut = (name: string) => looseText(campaign[name], 200);
  return {
    source: cut("source"),
    medium: cut("medium"),
    name: cut("name"),
    term: cut("term"),
    content: cut("content"),
    id: cut("id"),
  };
}

function userOf(raw: Record<string, unknown>, type: string, context: Record<string, unknown>) {
  // The traits of a group call describe the group; RudderStack's identify has its traits in the context only.
  const traits = { ...looseObject(context.traits), ...(type === "identify" ? looseObject(raw.traits) : {}) };
  const previous = type === "alias" ? looseText(raw.previousId, 256) : undefined;
  return {
    ...userFromTraits(traits),
    user_id: looseText(raw.userId, 256) ?? externalId(context, "user_id"),
    anonymous_id: previous ?? looseText(raw.anonymousId, 256),
    ip: looseText(context.ip, 64) ?? looseText(raw.request_ip, 64),
    user_agent: looseText(context.userAgent),
  };
}

// Segment's name of the list, then RudderStack's.
function externalId({ externalIds, externalId }: Record<string, unknown>, type: string): string | undefined {
  const entries = [externalIds, externalId].flat().map(looseObject);
  return looseText(entries.find((entry) => entry.type === type)?.id, 256);
}

/** Ad-click types of Segment's `context.referrer` → the click id that `id` is. */
const REFERRER_TYPES: Readonly<Record<string, string>> = { facebook: "fbclid", google: "gclid", tiktok: "ttclid" };

// Each later place is closer to what the sender meant as a click id.
function clickIdsOf(
  raw: Record<string, unknown>,
  context: Record<string, unknown>,
  properties: Record<string, unknown>,
): Record<string, string> {
  const referrer = looseObject(context.referrer);
  const referrerType = REFERRER_TYPES[looseText(referrer.type, 40)?.toLowerCase() ?? ""];
  const search = looseText(looseObject(context.page).search);
  const places = [
    clickIdsFromUrl(search === undefined ? undefined : `https://page/${search.replace(/^(?!\?)/, "?")}`, 0),
    clickIdsFrom((name) => (name === referrerType ? looseText(referrer.id) : undefined), 0),
    clickIdsFrom((name) => looseText(looseObject(context.campaign)[name]), 0),
    clickIdsFrom((name) => looseText(properties[name]), 0),
    ...Object.values(looseObject(raw.integrations)).map((settings) =>
      clickIdsFrom((name) => looseText(looseObject(settings)[name]), 0),
    ),
  ];
  return Object.fromEntries(
    Object.entries(Object.assign({}, ...places)).map(([name, seen]) => [name, seenValue(seen)]),
  );
}

function seenValue(seen: unknown): string {
  return looseText(looseObject(seen).value) ?? "";
}

/** Epoch ms. A time that does not parse is left out: the moment of receipt is close, and the event is worth more than its clock. */
export function looseTime(value: unknown): number | undefined {
  return typeof value === "string" || typeof value === "number" ? parseTime(value) : undefined;
}
