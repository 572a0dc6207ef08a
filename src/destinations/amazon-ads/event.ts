import { type CanonicalEvent, displayName } from "../../core/event.ts";
import { piecesIn } from "../../core/item-lines.ts";
import { moneyToFixed } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { present, presentOrNothing } from "../../core/present.ts";
import { cutText } from "../../core/sender-properties.ts";
import { amazonConsent, limitsUse } from "./consent.ts";
import { customData } from "./custom-data.ts";
import { adToken, matchKeysOf } from "./match-keys.ts";

/** Settings that change an event's body. */
export interface EventSettings {
  /** Data set of Events Manager that events are kept in. */
  dataSet: string;
  /**
   * Amazon keeps of one id the latest event only, whatever its type. `with_name` puts the event's name before the id,
   * so that a page view and a purchase with one id both count; `as_given` sends the id alone.
   */
  eventIds: "with_name" | "as_given";
  /** Country of events that carry none, ISO 3166-1 alpha-2. */
  country?: string | undefined;
  /** Amazon's custom attribute → name of the property that fills it. */
  attributes: Record<string, string>;
}

/** Amazon's type of what is worth money; all other values are a score on a scale of the advertiser's. */
export const PURCHASE = "OFF_AMAZON_PURCHASES";

/** Currencies in Amazon's schema. https://advertising.amazon.com/API/docs/en-us/amazon-ads/1-0/betas#tag/Events */
export const CURRENCIES: ReadonlySet<string> = new Set(
  `AED ARS AUD AZN BBD BGN BHD BMD BND BOB BRL BSD CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GHS GTQ HKD HNL
   HRK HUF IDR ILS INR JMD JOD JPY KES KRW KWD KYD KZT LBP LKR MAD MUR MXN MYR NAD NGN NOK NZD PAB PEN PHP PKR PLN PYG
   QAR RON RSD RUB SAR SEK SGD THB TND TRY TTD TWD TZS UAH USD UYU VND XAF XCD XOF XPF ZAR`.split(/\s+/),
);

const LONGEST_NAME = 100;
const LONGEST_USER_AGENT = 512;

/** One event as Amazon takes it; `type` is its conversion type. */
export function conversionEvent(
  event: CanonicalEvent,
  type: string,
  settings: EventSettings,
  now: number,
): Record<string, unknown> {
  const name = eventName(event);
  return present({
    eventDescription: {
      name,
      conversionType: type,
      eventSource: eventSource(event),
      eventIngestionMethod: "SERVER_TO_SERVER",
      dataSetName: settings.dataSet,
    },
    countryCode: countryOf(event, settings),
    eventTime: isoSeconds(Math.min(event.event_time, now)),
    eventId: settings.eventIds === "as_given" ? event.event_id : `${name}.${event.event_id}`,
    matchKeys: matchKeysOf(event),
    ...(type === PURCHASE ? sale(event) : score(event)),
    consent: amazonConsent(event),
    dataProcessingOptions: limitsUse(event) ? { options: "LIMITED_DATA_USE" } : undefined,
    customData: customData(event, settings.attributes),
    deviceInfo: presentOrNothing({ userAgent: userAgent(event) }),
    arefMeasurementTokens: adToken(event),
  });
}

/** Where it happened; undefined for an app of which nobody said what it runs on. */
export function eventSource({ action_source: action, app }: CanonicalEvent): string | undefined {
  if (action === "website") return "WEBSITE";
  if (action !== "app") return "OFFLINE";
  if (app === undefined) return undefined;
  return app.platform === "ios" ? "IOS" : "ANDROID";
}

/** The person's country, else the one that the settings name. Amazon takes no event without. */
export function countryOf({ location, user }: CanonicalEvent, { country }: EventSettings): string | undefined {
  const code = (user.country ?? location?.country)?.toUpperCase();
  return code !== undefined && /^[A-Z]{2}$/.test(code) ? code : country;
}

// Events Manager lists events by this name, so that custom ones stand under their own.
function eventName(event: CanonicalEvent): string {
  const name = cutText(withoutAddresses(displayName(event)), LONGEST_NAME).trim();
  return name === "" ? event.event_name : name;
}

function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** Money, and never without its currency. Two decimals at most. */
function sale({ value, currency, items }: CanonicalEvent) {
  return {
    value: value === undefined || currency === undefined ? undefined : twoDecimals(value),
    currencyCode: value === undefined ? undefined : currency?.toUpperCase(),
    unitsSold: piecesIn(items ?? []),
  };
}

function score({ value }: CanonicalEvent) {
  return { value: value === undefined ? undefined : twoDecimals(value) };
}

function twoDecimals(value: string): number {
  return Number(moneyToFixed(value, 2));
}

function userAgent({ user }: CanonicalEvent): string | undefined {
  const text = user.user_agent?.trim();
  return text ? cutText(text, LONGEST_USER_AGENT) : undefined;
}
