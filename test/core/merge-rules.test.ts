import { waitsUntil } from "../../src/core/merge-rules.ts";
import { purchaseEvent } from "../support/events.ts";

const RULES = { events: ["purchase", "Trial Booked"], windowSeconds: 30, scopes: ["shop"] };
const now = 1_000;

test("a named event of a scope with two sides waits for the window", () => {
  expect(waitsUntil(purchaseEvent(), RULES, now)).toBe(31_000);
  const custom = purchaseEvent({ event_name: "custom", custom_name: "Trial Booked" });
  expect(waitsUntil(custom, RULES, now)).toBe(31_000);
});

test.each([
  ["merging is off", purchaseEvent(), undefined],
  ["it is another event", purchaseEvent({ event_name: "page_view" }), RULES],
  ["no other copy can come", purchaseEvent(), { ...RULES, scopes: ["blog"] }],
  ["somebody is testing", purchaseEvent({ test: true }), RULES],
  [
    "its own name only looks like a canonical one",
    purchaseEvent({ event_name: "custom", custom_name: "purchase" }),
    RULES,
  ],
])("it goes at once where %s", (_, event, rules) => {
  expect(waitsUntil(event, rules, now)).toBeUndefined();
});
