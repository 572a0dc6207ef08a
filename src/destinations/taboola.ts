import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  type DestinationResponse,
  defineDestination,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { idInClear } from "../core/id-in-clear.ts";
import { piecesIn } from "../core/item-lines.ts";
import { isNegative, moneyToNumber } from "../core/money.ts";
import type { Outcome } from "../core/outcome.ts";
import { opaqueClickId } from "../core/own-ids.ts";
import { statusOutcome } from "../core/platform-answer.ts";
import { settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, limitedUse, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { isTypedName } from "../core/typed-name.ts";

interface TaboolaSettings {
  /** Number of the account, or of the network account whose sub-accounts the clicks belong to. */
  accountId: string;
}

type Context = DeliveryContext<TaboolaSettings>;

/**
 * Taboola's bulk server-to-server conversions. https://developers.taboola.com/pixel/docs/bulk-submit-s2s-conversions
 */
export const taboola: Destination<TaboolaSettings> = defineDestination({
  id: "taboola",
  name: "Taboola",
  settings: settingsFrom<TaboolaSettings>({
    accountId: text("must be the account's number, digits as text", (id) => /^\d{1,15}$/.test(id)),
  }),
  catalogue: {
    status: "beta",
    dedup: "order id; no window published",
    maxAge: "30 days (our choice)",
    deletion: {
      by: "undocumented",
      how: "No documented way for advertisers; ask the platform. People in the US can ask it themselves, in the browser that they used, at https://ccparequest.taboola.com.",
      identifiers: [],
      docs: "https://www.taboola.com/policies/media-privacy-addendum/privacy-terms-for-advertisers",
    },
    consentRule: { because: "Taboola has no field for a refusal or for limited use." },
    docs: "https://developers.taboola.com/pixel/docs/bulk-submit-s2s-conversions",
  },
  // Taboola knows no key: the click id says whose conversion it is.
  credentials: [],
  limits: {
    batchSize: 1000,
    // Not published. 1,000 conversions with long ids and names fit.
    bodyBytes: 1_000_000,
    // Not published. As long as a click counts with us, and as Taboola's own click-through window does at first.
    maxAgeMs: () => 30 * DAY_MS,
    timeoutMs: 10_000,
    // Not published. An answer speaks of the request only.
    batchFailure: "whole",
  },
  // There is no field that would tell Taboola of a refusal, or of a wish for limited use.
  tcfVendorId: TCF_VENDORS.taboola,
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // Conversions are made in each account, and known by the Event Name that somebody typed there.
  eventNames: {},
  eventNameProblem: (name) =>
    isTypedName(name) ? undefined : "must be the Event Name of a conversion in Realize, exactly as it is written there",
  // Taboola takes nothing of a person: there is a click or there is none.
  matchKeys: { click_id: 1 },
  // By order id, which most events lack.
  dedupsByEventId: (event) => orderId(event) !== undefined,
  needsRawContact: () => false,

  identifiers: (event) => new Set(opaqueClickId(event, "tblci") === undefined ? [] : ["click_id"]),

  skipReason(event, context) {
    return sharedSkipReason(event, taboola, context) ?? limitedUse(event, taboola) ?? unsendable(event, context);
  },

  buildRequest(events, context) {
    return {
      method: "POST",
      url: `https://trc.taboola.com/${context.settings.accountId}/log/3/bulk-s2s-action`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ actions: events.map((event) => action(event, context)) }),
    } satisfies DestinationRequest;
  },

  classify(response, events) {
    const outcome = readAnswer(response);
    return events.map(() => outcome);
  },
});

/** Currencies that Taboola converts. https://developers.taboola.com/pixel/docs/the-postback-url */
const CURRENCIES: ReadonlySet<string> = new Set(
  "AUD BRL CAD CNY EUR GBP HKD ILS INR JPY KRW MXN NZD RUB SGD THB TRY USD ZAR".split(" "),
);

function unsendable(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const name = wireName(event, taboola, context) ?? "";
  if (!isTypedName(name)) {
    return incomplete(
      "no conversion at Taboola can have the name that the sender gave this event: give it one in customEvents",
    );
  }
  if (opaqueClickId(event, "tblci") === undefined) {
    return incomplete("Taboola needs its click id: put tblci={click_id} into the tracking code of the campaigns");
  }
  return event.event_name !== "refund" && event.value !== undefined && isNegative(event.value)
    ? incomplete("a conversion with a negative value is none, and Taboola takes no refunds")
    : undefined;
}

function action(event: CanonicalEvent, context: Context): Record<string, unknown> {
  return {
    "click-id": opaqueClickId(event, "tblci"),
    // Milliseconds. Senders' clocks run ahead.
    timestamp: Math.floor(Math.min(event.event_time, context.now)),
    name: wireName(event, taboola, context),
    ...revenue(event),
    quantity: piecesIn(event.items ?? []),
    orderid: orderId(event),
  };
}

/**
 * Without a currency Taboola takes the account's: an amount in another, or in none that we know of, would be another
 * amount, so that it is left out. A refund's would be added to the revenue.
 */
function revenue({ event_name, value, currency }: CanonicalEvent): { revenue: number; currency: string } | undefined {
  const code = currency?.toUpperCase();
  if (event_name === "refund" || value === undefined || code === undefined || !CURRENCIES.has(code)) return undefined;
  return { revenue: moneyToNumber(value), currency: code };
}

function orderId({ order_id: id }: CanonicalEvent): string | undefined {
  return id === undefined || id.trim() === "" ? undefined : idInClear(id);
}

/**
 * What Taboola's answer means for all events of the request. 204 is its success, and there is no word about any event:
 * of a name that the account does not have, nobody hears. A success with something to say is not known, and asked
 * again. Source: https://developers.taboola.com/pixel/docs/postback-url-error-codes
 */
function readAnswer(response: DestinationResponse): Outcome {
  const { status, body } = response;
  if (status >= 200 && status < 300 && body.trim() === "") {
    return { kind: "delivered", note: "Taboola took the request; it confirms no single event" };
  }
  // Of an account that does not exist there is nothing to send to: a person has to correct the number.
  if (status === 404) return { kind: "unauthorized", reason: "HTTP 404: is accountId the account's number?" };
  return statusOutcome(response);
}
