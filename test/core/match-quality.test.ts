import fc from "fast-check";
import { IDENTIFIERS, type Identifier } from "../../src/core/destination.ts";
import { type Doubts, MATCH_QUALITY_VERSION, matchQuality, mergedQuality } from "../../src/core/match-quality.ts";

const KEYS = { gender: 1, phone: 15, email: 30, click_id: 20 };
const weights = fc.dictionary(fc.constantFrom(...IDENTIFIERS), fc.integer({ min: 0, max: 100 }));
const some = fc.subarray([...IDENTIFIERS]);
const doubts: fc.Arbitrary<Doubts> = fc.dictionary(
  fc.constantFrom(...IDENTIFIERS),
  fc.record({ factor: fc.double({ min: 0, max: 1, noNaN: true }), reason: fc.constant("doubted") }),
);

test("the score is the weight of what is sent, and what is missing is ranked by gain", () => {
  expect(matchQuality(new Set<Identifier>(["gender", "email", "name"]), KEYS)).toEqual({
    score: 4.7,
    present: ["email", "gender"],
    missing: ["click_id", "phone"],
    points: { email: 4.5, gender: 0.2, click_id: 3, phone: 2.3 },
    doubts: {},
    version: MATCH_QUALITY_VERSION,
  });
});

test("what is doubted counts in part, and says why; doubts of what is not sent are left out", () => {
  const role = { factor: 0.5, reason: "a role" };
  const doubted = { email: role, phone: role };
  expect(matchQuality(new Set<Identifier>(["gender", "email"]), KEYS, doubted)).toMatchObject({
    score: 2.4,
    points: { email: 2.3, gender: 0.1, phone: 2.3 },
    doubts: { email: role },
  });
});

test("nothing scores 0, everything 10", () => {
  expect(matchQuality(new Set(), KEYS).score).toBe(0);
  expect(matchQuality(new Set(IDENTIFIERS), KEYS).score).toBe(10);
});

test("a destination that matches on nothing misses nothing", () => {
  const nothing = { score: 10, present: [], missing: [], points: {} };
  expect(matchQuality(new Set<Identifier>(["email"]), {})).toMatchObject(nothing);
  expect(matchQuality(new Set(), { email: 0 })).toMatchObject(nothing);
});

test("one more identifier never lowers the score, which has one decimal and is between 0 and 10", () => {
  fc.assert(
    fc.property(weights, some, fc.constantFrom(...IDENTIFIERS), doubts, (keys, sent, another, doubted) => {
      const before = matchQuality(new Set(sent), keys, doubted).score;
      const after = matchQuality(new Set([...sent, another]), keys, doubted).score;
      expect(after).toBeGreaterThanOrEqual(before);
      expect(after).toBe(Number(after.toFixed(1)));
      expect(before).toBeGreaterThanOrEqual(0);
      expect(after).toBeLessThanOrEqual(10);
    }),
  );
});

test("contributions add up to the score, each a tenth or nothing away from its exact share", () => {
  fc.assert(
    fc.property(weights, some, doubts, (keys, sent, doubted) => {
      const { points, present, score } = matchQuality(new Set(sent), keys, doubted);
      const whole = Object.values(keys).reduce((a, b) => a + b, 0);
      if (whole === 0) return;
      const sum = present.reduce((total, it) => total + Math.round((points[it] ?? 0) * 10), 0);
      expect(sum).toBe(Math.round(score * 10));
      for (const it of present) {
        const exact = ((keys[it] ?? 0) * (doubted[it]?.factor ?? 1) * 10) / whole;
        expect(Math.abs((points[it] ?? 0) - exact)).toBeLessThanOrEqual(0.1 + 1e-9);
      }
    }),
  );
});

test("two copies score together what either has, and an identifier as soundly as its sounder copy", () => {
  const keys = { email: 5, phone: 3, click_id: 2 };
  const tag = matchQuality(new Set(["click_id", "email"]), keys, { email: { factor: 0.4, reason: "a test address" } });
  const server = matchQuality(new Set(["email", "phone"]), keys, { phone: { factor: 0.5, reason: "shared" } });
  const both = mergedQuality([tag, server], keys);
  expect(both).toEqual(
    matchQuality(new Set(["email", "phone", "click_id"]), keys, { phone: { factor: 0.5, reason: "shared" } }),
  );
  expect(mergedQuality([server, tag], keys)).toEqual(both);
  expect(mergedQuality([tag], keys)).toEqual(tag);
});
