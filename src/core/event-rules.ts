import type { CanonicalEvent, Decimal, EventName, JsonValue } from "./event.ts";
import { multiplyMoney, parseMoney } from "./money.ts";

/** Fields of an event that a condition may look at. `properties.<name>` is what the sender gave beside the fields. */
export const CONDITION_FIELDS = [
  "value",
  "currency",
  "order_id",
  "coupon",
  "method",
  "payment_type",
  "search_term",
  "action_source",
  "custom_name",
  "page.url",
  "source.id",
  "source.kind",
  "user.country",
  "user.region",
] as const;
export type ConditionField = (typeof CONDITION_FIELDS)[number] | `properties.${string}`;

/** True or false about one field; exactly one test. A field that is absent passes only `present: false` and `noneOf`. */
export type Condition = { readonly field: ConditionField } & (
  | { readonly oneOf: readonly string[] }
  | { readonly noneOf: readonly string[] }
  | { readonly contains: string }
  | { readonly atLeast: Decimal }
  | { readonly lessThan: Decimal }
  | { readonly present: boolean }
);

/** What stands in for an event's value. */
export type ValueRule =
  /** The same amount for every event, such as what a lead is worth. */
  | { readonly amount: Decimal; readonly currency: string }
  /** A share of the event's own value, such as the margin. */
  | { readonly percent: Decimal }
  /** A property that holds the amount, in the event's currency unless one is named. Without it the event has no value. */
  | { readonly property: string; readonly currency?: string }
  /** No value at all. */
  | { readonly omit: true };

/** What a lane's config says about one event. */
export interface EventRule {
  /** The platform's name for it; where events are known by ids of the account, the id. */
  readonly name?: string;
  /** Never sent to this lane. */
  readonly drop?: true;
  /** Sent only when all of these hold. */
  readonly onlyIf?: readonly Condition[];
  readonly value?: ValueRule;
}

/** A lane's rules: by canonical name, and for custom events by the source's own name, which goes before `events.custom`. */
export interface LaneEventRules {
  readonly events?: Readonly<Partial<Record<EventName, EventRule>>>;
  readonly customEvents?: Readonly<Record<string, EventRule>>;
}

/** Only the rules of a lane. */
export function rulesOf({ events, customEvents }: LaneEventRules): LaneEventRules {
  return { ...(events === undefined ? {} : { events }), ...(customEvents === undefined ? {} : { customEvents }) };
}

/** The rule for this event, if the lane has one. */
export function ruleFor(
  event: Pick<CanonicalEvent, "event_name" | "custom_name">,
  { events, customEvents }: LaneEventRules,
): EventRule | undefined {
  const { custom_name: name } = event;
  if (name !== undefined && customEvents !== undefined && Object.hasOwn(customEvents, name)) return customEvents[name];
  return events?.[event.event_name];
}

/** The first condition that the event does not meet, in words; they name the rule and never the event's own data. */
export function unmetCondition(event: CanonicalEvent, rules: LaneEventRules): string | undefined {
  const unmet = ruleFor(event, rules)?.onlyIf?.find((condition) => !holds(condition, fieldOf(event, condition.field)));
  return unmet === undefined ? undefined : describe(unmet);
}

/** The event with the value that the lane's rule gives it; the same object when there is no such rule. */
export function withRuledValue(event: CanonicalEvent, rules: LaneEventRules): CanonicalEvent {
  const rule = ruleFor(event, rules)?.value;
  if (rule === undefined) return event;
  const { value: own, currency: ownCurrency, ...rest } = event;
  if ("amount" in rule) return { ...rest, value: rule.amount, currency: rule.currency };
  if ("percent" in rule) {
    const value = own === undefined ? undefined : multiplyMoney(own, Number(rule.percent) / 100);
    return valued(rest, value, ownCurrency);
  }
  if ("property" in rule) {
    return valued(rest, amountIn(event.properties?.[rule.property]), rule.currency ?? ownCurrency);
  }
  return rest;
}

function valued(
  event: Omit<CanonicalEvent, "value" | "currency">,
  value: Decimal | undefined,
  currency: string | undefined,
): CanonicalEvent {
  return {
    ...event,
    ...(value === undefined ? {} : { value }),
    ...(currency === undefined ? {} : { currency }),
  };
}

function amountIn(property: JsonValue | undefined): Decimal | undefined {
  return typeof property === "number" || typeof property === "string" ? parseMoney(property) : undefined;
}

function holds(condition: Condition, value: string | undefined): boolean {
  if ("present" in condition) return condition.present === (value !== undefined);
  if ("noneOf" in condition) return value === undefined || !condition.noneOf.includes(value);
  if (value === undefined) return false;
  if ("oneOf" in condition) return condition.oneOf.includes(value);
  if ("contains" in condition) return value.toLowerCase().includes(condition.contains.toLowerCase());
  const amount = Number(parseMoney(value) ?? Number.NaN);
  return "atLeast" in condition ? amount >= Number(condition.atLeast) : amount < Number(condition.lessThan);
}

function fieldOf(event: CanonicalEvent, field: ConditionField): string | undefined {
  if (field.startsWith("properties.")) return textOf(event.properties?.[field.slice("properties.".length)]);
  const [first = "", second] = field.split(".");
  const outer = (event as unknown as Record<string, unknown>)[first];
  return textOf(second === undefined ? outer : (outer as Record<string, unknown> | undefined)?.[second]);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function describe(condition: Condition): string {
  const { field, ...test } = condition;
  const [[name, expected] = ["", ""]] = Object.entries(test);
  const words: Readonly<Record<string, string>> = {
    oneOf: "is one of",
    noneOf: "is none of",
    contains: "contains",
    atLeast: "is at least",
    lessThan: "is less than",
  };
  if (name === "present") return `${field} ${expected === true ? "is present" : "is absent"}`;
  return `${field} ${words[name] ?? name} ${Array.isArray(expected) ? expected.join(", ") : String(expected)}`;
}
