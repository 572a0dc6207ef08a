import fc from "fast-check";
import { CONSENT_PURPOSES, type ConsentState } from "../../src/core/consent.ts";
import {
  answersOf,
  type ConsentMemory,
  isNews,
  mergeAnswers,
  refusedSince,
  unansweredBy,
} from "../../src/core/consent-memory.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { SourceKind } from "../../src/core/event.ts";
import { present } from "../../src/core/present.ts";

const answer = fc.constantFrom("granted" as const, "denied" as const);
const consent: fc.Arbitrary<ConsentState> = fc.record(
  {
    ...Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, answer])),
    gpc: fc.boolean(),
    refused_to: fc.record({ ad_storage: fc.uniqueArray(fc.constantFrom(755, 793)) }),
    answered_by: fc.constant({ ad_user_data: "tcf" as const }),
    answered_at: fc.record({ ad_user_data: fc.nat(5) }),
  },
  { requiredKeys: [] },
);
const kind = fc.constantFrom("browser" as const, "app" as const, "server" as const);
const said = fc.record({
  consent,
  event_time: fc.nat(5),
  source: fc.record({ dedup_scope: fc.constantFrom("shop-a", "shop-b"), kind }),
  isNamed: fc.boolean(),
});

function sent(state: ConsentState | undefined, by: SourceKind, event_time = 0, scope = "shop") {
  return { ...present({ consent: state }), event_time, source: { dedup_scope: scope, kind: by } };
}

function named(state: ConsentState, eventTime = 0) {
  return answersOf(sent(state, "server", eventTime), true);
}

function anonymous(state: ConsentState, eventTime = 0) {
  return answersOf(sent(state, "browser", eventTime), false);
}

/** What is open in a back end's event. */
function open(state: ConsentState | undefined, memory: ConsentMemory, scope = "shop") {
  return unansweredBy(sent(state, "server", 10, scope), memory);
}

function since(memory: ConsentMemory, eventTime: number, state?: ConsentState) {
  return refusedSince(memory, sent(state, "server", eventTime));
}

test("the same is remembered in whatever order the events come", () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 6 }), (events) => {
      const memories = events.map((event) => answersOf(event, event.isNamed));
      const forwards = memories.reduce(mergeAnswers, {});
      expect(memories.toReversed().reduce(mergeAnswers, {})).toEqual(forwards);
      expect(mergeAnswers(forwards, forwards)).toEqual(forwards);
      for (const scope of ["shop-a", "shop-b"]) {
        const earlier = open(undefined, forwards, scope);
        const refusals = events.filter((one) => one.source.dedup_scope === scope && one.isNamed);
        const last = Math.max(-1, ...refusals.map((one) => (one.consent.ad_storage ? one.event_time : -1)));
        const isRefused = refusals.some((one) => one.event_time === last && one.consent.ad_storage === "denied");
        if (isRefused) expect(earlier?.ad_storage).toBe("denied");
      }
    }),
  );
});

test("the later answer stands, and of two at one moment the refusal", () => {
  const memory = mergeAnswers(named({ ad_storage: "denied" }, 1), named({ ad_storage: "granted" }, 2));
  expect(open(undefined, memory)).toEqual({ ad_storage: "granted" });
  const tie = mergeAnswers(named({ ad_storage: "granted" }, 2), named({ ad_storage: "denied" }, 2));
  expect(open(undefined, tie)).toEqual({ ad_storage: "denied" });
});

test("a refusal that is repeated soon is news where something was granted in between", () => {
  const known = mergeAnswers(anonymous({ ad_storage: "denied" }, 1), named({ ad_storage: "granted" }, 2));
  const next = mergeAnswers(known, anonymous({ ad_storage: "denied" }, 3));
  expect(open(undefined, next)).toEqual({ ad_storage: "denied" });
  expect(isNews(known, next)).toBe(true);
  expect(isNews(next, mergeAnswers(next, anonymous({ ad_storage: "denied" }, 4)))).toBe(false);
});

test("whoever else sits at the device may refuse for the person, but not take back what they refused", () => {
  const refused = named({ ad_storage: "denied" }, 1);
  expect(open(undefined, mergeAnswers(refused, anonymous({ ad_storage: "granted" }, 2)))).toEqual({
    ad_storage: "denied",
  });
  const granted = named({ ad_storage: "granted" }, 1);
  expect(open(undefined, mergeAnswers(granted, anonymous({ ad_storage: "denied" }, 2)))).toEqual({
    ad_storage: "denied",
  });
  expect(open(undefined, mergeAnswers(granted, anonymous({ ad_storage: "denied" }, 0)))).toEqual({
    ad_storage: "granted",
  });
});

test("an answer to one shop is none to another", () => {
  expect(open(undefined, named({ ad_storage: "granted" }), "other")).toBeUndefined();
});

test("only what the event leaves open is filled in", () => {
  const known = named({ ad_storage: "denied", ad_user_data: "denied", gpc: true });
  expect(open({ ad_storage: "granted" }, known)).toEqual({ ad_user_data: "denied", gpc: true });
  expect(open({ ad_storage: "granted", ad_user_data: "granted", gpc: false }, known)).toBeUndefined();
  expect(open(undefined, {})).toBeUndefined();
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
    expect(open(undefined, memory)).toEqual({
      ad_storage: "granted",
      refused_to: { ad_storage: [755] },
    });
    expect(open({ ad_storage: "granted" }, memory)).toBeUndefined();
    const again = mergeAnswers(memory, named({ ad_storage: "granted" }, 1));
    expect(open(undefined, again)).toEqual({ ad_storage: "granted" });
  });

  test("are news at once, and the same ones are not", () => {
    expect(isNews(toMost([]), mergeAnswers(toMost([]), toMost([755], 1)))).toBe(true);
    expect(isNews(toMost([755]), mergeAnswers(toMost([755]), toMost([], 1)))).toBe(true);
    expect(isNews(toMost([755]), mergeAnswers(toMost([755]), toMost([755], 1)))).toBe(false);
  });

  test("of two strings of one moment, all of both", () => {
    const tie = mergeAnswers(toMost([793]), toMost([755]));
    expect(open(undefined, tie)?.refused_to).toEqual({ ad_storage: [755, 793] });
  });

  test("by somebody known are not let in by whoever sits at the device later", () => {
    const memory = mergeAnswers(toMost([755]), anonymous({ ad_storage: "granted" }, 1));
    expect(open(undefined, memory)?.refused_to).toEqual({ ad_storage: [755] });
  });

  test("later than an event, keep it from them", () => {
    expect(since(toMost([755], 2), 1)).toEqual({ refused_to: { ad_storage: [755] } });
    expect(since(toMost([755], 2), 2)).toEqual({});
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
    expect(open(undefined, memory)).toEqual({ ad_storage: "denied" });
    expect(open(byString(3), memory)).toEqual({ ad_storage: "denied" });
  });

  test("holds against an earlier refusal", () => {
    const memory = mergeAnswers(named({ ad_storage: "denied" }, 2), ofTen(byString(3)));
    expect(open(undefined, memory)).toEqual({ ad_storage: "granted" });
    expect(open(byString(3), memory)).toBeUndefined();
  });

  test("refuses for its own event although a grant came since, and takes that back from no other", () => {
    const refusing = byString(3, { ad_storage: "denied" });
    const memory = mergeAnswers(named({ ad_storage: "granted" }, 5), ofTen(refusing));
    expect(open(undefined, memory)).toEqual({ ad_storage: "granted" });
    expect(open(refusing, memory)).toBeUndefined();
  });

  test("lets in no company that was left out since", () => {
    const newer = named({ ad_storage: "granted", refused_to: { ad_storage: [755] } }, 5);
    const memory = mergeAnswers(newer, ofTen(byString(3)));
    expect(open(byString(3), memory)).toEqual({ refused_to: { ad_storage: [755] } });
    expect(open(byString(6), memory)).toBeUndefined();
  });

  test("lets a refusal count that came between it and its event, and of what it does not answer none", () => {
    const memory = named({ ad_storage: "denied", ad_user_data: "denied" }, 5);
    expect(since(memory, 10, { answered_at: { ad_storage: 3 } })).toEqual({ ad_storage: "denied" });
    expect(since(memory, 10, { answered_at: { ad_storage: 7 } })).toEqual({});
  });

  const answered = fc.record({ at: fc.nat(9), isString: fc.boolean(), value: answer, isNamed: fc.boolean() });

  test("among any answers in any order: who refused by name last is never taken to grant", () => {
    fc.assert(
      fc.property(fc.array(answered, { minLength: 1, maxLength: 6 }), fc.nat(9), (given, at) => {
        const memory = given
          .map((it) => {
            const consent = it.isString ? byString(it.at, { ad_storage: it.value }) : { ad_storage: it.value };
            return answersOf(sent(consent, "server", it.isString ? 10 : it.at), it.isNamed);
          })
          .reduce(mergeAnswers, {});
        const lastNamed = Math.max(-1, ...given.filter((it) => it.isNamed).map((it) => it.at));
        const isRefused = given.some((it) => it.isNamed && it.at === lastNamed && it.value === "denied");
        if (isRefused) expect(open(undefined, memory)?.ad_storage).toBe("denied");
        if (isRefused && at < lastNamed) expect(open(byString(at), memory)).toEqual({ ad_storage: "denied" });
      }),
    );
  });
});
