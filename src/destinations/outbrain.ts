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
import { isNegative } from "../core/money.ts";
import type { Outcome } from "../core/outcome.ts";
import { opaqueClickId } from "../core/own-ids.ts";
import { jsonObject, statusOutcome } from "../core/platform-answer.ts";
import { retryOutcome } from "../core/retry-after.ts";
import { byDefault, flag, settingsFrom } from "../core/settings-schema.ts";
import { incomplete, limitedUse, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { isTypedName } from "../core/typed-name.ts";

interface OutbrainSettings {
  /** Whether the time of the event is sent; else a conversion happens when Outbrain hears of it. */
  sendTime: boolean;
}

type Context = DeliveryContext<OutbrainSettings>;

/** Outbrain's server-to-server conversions. https://www.outbrain.com/help/advertisers/server2server-integrations/ */
export const outbrain: Destination<OutbrainSettings> = defineDestination({
  id: "outbrain",
  name: "Outbrain",
  settings: settingsFrom<OutbrainSettings>({ sendTime: byDefault(flag, false) }),
  catalogue: {
    status: "beta",
    dedup: "none documented",
    maxAge: "30 days (our choice)",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform. It gets clicks, no e-mail or phone.",
      identifiers: [],
      docs: "https://www.outbrain.com/help/advertisers/server2server-integrations/",
    },
    consentRule: { because: "Outbrain has no field for a refusal or for limited use." },
    docs: "https://www.outbrain.com/help/advertisers/server2server-integrations/",
  },
  // Outbrain knows no key: the click id says whose conversion it is.
  credentials: [],
  limits: {
    batchSize: 1,
    // A GET has no body.
    bodyBytes: 2_000,
    // Not published. As long as a click counts with us, and as Outbrain's own conversion window does at first.
    maxAgeMs: () => 30 * DAY_MS,
    timeoutMs: 10_000,
    batchFailure: "per_event",
  },
  // There is no field that would tell Outbrain of a refusal, or of a wish for limited use.
  tcfVendorId: TCF_VENDORS.outbrain,
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // Conversions are made in each account, and known by the name that somebody typed there.
  eventNames: {},
  eventNameProblem: (name) =>
    isTypedName(name)
      ? undefined
      : "must be the name of an event-based conversion in Amplify, exactly as it is written there",
  // Outbrain takes nothing of a person: there is a click or there is none.
  matchKeys: { click_id: 1 },
  dedupsByEventId: false,
  needsRawContact: () => false,

  identifiers: (event) => new Set(opaqueClickId(event, "ob_click_id") === undefined ? [] : ["click_id"]),

  skipReason(event, context) {
    return sharedSkipReason(event, outbrain, context) ?? limitedUse(event, outbrain) ?? unsendable(event, context);
  },

  buildRequest(events, context) {
    const [event] = events;
    if (event === undefined || events.length > 1) throw new RangeError("Outbrain takes exactly one event a request");
    const query = Object.entries(parameters(event, context))
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${encodeURIComponent(value ?? "")}`);
    return {
      method: "GET",
      url: `https://tr.outbrain.com/unifiedPixel?${query.join("&")}`,
      headers: {},
      body: "",
    } satisfies DestinationRequest;
  },

  classify(response, events) {
    const outcome = readAnswer(response);
    return events.map(() => outcome);
  },
});

function unsendable(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const name = wireName(event, outbrain, context) ?? "";
  if (!isTypedName(name)) {
    return incomplete(
      "no conversion at Outbrain can have the name that the sender gave this event: give it one in customEvents",
    );
  }
  if (opaqueClickId(event, "ob_click_id") === undefined) {
    return incomplete(
      "Outbrain needs its click id: put OutbrainClickId={{ob_click_id}} into the tracking code of the campaigns",
    );
  }
  return event.event_name !== "refund" && event.value !== undefined && isNegative(event.value)
    ? incomplete("a conversion with a negative value is none, and Outbrain takes no refunds")
    : undefined;
}

function parameters(event: CanonicalEvent, context: Context): Record<string, string | undefined> {
  const { order_id: orderId, value, currency } = event;
  // A value means nothing without its currency, and a refund's would be added to the revenue.
  const hasMoney = value !== undefined && currency !== undefined && event.event_name !== "refund";
  return {
    ob_click_id: opaqueClickId(event, "ob_click_id"),
    name: wireName(event, outbrain, context),
    orderId: orderId === undefined || orderId.trim() === "" ? undefined : idInClear(orderId),
    orderValue: hasMoney ? value : undefined,
    currency: hasMoney ? currency.toUpperCase() : undefined,
    timestamp: context.settings.sendTime ? time(Math.min(event.event_time, context.now)) : undefined,
  };
}

/** `yyyy-MM-dd HH:mm:ss`, one of the forms that Outbrain lists; in UTC, since it names no zone. */
function time(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * What Outbrain's answer means. A 2xx is all that it documents of success: it says that the request arrived, and
 * neither that the click is known nor that there is a conversion of this name. That is a delivery, since no better word
 * will ever come and asking again could count twice; the note says how little it is. A 2xx that speaks of an error is
 * none, nor is a web page, which only somebody between us and Outbrain can have answered with.
 */
function readAnswer(response: DestinationResponse): Outcome {
  const { status } = response;
  // There is one address, and it has moved: a person has to look, while the events are kept.
  if (status === 404 || status === 410)
    return { kind: "unauthorized", reason: `HTTP ${status}: Outbrain's address has moved` };
  if (status < 200 || status >= 300) return statusOutcome(response);
  if (/^\s*</.test(response.body)) return retryOutcome(`a web page answered ${status} in Outbrain's place`);
  const body = jsonObject(response.body);
  return body?.error === undefined && body?.errors === undefined
    ? { kind: "delivered", note: "Outbrain confirms nothing: its answer says only that the request arrived" }
    : retryOutcome(`Outbrain answered ${status} with an error`);
}
