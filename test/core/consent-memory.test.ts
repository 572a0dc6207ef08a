import fc from "fast-check";
import { CONSENT_PURPOSES, type ConsentState } from "../../src/core/consent.ts";
import { answersOf, isNews, mergeAnswers, refusedSince, unansweredBy } from "../../src/core/consent-memory.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";

const answer = fc.constantFrom("granted" as const, "denied" as const);
const consent: fc.Arbitrary<ConsentState> = fc.record(
  {
    ...Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, answer])),
    gpc: fc.boolean(),
    refused_to: fc.record({ ad_storage: fc.uniqueArray(fc.constantFrom(755, 793)) }),
  },
  { requiredKeys: [] },
);
const said = fc.record({
  consent,
  eventTime: fc.nat(5),
  scope: fc.constantFrom("shop-a", "shop-b"),
  named: fc.boolean(),
});

function named(state: ConsentState, eventTime = 0, scope = "shop") {
  return answersOf({ consent: state, eventTime, scope, named: true });
}

function anonymous(state: ConsentState, eventTime = 0, scope = "shop") {
  return answersOf({ consent: state, eventTime, scope, named: false });
}

test("the same is remembered in whatever order the events come", () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 6 }), (events) => {
      const memories = events.map(answersOf);
      const forwards = memories.reduce(mergeAnswers, {});
      expect(memories.toReversed().reduce(mergeAnswers, {})).toEqual(forwards);
      for (const scope of ["shop-a", "shop-b"]) {
        const earlier = unansweredBy(undefined, forwards, scope);
        const refusals = events.filter((one) => one.scope === scope && one.named);
        const last = Math.max(-1, ...refusals.map((one) => (one.consent.ad_storage ? one.eventTime : -1)));
        const isRefused = refusals.some((one) => one.eventTime === last && one.consent.ad_storage === "denied");
        if (isRefused) expect(earlier?.ad_storage).toBe("denied");
      }
    }),
  );
});

test("the later answer stands, and of two at one moment the refusal", () => {
  const memory = mergeAnswers(named({ ad_storage: "denied" }, 1), named({ ad_storage: "granted" }, 2));
  expect(unansweredBy(undefined, memory, "shop")).toEqual({ ad_storage: "granted" });
  const tie = mergeAnswers(named({ ad_storage: "granted" }, 2), named({ ad_storage: "denied" }, 2));
  expect(unansweredBy(undefined, tie, "shop")).toEqual({ ad_storage: "denied" });
});

test("a refusal that is repeated soon is news where something was granted in between", () => {
  const known = mergeAnswers(anonymous({ ad_storage: "denied" }, 1), named({ ad_storage: "granted" }, 2));
  const next = mergeAnswers(known, anonymous({ ad_storage: "denied" }, 3));
  expect(unansweredBy(undefined, next, "shop")).toEqual({ ad_storage: "denied" });
  expect(isNews(known, next)).toBe(true);
  expect(isNews(next, mergeAnswers(next, anonymous({ ad_storage: "denied" }, 4)))).toBe(false);
});

test("whoever else sits at the device may refuse for the person, but not take back what they refused", () => {
  const refused = named({ ad_storage: "denied" }, 1);
  expect(unansweredBy(undefined, mergeAnswers(refused, anonymous({ ad_storage: "granted" }, 2)), "shop")).toEqual({
    ad_storage: "denied",
  });
  const granted = named({ ad_storage: "granted" }, 1);
  expect(unansweredBy(undefined, mergeAnswers(granted, anonymous({ ad_storage: "denied" }, 2)), "shop")).toEqual({
    ad_storage: "denied",
  });
  expect(unansweredBy(undefined, mergeAnswers(granted, anonymous({ ad_storage: "denied" }, 0)), "shop")).toEqual({
    ad_storage: "granted",
  });
});

test("an answer to one shop is none to another", () => {
  expect(unansweredBy(undefined, named({ ad_storage: "granted" }), "other")).toBeUndefined();
});

test("only what the event leaves open is filled in", () => {
  const known = named({ ad_storage: "denied", ad_user_data: "denied", gpc: true });
  expect(unansweredBy({ ad_storage: "granted" }, known, "shop")).toEqual({ ad_user_data: "denied", gpc: true });
  expect(unansweredBy({ ad_storage: "granted", ad_user_data: "granted", gpc: false }, known, "shop")).toBeUndefined();
  expect(unansweredBy(undefined, {}, "shop")).toBeUndefined();
});

test.each([
  ["granted", 60 * MINUTE_MS],
  ["denied", 5 * MINUTE_MS],
] as const)("%s again is worth a write after %p ms, another answer at once", (value, after) => {
  const first = named({ ad_storage: value });
  const again = (at: number) => mergeAnswers(first, named({ ad_storage: value }, at));
  expect(isNews(first, again(after - 1))).toBe(false);
  expect(isNews(first, again(after))).toBe(true);
  const other = value === "granted" ? "denied" : "granted";
  expect(isNews(first, mergeAnswers(first, named({ ad_storage: other }, 1)))).toBe(true);
  expect(isNews(first, first)).toBe(false);
});

describe("companies that a TC string left out", () => {
  const toMost = (refused: number[], eventTime = 0) =>
    named({ ad_storage: "granted", refused_to: { ad_storage: refused } }, eventTime);

  test("are left out of what is remembered of the grant, until the person answers again", () => {
    const memory = toMost([755]);
    expect(unansweredBy(undefined, memory, "shop")).toEqual({
      ad_storage: "granted",
      refused_to: { ad_storage: [755] },
    });
    expect(unansweredBy({ ad_storage: "granted" }, memory, "shop")).toBeUndefined();
    const again = mergeAnswers(memory, named({ ad_storage: "granted" }, 1));
    expect(unansweredBy(undefined, again, "shop")).toEqual({ ad_storage: "granted" });
  });

  test("are news at once, and the same ones are not", () => {
    expect(isNews(toMost([]), mergeAnswers(toMost([]), toMost([755], 1)))).toBe(true);
    expect(isNews(toMost([755]), mergeAnswers(toMost([755]), toMost([], 1)))).toBe(true);
    expect(isNews(toMost([755]), mergeAnswers(toMost([755]), toMost([755], 1)))).toBe(false);
  });

  test("of two strings of one moment, all of both", () => {
    const tie = mergeAnswers(toMost([793]), toMost([755]));
    expect(unansweredBy(undefined, tie, "shop")?.refused_to).toEqual({ ad_storage: [755, 793] });
  });

  test("by somebody known are not let in by whoever sits at the device later", () => {
    const memory = mergeAnswers(toMost([755]), anonymous({ ad_storage: "granted" }, 1));
    expect(unansweredBy(undefined, memory, "shop")?.refused_to).toEqual({ ad_storage: [755] });
  });

  test("later than an event, keep it from them", () => {
    expect(refusedSince(toMost([755], 2), "shop", 1)).toEqual({ refused_to: { ad_storage: [755] } });
    expect(refusedSince(toMost([755], 2), "shop", 2)).toEqual({});
  });
});

describe("a string that is older than its event", () => {
  /** A string of `at` that grants storage for ads, in an event of 10. */
  const byString = (at: number, more: ConsentState = {}): ConsentState => ({
    ad_storage: "granted",
    answered_by: { ad_storage: "tcf" },
    answered_at: { ad_storage: at },
    ...more,
  });
  const ofTen = (consent: ConsentState) => named(consent, 10);

  test("takes back no later refusal, neither from the memory nor for its own event", () => {
    const memory = mergeAnswers(named({ ad_storage: "denied" }, 5), ofTen(byString(3)));
    expect(unansweredBy(undefined, memory, "shop")).toEqual({ ad_storage: "denied" });
    expect(unansweredBy(byString(3), memory, "shop")).toEqual({ ad_storage: "denied" });
  });

  test("holds against an earlier refusal", () => {
    const memory = mergeAnswers(named({ ad_storage: "denied" }, 2), ofTen(byString(3)));
    expect(unansweredBy(undefined, memory, "shop")).toEqual({ ad_storage: "granted" });
    expect(unansweredBy(byString(3), memory, "shop")).toBeUndefined();
  });

  test("refuses for its own event although a grant came since, and takes that back from no other", () => {
    const refusing = byString(3, { ad_storage: "denied" });
    const memory = mergeAnswers(named({ ad_storage: "granted" }, 5), ofTen(refusing));
    expect(unansweredBy(undefined, memory, "shop")).toEqual({ ad_storage: "granted" });
    expect(unansweredBy(refusing, memory, "shop")).toBeUndefined();
  });

  test("lets in no company that was left out since", () => {
    const newer = named({ ad_storage: "granted", refused_to: { ad_storage: [755] } }, 5);
    const memory = mergeAnswers(newer, ofTen(byString(3)));
    expect(unansweredBy(byString(3), memory, "shop")).toEqual({ refused_to: { ad_storage: [755] } });
    expect(unansweredBy(byString(6), memory, "shop")).toBeUndefined();
  });

  test("lets a refusal count that came between it and its event, and of what it does not answer none", () => {
    const memory = named({ ad_storage: "denied", ad_user_data: "denied" }, 5);
    expect(refusedSince(memory, "shop", 10, { ad_storage: 3 })).toEqual({ ad_storage: "denied" });
    expect(refusedSince(memory, "shop", 10, { ad_storage: 7 })).toEqual({});
  });

  const answered = fc.record({ at: fc.nat(9), isString: fc.boolean(), value: answer, isNamed: fc.boolean() });

  test("among any answers in any order: who refused by name last is never taken to grant", () => {
    fc.assert(
      fc.property(fc.array(answered, { minLength: 1, maxLength: 6 }), fc.nat(9), (given, at) => {
        const memory = given
          .map((it) => {
            const consent = it.isString ? byString(it.at, { ad_storage: it.value }) : { ad_storage: it.value };
            return answersOf({ consent, eventTime: it.isString ? 10 : it.at, scope: "shop", named: it.isNamed });
          })
          .reduce(mergeAnswers, {});
        const lastNamed = Math.max(-1, ...given.filter((it) => it.isNamed).map((it) => it.at));
        const isRefused = given.some((it) => it.isNamed && it.at === lastNamed && it.value === "denied");
        if (isRefused) expect(unansweredBy(undefined, memory, "shop")?.ad_storage).toBe("denied");
        if (isRefused && at < lastNamed)
          expect(unansweredBy(byString(at), memory, "shop")).toEqual({ ad_storage: "denied" });
      }),
    );
  });
});
