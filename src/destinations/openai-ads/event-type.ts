import { holdsContact } from "../../core/page-url.ts";

/** Which fields an event's `data` may have. */
export type DataType = "contents" | "customer_action" | "plan_enrollment" | "custom";

/** What OpenAI knows an event as: one of its types, or `custom` under a name of the advertiser's. */
export interface EventType {
  /** The type, or the custom name. */
  readonly name: string;
  readonly isCustom: boolean;
  readonly data: DataType;
}

/** https://developers.openai.com/ads/supported-events */
const TYPES: ReadonlyMap<string, EventType> = new Map(
  Object.entries({
    page_viewed: "contents",
    contents_viewed: "contents",
    items_added: "contents",
    checkout_started: "contents",
    order_created: "contents",
    lead_created: "customer_action",
    registration_completed: "customer_action",
    appointment_scheduled: "customer_action",
    app_installed: "customer_action",
    app_opened: "customer_action",
    subscription_created: "plan_enrollment",
    trial_started: "plan_enrollment",
  } satisfies Record<string, DataType>).map(([name, data]) => [name, { name, data, isCustom: false }]),
);

/** Names that no event of an advertiser's own can have: the type of all of these, and a type with fields of its own. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(["custom", "attribution_appended"]);

const LONGEST = 64;
const CUSTOM_NAME = /^[A-Za-z0-9](?:[\w-]{0,62}[A-Za-z0-9])?$/;

/**
 * The type behind a name. One that is not OpenAI's is a custom event, written in OpenAI's alphabet: in lower case, as
 * it advises, with runs of anything else as one underscore. Undefined when nothing is left, as of a name in another
 * script, and for one that holds an address, which could still be read between the underscores.
 */
export function eventTypeOf(name: string): EventType | undefined {
  if (holdsContact(name)) return undefined;
  const own = CUSTOM_NAME.test(name) ? name : inAlphabet(name);
  const standard = TYPES.get(own);
  if (standard !== undefined) return standard;
  return own === "" || RESERVED_NAMES.has(own) ? undefined : { name: own, data: "custom", isCustom: true };
}

function inAlphabet(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "_")
    .replace(/^[_-]+/, "")
    .slice(0, LONGEST)
    .replace(/[_-]+$/, "");
}
