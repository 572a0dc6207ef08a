import fc from "fast-check";
import {
  absolute,
  addMoney,
  isNegative,
  moneyToFixed,
  moneyToNumber,
  multiplyMoney,
  parseMoney,
} from "../../src/core/money.ts";

test.each([
  [149.85, "149.85"],
  ["149.850", "149.85"],
  [" 10 ", "10"],
  ["+5", "5"],
  ["007.50", "7.5"],
  [-0, "0"],
  ["-0.00", "0"],
  ["-3", "-3"],
  [0.1 + 0.2, "0.3"],
  ["19.989999999999998", "19.99"],
  [1e-7, "0"],
  [5e-7, "0.000001"],
  ["0.9999999", "1"],
  ["-0.9999999", "-1"],
  ["999999999999999.99", "999999999999999.99"],
])("%p is the amount %s", (input, amount) => {
  expect(parseMoney(input)).toBe(amount);
});

test.each([
  "12,50",
  "1,234.50",
  "$5",
  "5 EUR",
  "1e3",
  "",
  " ",
  ".",
  "5.",
  ".5",
  "--5",
  "0x10",
  "NaN",
  "Infinity",
  "١٢",
  "1 000",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  JSON.parse("-1e400"),
  1e15,
  1e21,
  "1000000000000000",
  "9".repeat(500),
])("%p is no amount", (input) => {
  expect(parseMoney(input)).toBeUndefined();
});

test("reading is idempotent and total", () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.string(), fc.integer(), fc.float().map(String)), (input) => {
      const once = parseMoney(input);
      if (once !== undefined) {
        expect(parseMoney(once)).toBe(once);
        expect(once).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,5}[1-9])?$/);
        expect(once).not.toBe("-0");
      }
    }),
  );
});

test("cents add up exactly however many there are", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 })), (cents) => {
      const sum = addMoney(...cents.map((cent) => parseMoney(cent / 100) ?? ""));
      expect(moneyToNumber(sum) * 100).toBeCloseTo(
        cents.reduce((a, b) => a + b, 0),
        4,
      );
    }),
  );
  expect(addMoney("0.1", "0.2")).toBe("0.3");
  expect(addMoney()).toBe("0");
});

test("signs and products", () => {
  expect([isNegative("-1"), isNegative("1"), absolute("-1.5"), absolute("1.5")]).toEqual([true, false, "1.5", "1.5"]);
  expect(multiplyMoney("19.99", 3)).toBe("59.97");
  expect(multiplyMoney("0.333333", 0.5)).toBe("0.166667");
  expect(() => multiplyMoney("1", Number.NaN)).toThrow(RangeError);
  expect(() => addMoney("x")).toThrow(RangeError);
});

test.each([
  ["149.85", 2, "149.85"],
  ["149.855", 2, "149.86"],
  ["-149.855", 2, "-149.86"],
  ["0", 2, "0.00"],
  ["-0.001", 2, "0.00"],
  ["0.05", 1, "0.1"],
  ["19.5", 0, "20"],
  ["7", 6, "7.000000"],
])("%s with %i decimals is %s", (amount, decimals, text) => {
  expect(moneyToFixed(amount, decimals)).toBe(text);
});
