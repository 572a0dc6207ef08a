import fc from "fast-check";
import { googleAdsPostalCode } from "../../src/core/address.ts";

describe("Google Ads' postal codes", () => {
  test.each([
    [" 94105-1234 ", "US", "94105"],
    ["941051234", "US", "94105"],
    ["94105", "US", "94105"],
    ["9410", "US", undefined],
    ["SW1A  1AA", "GB", "SW1A 1AA"],
    ["sw1a 1aa", "GB", "sw1a 1aa"],
    ["CH-8001", "CH", "8001"],
    ["01310-100", "BR", "01310-100"],
    ["94105-1234", undefined, "94105-1234"],
    ["unknown", "DE", undefined],
    ["n/a", "DE", undefined],
    ["-", "DE", undefined],
    ["", "DE", undefined],
    ["1".repeat(40), "DE", undefined],
  ])("%p in %p is %p", (raw, country, expected) => {
    expect(googleAdsPostalCode(raw, country)).toBe(expected);
  });

  test("a code of a code is itself, and has a form that Google can read", () => {
    const raw = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9 -]{0,12}$/));
    fc.assert(
      fc.property(raw, fc.constantFrom("US", "GB", "CH", undefined), (text, country) => {
        const code = googleAdsPostalCode(text, country);
        if (code === undefined) return;
        expect(googleAdsPostalCode(code, country)).toBe(code);
        expect(code).toMatch(country === "US" ? /^\d{5}$/ : /^[A-Z0-9][A-Z0-9 -]{0,9}[A-Z0-9]$/i);
      }),
    );
  });
});
