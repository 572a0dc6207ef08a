import { positiveValue, unitPrice } from "../../src/core/event-money.ts";
import { purchaseEvent } from "../support/events.ts";

test.each([
  ["purchase", "149.85", "EUR", { currency: "EUR", value: 149.85 }],
  ["purchase", "0", "JPY", { currency: "JPY", value: 0 }],
  ["purchase", "-3", "EUR", undefined],
  ["refund", "-3", "EUR", { currency: "EUR", value: 3 }],
  ["refund", "3", "KWD", { currency: "KWD", value: 3 }],
] as const)("the value of a %s of %s %s: %j", (event_name, value, currency, expected) => {
  expect(positiveValue(purchaseEvent({ event_name, value, currency }))).toEqual(expected);
});

test("neither value nor currency goes alone", () => {
  const { value: _, ...worthless } = purchaseEvent();
  const { currency: __, ...nameless } = purchaseEvent();
  expect([positiveValue(worthless), positiveValue(nameless)]).toEqual([undefined, undefined]);
});

test("a price below zero is none", () => {
  expect([{}, { price: "-1" }, { price: "0" }, { price: "0.005" }].map(unitPrice)).toEqual([
    undefined,
    undefined,
    0,
    0.005,
  ]);
});
