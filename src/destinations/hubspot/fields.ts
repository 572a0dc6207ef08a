import { type CanonicalEvent, displayName, type JsonValue } from "../../core/event.ts";
import { absolute } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { cutText } from "../../core/sender-properties.ts";
import { TOUCH_NAMES, touchTexts } from "../../core/touch-texts.ts";

type Read = (event: CanonicalEvent) => string | undefined;

/** Fields of an event that a property of HubSpot can be filled from. HubSpot takes numbers and times as text. */
const FIELDS: Readonly<Record<string, Read>> = {
  event_name: displayName,
  event_id: ({ event_id }) => event_id,
  event_time: ({ event_time }) => new Date(event_time).toISOString(),
  value: ({ value }) => (value === undefined ? undefined : absolute(value)),
  currency: ({ currency }) => currency,
  order_id: ({ order_id }) => order_id,
  lead_id: ({ lead_id }) => lead_id,
  coupon: ({ coupon }) => coupon,
  tax: ({ tax }) => tax,
  shipping: ({ shipping }) => shipping,
  discount: ({ discount }) => discount,
  method: ({ method }) => method,
  payment_type: ({ payment_type }) => payment_type,
  search_term: ({ search_term }) => clean(search_term),
  action_source: ({ action_source }) => action_source,
  "source.id": ({ source }) => source.id,
  "page.url": ({ page }) => clean(page?.url),
  "page.title": ({ page }) => clean(page?.title),
  "page.referrer": ({ page }) => clean(page?.referrer),
  "items.id": ({ items }) => joined(items?.map(({ id }) => id)),
  "items.name": ({ items }) => joined(items?.map(({ name }) => name)),
  "items.category": ({ items }) => joined(items?.map(({ category }) => category)),
  "user.user_id": ({ user, known }) => user.user_id ?? known?.user_id,
  "user.anonymous_id": ({ user, known }) => user.anonymous_id ?? known?.anonymous_id,
  "user.gender": ({ user }) => user.gender,
  "user.date_of_birth": ({ user }) => user.date_of_birth,
  ...Object.fromEntries(TOUCH_NAMES.map((name): [string, Read] => [name, (event) => touchTexts(event)[name]])),
};

const OWN = "properties.";

/** Whether a property can be filled from this: a field of the list, or `properties.<name>`. */
export function isField(field: string): boolean {
  return Object.hasOwn(FIELDS, field) || (field.startsWith(OWN) && field.length > OWN.length);
}

/** The rule of `isField` in words. */
export const FIELD_RULE = `must be properties.<name> or one of ${Object.keys(FIELDS).join(", ")}`;

/**
 * The properties that the settings ask for, as far as the event has them: an empty text would clear the property. Texts
 * are cut at what `longest` says of their property, in UTF-16 units.
 */
export function mappedProperties(
  event: CanonicalEvent,
  properties: Readonly<Record<string, string>>,
  longest: (name: string) => number,
): Record<string, string> {
  return filled(
    Object.entries(properties).map(([name, field]) => {
      const text = readField(event, field);
      return [name, text === undefined ? undefined : cutText(text, longest(name))];
    }),
  );
}

/** Those of the entries that hold something. */
export function filled(entries: readonly (readonly [string, string | undefined])[]): Record<string, string> {
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text.trim() !== "")) as Record<
    string,
    string
  >;
}

function readField(event: CanonicalEvent, field: string): string | undefined {
  return field.startsWith(OWN) ? ownText(event, field.slice(OWN.length)) : FIELDS[field]?.(event);
}

function ownText({ properties = {} }: CanonicalEvent, name: string): string | undefined {
  const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return Array.isArray(value) ? joined(value.map(scalar)) : scalar(value);
}

function scalar(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** HubSpot's separator of several values. */
function joined(texts: readonly (string | undefined)[] = []): string {
  return texts.filter((text) => text !== undefined && text.trim() !== "").join(";");
}

/** Whoever's address stands in a link, a title or a search need not be the person's own. */
function clean(text: string | undefined): string | undefined {
  return text === undefined ? undefined : withoutAddresses(text);
}
