import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import examples from "libphonenumber-js/examples.mobile.json";
import { type CountryCode, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { phoneMetadataSource } from "../../scripts/phone-metadata.ts";
import { parsePhone } from "../../src/core/phone.ts";

test.each([
  ["(650)555-1212 (US)", "US", "+16505551212"],
  ["+1 (555) 444-1234 ext. 789", undefined, "+15554441234"],
  ["   +1-800-555-0100", undefined, "+18005550100"],
  ["+1 (425) 555-1234", "DE", "+14255551234"],
  ["+11234567890", undefined, "+11234567890"],
  ["16505551212", "US", "+16505551212"],
  ["+49 (0)30 901820", undefined, "+4930901820"],
  ["030 901820", "DE", "+4930901820"],
  ["0044 20 7946 0958", undefined, "+442079460958"],
  ["0044 20 7946 0958", "US", "+442079460958"],
  ["0011 44 20 7946 0958", "AU", "+442079460958"],
  ["06 12345678", "IT", "+390612345678"],
  ["＋４４ ２０ ７９４６ ０９５８", undefined, "+442079460958"],
  ["٠٥٠ ١٢٣ ٤٥٦٧", "AE", "+971501234567"],
])("%s in %s is %s", (raw, country, e164) => {
  expect(parsePhone(raw, country)).toEqual({ e164 });
});

test.each([
  ["(650) 555-1212", undefined, "national number"],
  ["(650) 555-1212", "XX", "national number"],
  ["123", "US", "not a possible number in US"],
  ["+1 650", undefined, "not a possible number"],
  ["call me", "US", "no digits"],
  ["", "US", "no digits"],
])("%j in %s is dropped with the reason, never guessed", (raw, country, problem) => {
  expect(parsePhone(raw, country)).toEqual({ problem: expect.stringContaining(problem) });
});

test("every country's example number reads as with the full metadata, national and international", () => {
  const differing = Object.keys(examples).filter((code) => {
    const number = getExampleNumber(code as CountryCode, examples);
    if (number === undefined) return true;
    const national = parsePhoneNumberFromString(number.formatNational(), {
      defaultCountry: code as CountryCode,
    })?.number;
    const read = [parsePhone(number.formatNational(), code), parsePhone(number.formatInternational())];
    return JSON.stringify(read) !== JSON.stringify([{ e164: national }, { e164: number.number }]);
  });
  expect(differing).toEqual([]);
});

test("the reduced metadata reads any number of any country as the full one does", () => {
  const countries = Object.keys(examples) as CountryCode[];
  const digits = fc.stringMatching(/^(\+|00|0|1|8)?[0-9]{3,14}$/);
  fc.assert(
    fc.property(fc.constantFrom(...countries), digits, (country, raw) => {
      const full = parsePhoneNumberFromString(raw, { defaultCountry: country });
      const phone = parsePhone(raw, country);
      if (full?.isPossible()) expect(phone).toEqual({ e164: full.number });
      // What only we read began with 00, taken for the international prefix that some countries do not use.
      else if ("e164" in phone) expect(raw).toMatch(/^00/);
    }),
    { numRuns: 2000 },
  );
});

test("a parsed number parses to itself, and nothing throws", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^\+?[0-9 ()./-]{0,20}$/));
  fc.assert(
    fc.property(text, fc.constantFrom(undefined, "US", "DE", "GB", "IT", "zz"), (raw, country) => {
      const phone = parsePhone(raw, country);
      if ("e164" in phone) {
        expect(phone.e164).toMatch(/^\+\d{4,17}$/);
        expect(parsePhone(phone.e164, country)).toEqual(phone);
      }
    }),
  );
});

test("the metadata is that of the installed libphonenumber-js", () => {
  const path = join(import.meta.dirname, "../../src/core/phone-metadata.ts");
  expect(readFileSync(path, "utf8")).toBe(phoneMetadataSource());
});
