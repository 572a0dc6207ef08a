import fc from "fast-check";
import { minorDigits, toMinorUnits } from "../../src/core/minor-units.ts";
import { parseMoney } from "../../src/core/money.ts";

test.each([
  ["149.85", "EUR", 14_985],
  ["100", "USD", 10_000],
  ["1200", "JPY", 1200],
  ["1200.5", "JPY", 1201],
  ["1.2345", "KWD", 1235],
  ["-3", "usd", -300],
])("%s %s is %i minor units", (amount, currency, units) => {
  expect(toMinorUnits(amount, currency)).toBe(units);
});

test("minor units and fixed text say the same of any amount", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e11, max: 1e11 }), fc.constantFrom("EUR", "JPY", "KWD"), (units, currency) => {
      const amount = parseMoney(units / 10 ** minorDigits(currency)) ?? "";
      expect(toMinorUnits(amount, currency)).toBe(units);
    }),
  );
});
