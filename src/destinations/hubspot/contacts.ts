import { contactText } from "../../core/contact-text.ts";
import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { filled, mappedProperties } from "./fields.ts";
import type { HubspotSettings } from "./settings.ts";

/** HubSpot refuses longer values, and the contact with them. */
const LONGEST_VALUE = 65_536;

/** What several events of a request say about one contact. */
export interface ContactRow {
  readonly email: string;
  /** Echoed by HubSpot with the row's result or error. Where all rows have one, it can take some and refuse others. */
  readonly traceId: string;
  readonly events: readonly CanonicalEvent[];
}

/**
 * One row per e-mail, in the order in which they first come: HubSpot refuses a whole request in which an id is there
 * twice. https://developers.hubspot.com/docs/api-reference/error-handling#multi-status-errors
 */
export function contactRows(events: readonly CanonicalEvent[]): ContactRow[] {
  const byEmail = Map.groupBy(events, (event) => emailInClear(contactText(event, "email")) ?? "");
  return [...byEmail].map(([email, own], index) => ({ email, traceId: `row-${index + 1}`, events: own }));
}

/** The row as HubSpot takes it. */
export function contactInput({ email, traceId, events }: ContactRow, settings: HubspotSettings) {
  // The latest word counts, whatever the order in which the queue gave the events.
  const inOrder = events.toSorted((a, b) => a.event_time - b.event_time);
  const properties = Object.assign({}, ...inOrder.map((event) => contactProperties(event, settings)));
  return { id: email, idProperty: "email", objectWriteTraceId: traceId, properties: { email, ...properties } };
}

/** HubSpot's own properties of a contact, then those that the lane maps. */
export function contactProperties(event: CanonicalEvent, settings: HubspotSettings): Record<string, string> {
  const { user } = event;
  // Stages only go forward, and HubSpot ignores or refuses what goes back: of all events only a purchase is sure to.
  const isCustomer = settings.lifecycleStage === "customer_on_purchase" && event.event_name === "purchase";
  const own = filled([
    ["firstname", user.first_name?.trim()],
    ["lastname", user.last_name?.trim()],
    ["phone", event.phone_e164],
    ["address", user.street?.trim()],
    ["city", user.city?.trim()],
    ["state", user.region?.trim()],
    ["zip", user.postal_code?.trim()],
    ["country", user.country],
    ["lifecyclestage", isCustomer ? "customer" : undefined],
  ]);
  return { ...own, ...mappedProperties(event, settings.properties, () => LONGEST_VALUE) };
}
