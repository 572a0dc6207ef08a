import fc from "fast-check";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { type Condition, ruleFor, unmetCondition, type ValueRule, withRuledValue } from "../../src/core/event-rules.ts";
import { hashedEvent } from "../support/events.ts";

const purchase = (more: Partial<CanonicalEvent> = {}): CanonicalEvent =>
  hashedEvent({ value: "149.85", currency: "EUR", ...more });
const only = (...onlyIf: Condition[]) => ({ events: { purchase: { onlyIf } } });
const valued = (value: ValueRule) => ({ events: { purchase: { value } } });

test("the source's own name goes before `custom`, and a canonical name never meets a custom rule", () => {
  const rules = {
    events: { custom: { name: "other" } },
    customEvents: { quote: { name: "77" }, purchase: { name: "1" } },
  };
  expect(ruleFor({ event_name: "custom", custom_name: "quote" }, rules)).toEqual({ name: "77" });
  expect(ruleFor({ event_name: "custom", custom_name: "toString" }, rules)).toEqual({ name: "other" });
  expect(ruleFor({ event_name: "purchase" }, rules)).toBeUndefined();
});

test.each<[Condition, boolean]>([
  [{ field: "value", atLeast: "149.85" }, true],
  [{ field: "value", atLeast: "149.86" }, false],
  [{ field: "value", lessThan: "1000" }, true],
  [{ field: "value", lessThan: "20" }, false],
  [{ field: "currency", oneOf: ["EUR", "USD"] }, true],
  [{ field: "currency", noneOf: ["EUR"] }, false],
  [{ field: "coupon", noneOf: ["FREE"] }, true],
  [{ field: "coupon", oneOf: ["FREE"] }, false],
  [{ field: "coupon", present: false }, true],
  [{ field: "order_id", present: true }, true],
  [{ field: "page.url", contains: "/THANKS" }, true],
  [{ field: "source.id", oneOf: ["pos"] }, false],
  [{ field: "properties.plan", oneOf: ["pro"] }, true],
  [{ field: "properties.seats", atLeast: "5" }, true],
  [{ field: "properties.plan", atLeast: "5" }, false],
  [{ field: "properties.toString", present: false }, true],
])("%j holds: %s", (condition, holds) => {
  const event = purchase({
    order_id: "1",
    page: { url: "https://shop.example.com/thanks" },
    properties: { plan: "pro", seats: 5 },
  });
  expect(unmetCondition(event, only(condition)) === undefined).toBe(holds);
});

test("of several conditions the first unmet one is named, without the event's own data", () => {
  const rules = only({ field: "value", atLeast: "10" }, { field: "properties.email", oneOf: ["a", "b"] });
  const event = purchase({ properties: { email: "jane@example.com" } });
  expect(unmetCondition(event, rules)).toBe("properties.email is one of a, b");
});

test("a fixed amount, a share, a property and none at all replace the value", () => {
  expect(withRuledValue(purchase(), valued({ amount: "50", currency: "USD" }))).toMatchObject({
    value: "50",
    currency: "USD",
  });
  expect(withRuledValue(purchase(), valued({ percent: "30" }))).toMatchObject({ value: "44.955", currency: "EUR" });
  const margin = purchase({ properties: { margin: 12.5 } });
  expect(withRuledValue(margin, valued({ property: "margin" }))).toMatchObject({ value: "12.5", currency: "EUR" });
  expect(withRuledValue(purchase(), valued({ omit: true }))).not.toHaveProperty("value");
});

test.each([undefined, "a lot", null, ["1"]])(
  "a property that holds %j gives no value, not the event's own",
  (margin) => {
    const event = purchase(margin === undefined ? {} : { properties: { margin } });
    expect(withRuledValue(event, valued({ property: "margin" }))).not.toHaveProperty("value");
  },
);

test("without a rule for its value an event stays the same object, whatever it is", () => {
  fc.assert(
    fc.property(fc.constantFrom("refund", "lead", "page_view"), (event_name) => {
      const event = purchase({ event_name });
      expect(withRuledValue(event, valued({ percent: "30" }))).toBe(event);
    }),
  );
});
