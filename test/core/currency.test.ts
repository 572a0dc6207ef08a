import { readCurrency } from "../../src/core/currency.ts";

test("codes of ISO 4217 in any case, and nothing that only looks like one", () => {
  expect(["eur", " USD ", "JPY"].map(readCurrency)).toEqual(["EUR", "USD", "JPY"]);
  expect(["EURO", "EU", "ZZZ", "€", ""].map(readCurrency)).toEqual(Array(5).fill(undefined));
});
