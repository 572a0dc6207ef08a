import fc from "fast-check";
import { readCountry } from "../../src/core/country.ts";

test.each([
  ["DE", "DE"],
  [" de ", "DE"],
  ["DEU", "DE"],
  ["usa", "US"],
  ["Germany", "DE"],
  ["UNITED STATES", "US"],
  ["United States of America", "US"],
  ["UK", "GB"],
  ["U.K.", "GB"],
  ["The Netherlands", "NL"],
  ["Côte d'Ivoire", "CI"],
  ["Turkey", "TR"],
  ["Bosnia and Herzegovina", "BA"],
  ["Kosovo", "XK"],
])("%s is %s", (text, code) => {
  expect(readCountry(text)).toBe(code);
});

test.each(["", "EU", "XX", "Europe", "constructor", "__proto__", "Deutschland!?", "49"])("%p is no country", (text) => {
  expect(readCountry(text)).toBeUndefined();
});

test("any text is a code or nothing, and a code is itself", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const code = readCountry(text);
      if (code !== undefined) expect(readCountry(code)).toBe(code);
    }),
  );
});
