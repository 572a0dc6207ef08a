import fc from "fast-check";
import { IDENTIFIERS, type Identifier } from "../../src/core/destination.ts";
import { matchQuality } from "../../src/core/match-quality.ts";

const KEYS = { gender: 1, phone: 15, email: 30, click_id: 20 };

test("the score is the weight of what is sent, and what is missing is ranked by gain", () => {
  expect(matchQuality(new Set<Identifier>(["gender", "email", "name"]), KEYS)).toEqual({
    score: 4.7,
    present: ["email", "gender"],
    missing: ["click_id", "phone"],
  });
});

test("nothing scores 0, everything 10", () => {
  expect(matchQuality(new Set(), KEYS).score).toBe(0);
  expect(matchQuality(new Set(IDENTIFIERS), KEYS).score).toBe(10);
});

test("a destination that matches on nothing misses nothing", () => {
  expect(matchQuality(new Set<Identifier>(["email"]), {})).toEqual({ score: 10, present: [], missing: [] });
  expect(matchQuality(new Set(), { email: 0 })).toEqual({ score: 10, present: [], missing: [] });
});

test("one more identifier never lowers the score, which has one decimal", () => {
  const keys = fc.dictionary(fc.constantFrom(...IDENTIFIERS), fc.integer({ min: 0, max: 100 }));
  fc.assert(
    fc.property(keys, fc.subarray([...IDENTIFIERS]), fc.constantFrom(...IDENTIFIERS), (weights, some, another) => {
      const before = matchQuality(new Set(some), weights).score;
      const after = matchQuality(new Set([...some, another]), weights).score;
      expect(after).toBeGreaterThanOrEqual(before);
      expect(after).toBe(Number(after.toFixed(1)));
    }),
  );
});
