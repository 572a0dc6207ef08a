import fc from "fast-check";
import { CONSENT_PURPOSES } from "../../src/core/consent.ts";
import { answersOf, isNews, mergeAnswers, unansweredBy } from "../../src/core/consent-memory.ts";

const HOUR_MS = 3_600_000;
const answer = fc.constantFrom("granted" as const, "denied" as const);
const consent = fc.record(
  { ...Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, answer])), gpc: fc.boolean() },
  { requiredKeys: [] },
);
const memory = fc.tuple(consent, fc.nat(5)).map(([state, at]) => answersOf(state, at));

test("the latest answer counts, in whatever order the events come", () => {
  fc.assert(
    fc.property(fc.array(memory, { maxLength: 6 }), (memories) => {
      const forwards = memories.reduce(mergeAnswers, {});
      const backwards = memories.toReversed().reduce(mergeAnswers, {});
      expect(backwards).toEqual(forwards);
      for (const purpose of CONSENT_PURPOSES) {
        const last = Math.max(-1, ...memories.map((one) => one[purpose]?.at ?? -1));
        const answers = memories.flatMap((one) => (one[purpose]?.at === last ? [one[purpose].value] : []));
        expect(forwards[purpose]?.value).toBe(answers.includes("denied") ? "denied" : answers[0]);
      }
    }),
  );
});

test("only what the event leaves open is filled in", () => {
  const known = answersOf({ ad_storage: "denied", ad_user_data: "denied", gpc: true }, 1);
  expect(unansweredBy({ ad_storage: "granted" }, known)).toEqual({ ad_user_data: "denied", gpc: true });
  expect(unansweredBy({ ad_storage: "granted", ad_user_data: "granted", gpc: false }, known)).toBeUndefined();
  expect(unansweredBy(undefined, {})).toBeUndefined();
});

test("a repeated answer is worth a write once an hour, another answer at once", () => {
  const first = answersOf({ ad_storage: "denied" }, 0);
  expect(isNews(first, answersOf({ ad_storage: "denied" }, HOUR_MS - 1))).toBe(false);
  expect(isNews(first, answersOf({ ad_storage: "denied" }, HOUR_MS))).toBe(true);
  expect(isNews(first, answersOf({ ad_storage: "granted" }, 1))).toBe(true);
  expect(isNews(first, first)).toBe(false);
});
