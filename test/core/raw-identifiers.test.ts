import fc from "fast-check";
import { rawIdentifiers } from "../../src/core/raw-identifiers.ts";

const found = (value: unknown) => rawIdentifiers(JSON.stringify(value));

test("texts come with what the names of their fields claim, in every dialect's words", () => {
  expect(
    found({
      userId: "u-1",
      anonymousId: "a-1",
      context: { traits: { email: " ada@lovelace.dev ", phone_number: 4915112345678 } },
      properties: { note: "call me", list: [{ customer_id: 17 }] },
    }),
  ).toEqual(
    expect.arrayContaining([
      { text: "u-1", claims: "name" },
      { text: "a-1", claims: "device" },
      { text: "ada@lovelace.dev", claims: "name" },
      { text: "4915112345678", claims: "name" },
      { text: "call me", claims: "contact" },
      { text: "17", claims: "name" },
    ]),
  );
});

test("of an entry whose end is cut off the quoted texts are left", () => {
  const cut = `${JSON.stringify({ user: { email: 'ada"quote@lovelace.dev' }, n: "é" }).slice(0, -2)}`;
  expect(rawIdentifiers(cut)).toContainEqual({ text: 'ada"quote@lovelace.dev', claims: "contact" });
});

test("what is longer than any identifier, empty or no text is none", () => {
  expect(found({ a: "x".repeat(321), b: "", c: null, d: true, e: "  " })).toEqual([]);
});

test("any text is read without an end or an error, and no identifier in JSON is overlooked", () => {
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
  const deep = `${"[".repeat(5_000)}"x@y.example"${"]".repeat(5_000)}`;
  expect(rawIdentifiers(deep)).toEqual([{ text: "x@y.example", claims: "contact" }]);
});
