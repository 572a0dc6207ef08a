import fc from "fast-check";
import { maskAll, maskEmail, maskId, maskPhone, maskText } from "../../src/core/masking.ts";

test.each([
  ["john.doe@example.com", "j***@e***.com"],
  ["j@example.co.uk", "j***@e***.uk"],
  ["not an address", "***"],
  ["a@b", "a***@b***"],
])("the e-mail address %s is shown as %s", (email, shown) => {
  expect(maskEmail(email)).toBe(shown);
});

test.each([
  ["+49 1511 2345678", "***78"],
  ["12345", "***"],
  ["", "***"],
])("the phone number %s is shown as %s", (phone, shown) => {
  expect(maskPhone(phone)).toBe(shown);
});

test.each([
  ["8f14e45f-ceea-467f", "8f***7f"],
  ["u-1", "***"],
  ["john@example.com", "j***@e***.com"],
])("the id %s is shown as %s", (id, shown) => {
  expect(maskId(id)).toBe(shown);
});

test.each([
  ["order-100017", "order-100017"],
  ["signup for john@example.com at +49 1511 2345678.", "signup for j***@e***.com at ***78."],
  ["john%40example.com", "j***@e***.com"],
  ["0049 1511 2345678", "***78"],
  ["order 0000100017", "order 0000100017"],
  ["00491511234567", "00491511234567"],
  ["2026-11-23T12:00:00.000+01:00", "2026-11-23T12:00:00.000+01:00"],
  ["2026-11-23T12:00:00.000Z", "2026-11-23T12:00:00.000Z"],
  ["0193572e-8c1f-7cc3-9a8e-1f6d3b2a4c5d", "0193572e-8c1f-7cc3-9a8e-1f6d3b2a4c5d"],
])("of the text %s is shown %s", (text, shown) => {
  expect(maskText(text)).toBe(shown);
});

const PHONES = fc.stringMatching(/^\+[1-9]\d{8,13}$/);
const AROUND = fc.stringMatching(/^[a-z ]{0,20}$/);

test("what is masked is never in what is shown", () => {
  fc.assert(
    fc.property(fc.emailAddress(), PHONES, AROUND, (email, phone, words) => {
      expect(maskEmail(email)).not.toContain(email);
      expect(maskPhone(phone)).not.toContain(phone.slice(1));
      for (const value of [email, phone]) {
        expect(maskId(value)).not.toContain(value);
        expect(maskText(`${words} ${value} ${words}`)).not.toContain(value);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("an id is never shown whole", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (id) => {
      if (id !== "***" && id !== "*" && id !== "**") expect(maskId(id)).not.toContain(id);
    }),
    { numRuns: 1_000 },
  );
});

test("an answer is masked wherever text stands in it, and nothing else of it changes", () => {
  const answer = { n: 1, none: null, yes: true, list: ["a@b.de", { deep: "call +49 1511 2345678" }], id: "order-1" };
  expect(maskAll(answer)).toEqual({
    n: 1,
    none: null,
    yes: true,
    list: ["a***@b***.de", { deep: "call ***78" }],
    id: "order-1",
  });
});
