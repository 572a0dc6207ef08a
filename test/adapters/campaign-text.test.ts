import fc from "fast-check";
import { packTouches, unpackTouches } from "../../src/adapters/campaign-text.ts";

const text = fc.string({ minLength: 1, maxLength: 20 });
const touch = fc.record(
  {
    source: text,
    medium: text,
    name: text,
    term: text,
    content: text,
    id: text,
    click: fc.constantFrom("gclid" as const, "_kx" as const),
    page: text,
    at: fc.nat(),
  },
  { requiredKeys: ["at"] },
);

test("touches come back as they were, also through JSON", () => {
  const scopes = fc.constantFrom("shop", "till", "a-1");
  const key = fc.tuple(fc.constantFrom("first#", "last#"), scopes).map(([which, scope]) => which + scope);
  fc.assert(
    fc.property(fc.dictionary(key, touch), (touches) => {
      const packed = packTouches(touches);
      expect(unpackTouches(packed === undefined ? undefined : JSON.parse(JSON.stringify(packed)))).toEqual(touches);
    }),
  );
});

test("one touch is stored once, and none takes no room", () => {
  const one = { source: "google", click: "gclid", at: 5 } as const;
  expect(packTouches({ "first#shop": one, "last#shop": { ...one } })).toEqual({
    "first#shop": [5, "google", 0, 0, 0, 0, 0, "gclid"],
  });
  expect(packTouches({})).toBeUndefined();
});
