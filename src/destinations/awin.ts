import { tokenProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { holdsContact } from "../core/page-url.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./awin/answer.ts";
import { attributionOf } from "./awin/attribution.ts";
import { currencyOf, isSale, orderCents, orderOf } from "./awin/order.ts";
import { type AwinSettings, awinSettings, COMMISSION_GROUP } from "./awin/settings.ts";

type Context = DeliveryContext<AwinSettings>;

/** Awin Conversion API. https://help.awin.com/apidocs/conversion-api */
export const awin: Destination<AwinSettings> = defineDestination({
  id: "awin",
  name: "Awin",
  settings: awinSettings,
  catalogue: {
    status: "stable",
    dedup: "order reference; no window published",
    maxAge: "30 days (our choice)",
    testMode: "`isTest`",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform. It gets clicks and orders, no e-mail or phone.",
      identifiers: [],
      docs: "https://help.awin.com/apidocs/conversion-api",
    },
    consentRule: {
      because:
        "A sale is booked for a click that was stored; nothing is personalised with it, and Awin has no field for consent.",
    },
    docs: "https://help.awin.com/apidocs/conversion-api",
  },
  credentials: ["apiKey"],
  limits: {
    batchSize: 1000,
    // Not published. 1,000 orders with a few products each fit.
    bodyBytes: 1_000_000,
    // Not published. A click counts for as long as each programme says, 30 days at most of them.
    maxAgeMs: () => 30 * DAY_MS,
    timeoutMs: 10_000,
    // Orders are answered one by one, unless the request itself is refused.
    batchFailure: "whole",
    rowsInSuccess: true,
    // Awin asks for a batch every 10 to 60 seconds: sooner is throttled, and what comes three minutes after the
    // browser's own tag no longer counts as the better source.
    batchWindowSeconds: 10,
  },
  consent: ["ad_storage"],
  // The name of an event is its commission group. Every order may cost commission, so that only purchases are orders
  // until the config says which other events are.
  eventNames: { purchase: "DEFAULT" },
  eventNameProblem: (name) =>
    COMMISSION_GROUP.test(name)
      ? undefined
      : "must be the code of a commission group: 1 to 50 characters, none of | : ,",
  // Awin finds nobody by their data: there is a click or there is none.
  matchKeys: { click_id: 1 },
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: tokenProblem("apiKey"),

  identifiers: (event, { settings }) => new Set(attributionOf(event, settings)?.awc === undefined ? [] : ["click_id"]),

  skipReason(event, context) {
    return sharedSkipReason(event, awin, context) ?? unsendable(event, context);
  },

  buildRequest(events, context) {
    const { settings, credentials, testMode, now } = context;
    const orders = events.map((event) =>
      orderOf(event, { settings, group: wireName(event, awin, context) ?? "DEFAULT", isTest: testMode, now }),
    );
    return {
      method: "POST",
      url: `https://api.awin.com/s2s/advertiser/${settings.advertiserId}/orders`,
      headers: { "content-type": "application/json", "x-api-key": credentials.apiKey ?? "{apiKey}" },
      body: JSON.stringify({ orders }),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events),
});

/** What Awin insists on, and what would be an order that is none. */
function unsendable(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const { settings } = context;
  if (event.event_name === "refund") {
    return {
      code: "not_configured",
      detail:
        "Awin takes no refunds with its orders: amend or decline the transaction in Awin before its validation ends",
    };
  }
  const group = wireName(event, awin, context) ?? "";
  if (!COMMISSION_GROUP.test(group) || holdsContact(group)) {
    return incomplete(
      "no commission group at Awin can have the name that the sender gave this event: give it one in customEvents",
    );
  }
  if (attributionOf(event, settings) === undefined) {
    return incomplete(
      settings.voucherWithoutClick
        ? "Awin needs the click (awc, from the landing page) or a voucher code (coupon)"
        : "Awin needs the click (awc, from the landing page)",
    );
  }
  if (currencyOf(event, settings) === undefined) {
    return incomplete(
      "Awin refuses orders without currency: send it, or set settings.currency for events that have none",
    );
  }
  if (isSale(event) && event.value === undefined) return incomplete("Awin refuses orders without a value");
  return orderCents(event, settings) <= 0n
    ? incomplete("Awin refuses orders of nothing: the value is not above zero")
    : undefined;
}
