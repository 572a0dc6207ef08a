import { tokenProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type Identifier,
  type SkipReason,
} from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { incomplete, missingTestCode, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./tiktok/answer.ts";
import { appOf, tikTokEvent } from "./tiktok/event.ts";
import { EVENT_NAMES, LONGEST_NAME, tikTokEventName } from "./tiktok/event-name.ts";
import { eventSource, MAX_AGE_MS } from "./tiktok/event-source.ts";
import { ID_SETTINGS, missingIds, type TikTokSettings, tikTokSettings } from "./tiktok/settings.ts";
import { leadId, type TikTokUser, tikTokUser } from "./tiktok/user.ts";

type Context = DeliveryContext<TikTokSettings>;

/** The same address for all kinds of events, one or many, with its slash at the end. */
const ENDPOINT = "https://business-api.tiktok.com/open_api/v1.3/event/track/";

/** Names under which TikTok counts revenue; the last two are the old ones, which it still takes. */
const PURCHASES: ReadonlySet<string> = new Set(["Purchase", "CompletePayment", "PlaceAnOrder"]);

/**
 * TikTok Events API v1.3 ("Events API 2.0"): websites, apps, offline event sets and CRM event sets.
 * https://business-api.tiktok.com/portal/docs?id=1771101303285761
 */
export const tiktok: Destination<TikTokSettings> = defineDestination({
  id: "tiktok",
  name: "TikTok",
  settings: tikTokSettings,
  catalogue: {
    status: "stable",
    dedup: "pixel, app or set + event name + event id, 48 h",
    maxAge: "7 days; offline and CRM 28 days",
    testMode: "`test_event_code`",
    consentFields: "`limited_data_use`",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://business-api.tiktok.com/portal/docs?id=1771101303285761",
    },
    consentRule: { because: "`limited_data_use` limits what TikTok does with an event." },
    docs: "https://business-api.tiktok.com/portal/docs?id=1771101303285761",
  },
  credentials: ["accessToken"],
  limits: {
    batchSize: 1000,
    // Not published; 1000 events with a person and two items each stay below.
    bodyBytes: 2_000_000,
    maxAgeMs: (event, settings) => MAX_AGE_MS[eventSource(event, settings)],
    timeoutMs: 10_000,
    // TikTok stores nothing of a request in which one event is invalid.
    batchFailure: "whole",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  eventNames: EVENT_NAMES,
  // TikTok publishes neither weights nor an order; this one is that of agencies who compare its match scores.
  matchKeys: {
    click_id: 30,
    email: 25,
    phone: 20,
    external_id: 10,
    browser_id: 8,
    ip_and_user_agent: 7,
    name: 3,
    address: 2,
  },
  dedupsByEventId: true,
  needsRawContact: () => false,

  eventNameProblem: (name) =>
    name.trim() === "" || name.length > LONGEST_NAME ? `must have 1 to ${LONGEST_NAME} characters` : undefined,

  credentialProblem: tokenProblem("accessToken"),

  warnings: (settings) => missingIds(settings),

  identifiers(event, { settings }) {
    const source = eventSource(event, settings);
    return identifiersIn(tikTokUser(event, source), source === "crm" ? leadId(event) : undefined);
  },

  skipReason(event, context) {
    return (
      sharedSkipReason(event, tiktok, context) ??
      missingTestCode(context, context.settings.testEventCode, "testEventCode from Events Manager") ??
      sourceProblem(event, context) ??
      nameProblem(event, context) ??
      missingFields(event, context)
    );
  },

  // One request speaks for one kind, with one id.
  batchKey: (event, { settings }) => eventSource(event, settings),

  buildRequest(events, context) {
    const { settings, credentials, testMode } = context;
    const [first] = events;
    if (first === undefined) throw new RangeError("a request needs an event");
    const source = eventSource(first, settings);
    const body = {
      event_source: source,
      event_source_id: settings[ID_SETTINGS[source]],
      ...(testMode && settings.testEventCode !== undefined ? { test_event_code: settings.testEventCode } : {}),
      data: events.map((event) => tikTokEvent(event, source, context)),
    };
    return {
      method: "POST",
      url: ENDPOINT,
      headers: { "content-type": "application/json", "access-token": credentials.accessToken ?? "{accessToken}" },
      body: JSON.stringify(body),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events.length),
});

function sourceProblem(event: CanonicalEvent, { settings }: Context): SkipReason | undefined {
  const source = eventSource(event, settings);
  const setting = ID_SETTINGS[source];
  return settings[setting] === undefined
    ? {
        code: "not_configured",
        detail: `${event.action_source} events go to TikTok's ${source} events, which need settings.${setting}; eventSources sends them elsewhere`,
      }
    : undefined;
}

function nameProblem(event: CanonicalEvent, context: Context): SkipReason | undefined {
  return tikTokEventName(event, eventSource(event, context.settings), context) === ""
    ? {
        code: "not_configured",
        detail: "the name has no letter from A to Z: give it another in events or customEvents",
      }
    : undefined;
}

/** What TikTok insists on. Its answer to one such event would fail every event of the request. */
function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const source = eventSource(event, context.settings);
  const user = tikTokUser(event, source);
  const isAnyone = Boolean(user.email ?? user.phone ?? user.external_id);
  const hasDevice = user.ip !== undefined && user.user_agent !== undefined;
  if (source === "web" && !isAnyone && !(user.ttclid ?? user.ttp) && !hasDevice) {
    return incomplete(
      "nothing in the event points at a person: TikTok needs an e-mail, phone, id, ttclid, _ttp, or IP with user agent",
    );
  }
  if (source === "offline" && !isAnyone) {
    return incomplete("TikTok matches offline events by user.email, user.phone or user.user_id: send one of them");
  }
  if (source === "crm" && !(leadId(event) ?? user.email ?? user.phone)) {
    return incomplete("TikTok matches CRM events by lead_id, user.email or user.phone: send one of them");
  }
  if (source === "app") {
    if (appOf(event) === undefined) return incomplete("TikTok needs app.platform, and app.id or app.store_id");
    if (!(user.idfa ?? user.gaid ?? user.idfv) && !hasDevice) {
      return incomplete(
        "TikTok matches app events by device: send device.advertising_id, device.vendor_id, or user.ip with user.user_agent",
      );
    }
  }
  return PURCHASES.has(tikTokEventName(event, source, context)) ? noPurchase(event) : undefined;
}

/** The lead id counts as a click: TikTok made it for the person who answered its ad. */
function identifiersIn(user: TikTokUser, lead: string | undefined): ReadonlySet<Identifier> {
  const sent: Partial<Record<Identifier, unknown>> = {
    email: user.email,
    phone: user.phone,
    external_id: user.external_id,
    click_id: user.ttclid ?? user.lead_id ?? lead,
    browser_id: user.ttp ?? user.idfa ?? user.gaid ?? user.idfv,
    ip_and_user_agent: user.ip && user.user_agent,
    name: user.first_name ?? user.last_name,
    address: user.city ?? user.state ?? user.zip_code ?? user.country,
  };
  return identifiersWithValue(sent);
}
