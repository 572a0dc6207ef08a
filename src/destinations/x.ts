import { tokenProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  type Identifier,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import { type CanonicalEvent, EVENT_NAMES } from "../core/event.ts";
import { isNegative } from "../core/money.ts";
import { byDefault, oneOf, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, limitedUse, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./x/answer.ts";
import { conversionDetails } from "./x/details.ts";
import { identifiersOf, pointsAtSomebody, type XIdentifier } from "./x/identifiers.ts";

interface XSettings {
  /** Id of the pixel (event source), such as `o8z6j`. */
  pixelId: string;
  /**
   * What becomes of events of which only IP address and user agent are known: X names a click id, e-mail or phone as
   * needed in one place, and takes the two together in another.
   */
  ipAndUserAgentOnly: "skip" | "send";
}

type Context = DeliveryContext<XSettings>;

const EVENT_ID = /^(?:tw-[a-z0-9]{3,12}-)?[a-z0-9]{3,12}$/;

/** X Ads Conversion API. https://docs.x.com/x-ads-api/measurement/web-conversions */
export const x: Destination<XSettings> = defineDestination({
  id: "x",
  name: "X",
  settings: settingsFrom<XSettings>({
    pixelId: text("must be the id of the pixel, such as o8z6j", (id) => /^[a-z0-9]{3,12}$/.test(id)),
    ipAndUserAgentOnly: byDefault(oneOf(["skip", "send"]), "skip"),
  }),
  catalogue: {
    status: "stable",
    dedup: "event id of the pixel + `conversion_id`; window not published",
    maxAge: "7 days (ours: X publishes none)",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://docs.x.com/x-ads-api/measurement/web-conversions",
    },
    consentRule: {
      because: "X has no field for a refusal or for limited use, and asks that who opted out be left out.",
    },
    docs: "https://docs.x.com/x-ads-api/measurement/web-conversions",
  },
  credentials: ["pixelToken"],
  limits: {
    batchSize: 500,
    // Not published. 500 conversions with some items each are about 500 kB.
    bodyBytes: 1_000_000,
    // Not published; what others keep to.
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    // A request is taken only when none of its conversions is wrong.
    batchFailure: "whole",
  },
  // X asks to leave people out who refused, and has no field to say so.
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // Events are made in Events Manager, and known by their id.
  eventNames: {},
  // X publishes no weights. It recommends the click id always, then e-mail and phone; the rest only supports those.
  matchKeys: { click_id: 40, email: 30, phone: 20, ip_and_user_agent: 10 },
  dedupsByEventId: true,
  needsRawContact: () => false,

  eventNameProblem: (name) =>
    // Names have the form of ids: "purchase" would be refused with every request.
    EVENT_ID.test(name) && !EVENT_NAMES.some((known) => known === name)
      ? undefined
      : "must be the id of an event in Events Manager, such as tw-o8z6j-o87ne or o87ne",

  credentialProblem: tokenProblem("pixelToken"),

  identifiers: (event) => namesOf(identifiersOf(event)),

  skipReason(event, context) {
    return (
      sharedSkipReason(event, x, context) ??
      // X asks to leave out who opted out of tracking or of the sale of their data.
      limitedUse(event, x) ??
      wrongPixel(event, context) ??
      missingFields(event, context)
    );
  },

  // X documents the request as one for a single event id. What it says of that id then holds for all of the request.
  batchKey: (event, context) => wireName(event, x, context) ?? "",

  buildRequest(events, context) {
    const { settings, credentials } = context;
    return {
      method: "POST",
      url: `https://ads-api.x.com/12/measurement/conversions/${settings.pixelId}`,
      headers: { "content-type": "application/json", "x-pixel-token": credentials.pixelToken ?? "{pixelToken}" },
      body: JSON.stringify({ conversions: events.map((event) => conversion(event, context)) }),
    };
  },

  classify(response, events) {
    const outcome = readAnswer(response, events.length);
    return events.map(() => outcome);
  },
});

/** An event of another pixel would be refused with the whole request. */
function wrongPixel(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const name = wireName(event, x, context) ?? "";
  const { pixelId } = context.settings;
  return !name.startsWith("tw-") || name.startsWith(`tw-${pixelId}-`)
    ? undefined
    : { code: "not_configured", detail: `the event id ${name} belongs to another pixel than ${pixelId}` };
}

function missingFields(event: CanonicalEvent, { settings }: Context): SkipReason | undefined {
  if (event.value !== undefined && isNegative(event.value)) {
    return incomplete("X takes no negative value, and cannot take a conversion back");
  }
  const identifiers = identifiersOf(event);
  if (identifiers.some(pointsAtSomebody)) return undefined;
  if (settings.ipAndUserAgentOnly === "skip") return incomplete("X needs a twclid, an e-mail or a phone");
  return identifiers.length > 0
    ? undefined
    : incomplete("X needs a twclid, an e-mail, a phone, or a public IPv4 address together with user.user_agent");
}

function conversion(event: CanonicalEvent, context: Context): Record<string, unknown> {
  return {
    // Senders' clocks run ahead, and a conversion has to lie in the past.
    conversion_time: new Date(Math.min(event.event_time, context.now)).toISOString(),
    event_id: wireName(event, x, context) ?? "",
    conversion_id: event.event_id,
    identifiers: identifiersOf(event),
    ...conversionDetails(event),
  };
}

function namesOf(identifiers: readonly XIdentifier[]): ReadonlySet<Identifier> {
  const sent: XIdentifier = Object.assign({}, ...identifiers);
  const present: Partial<Record<Identifier, boolean>> = {
    click_id: sent.twclid !== undefined,
    email: sent.hashed_email !== undefined,
    phone: sent.hashed_phone_number !== undefined,
    ip_and_user_agent: sent.ip_address !== undefined && sent.user_agent !== undefined,
  };
  return new Set((Object.keys(present) as Identifier[]).filter((identifier) => present[identifier] === true));
}
