import { dropsCopies } from "../../src/core/destination.ts";
import { taboola } from "../../src/destinations/taboola.ts";
import { purchaseEvent } from "../support/events.ts";

test("the account's number is all that it needs", () => {
  expect(taboola.settings.parse({ accountId: "1234567" })).toEqual({ accountId: "1234567" });
  expect(() => taboola.settings.parse({})).toThrow(
    "accountId: must be the account's number, digits as text (got nothing)",
  );
  expect(() => taboola.settings.parse({ accountId: "acme-network" })).toThrow(
    "accountId: must be the account's number",
  );
});

test("copies are dropped by order id, and not without one", () => {
  expect([purchaseEvent(), purchaseEvent({ order_id: "" })].map((event) => dropsCopies(taboola, event))).toEqual([
    true,
    false,
  ]);
});

test.each(["make_purchase", "Anfrage für Küche", "L"])("a conversion may be called %j", (name) => {
  expect(taboola.eventNameProblem?.(name)).toBeUndefined();
});

test.each(["", " lead", "lead ", "le\nad", "x".repeat(256)])("a conversion is not called %j", (name) => {
  expect(taboola.eventNameProblem?.(name)).toContain("exactly as it is written there");
});

test("no secret is asked for", () => {
  expect(taboola.credentials).toEqual([]);
  expect(taboola.credentialProblem).toBeUndefined();
});
