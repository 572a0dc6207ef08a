import { z } from "zod";
import {
  CONDITION_FIELDS,
  type Condition,
  type ConditionField,
  type EventRule,
  type ValueRule,
} from "../core/event-rules.ts";
import { parseMoney } from "../core/money.ts";

const NAME = z.string("must be a text").regex(/\S/, "must not be empty").max(200, "must be at most 200 characters");
const AMOUNT = z
  .union([z.string(), z.number()], "must be an amount")
  .transform((amount) => parseMoney(amount) ?? "")
  .refine((amount) => amount !== "", "must be a plain decimal such as 49.90");
const CURRENCY = z.string("must be a text").regex(/^[A-Z]{3}$/, "must be an ISO 4217 code in upper case");

const CONDITION_FIELD = z
  .string("must be a text")
  .refine(
    (field) => /^properties\../.test(field) || (CONDITION_FIELDS as readonly string[]).includes(field),
    `must be properties.<name> or one of ${CONDITION_FIELDS.join(", ")}`,
  )
  .transform((field) => field as ConditionField);
const WORDS = z.array(z.string("must be a text"), "must be a list of texts").min(1, "must name at least one");
const CONDITION_RULE = "must be a field with one of oneOf, noneOf, contains, atLeast, lessThan, present";
const CONDITION = z.union(
  [
    z.strictObject({ field: CONDITION_FIELD, oneOf: WORDS }),
    z.strictObject({ field: CONDITION_FIELD, noneOf: WORDS }),
    z.strictObject({ field: CONDITION_FIELD, contains: z.string().min(1) }),
    z.strictObject({ field: CONDITION_FIELD, atLeast: AMOUNT }),
    z.strictObject({ field: CONDITION_FIELD, lessThan: AMOUNT }),
    z.strictObject({ field: CONDITION_FIELD, present: z.boolean("must be true or false") }),
  ],
  CONDITION_RULE,
);
const VALUE_RULE = z.union(
  [
    z.strictObject({ amount: AMOUNT, currency: CURRENCY }),
    z.strictObject({ percent: AMOUNT }),
    z.strictObject({ property: NAME, currency: CURRENCY.optional() }),
    z.strictObject({ omit: z.literal(true) }),
  ],
  "must be {amount, currency}, {percent}, {property} or {omit: true}",
);
/** How a lane takes one event: a name, `false`, or an object of name, conditions and value. */
export const EVENT_MAPPING = z.union(
  [
    NAME,
    z.literal(false),
    z.strictObject({
      name: NAME.optional(),
      onlyIf: z.array(CONDITION).min(1).optional(),
      value: VALUE_RULE.optional(),
    }),
  ],
  "must be a name, false, or an object of name, onlyIf and value",
);

/** The rule that a mapping stands for. */
export function ruleOf(mapping: z.infer<typeof EVENT_MAPPING>): EventRule {
  if (mapping === false) return { drop: true };
  if (typeof mapping === "string") return { name: mapping };
  const { name, onlyIf, value } = mapping;
  return {
    ...(name === undefined ? {} : { name }),
    ...(onlyIf === undefined ? {} : { onlyIf: onlyIf as readonly Condition[] }),
    ...(value === undefined ? {} : { value: value as ValueRule }),
  };
}
