import fc from "fast-check";
import { rawIdentifiers } from "../../src/core/raw-identifiers.ts";

const found = (value: unknown) => rawIdentifiers(JSON.stringify(value));

test("texts come with what the names of their fields claim, in every dialect's words", () => {
  expect(
    found({
      userId: "u-1",
      anonymousId: "a-1",
      context: { traits: { email: " ada@lovelace.dev ", phone_number: 4915112345678 } },
      properties: { note: "for charles@babbage.dev", list: [{ customer_id: 17 }] },
    }).sort((a, b) => (a.text < b.text ? -1 : 1)),
  ).toEqual([
    { text: "17", claims: "person" },
    { text: "4915112345678", claims: "person" },
    { text: "a-1", claims: "device" },
    { text: "ada@lovelace.dev", claims: "person" },
    { text: "u-1", claims: "person" },
  ]);
});

test("of an entry whose end is cut off the pairs that are whole are read", () => {
  const cut = JSON.stringify({
    user: { email: 'ada"quote@lovelace.dev', n: "é" },
    anonymous_id: "a-1",
    note: "x",
  }).slice(0, -4);
  expect(rawIdentifiers(cut)).toEqual([
    { text: 'ada"quote@lovelace.dev', claims: "person" },
    { text: "a-1", claims: "device" },
  ]);
});

test("what is longer than any identifier, empty or no text is none", () => {
  expect(found({ email: "x".repeat(321), phone: "", user_id: null, anonymous_id: true, customer_id: "  " })).toEqual(
    [],
  );
});

test("any text is read without an end or an error, and no named identifier in JSON is overlooked", () => {
  fc.assert(
    fc.property(fc.string(), (raw) => {
      expect(Array.isArray(rawIdentifiers(raw))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const texts = found({ value, deep: [[[{ email: "ada@lovelace.dev" }]]] }).map(({ text }) => text);
      expect(texts).toContain("ada@lovelace.dev");
    }),
  );
  const deep = `${'{"a":['.repeat(3_000)}{"email":"x@y.example"}${"]}".repeat(3_000)}`;
  expect(rawIdentifiers(deep)).toEqual([{ text: "x@y.example", claims: "person" }]);
});
