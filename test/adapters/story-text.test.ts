import fc from "fast-check";
import { packStory, unpackStory } from "../../src/adapters/story-text.ts";
import { CONSENT_PURPOSES, type ConsentValue } from "../../src/core/consent.ts";
import type { ConsentDecider } from "../../src/core/consent-decision.ts";
import type { ConsentSeen } from "../../src/core/consent-seen.ts";
import type { EventStory } from "../../src/core/delivery-record.ts";
import { IDENTIFIERS, SKIP_CODES } from "../../src/core/destination.ts";
import { STORY } from "../support/delivery-store-suite.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const identifiers = fc.shuffledSubarray([...IDENTIFIERS]);
const words = fc.array(fc.stringMatching(/^[a-z_]{1,12}$/), { maxLength: 5 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const tenths = fc.integer({ min: 0, max: 100 }).map((n) => n / 10);
const doubts = fc.dictionary(
  fc.constantFrom(...IDENTIFIERS),
  fc.record({ factor: fc.constantFrom(0, 0.1, 0.5), reason: text }),
);

const decision = fc.record(
  {
    lane: fc.stringMatching(/^[a-z-]{1,20}$/),
    send: fc.boolean(),
    skip: fc.record({ code: fc.constantFrom(...SKIP_CODES), detail: text }),
    consent: fc.record(
      {
        allowed: fc.boolean(),
        reason: text,
        required: fc.shuffledSubarray([...CONSENT_PURPOSES]),
        behaviour: fc.constantFrom("limited", "without_identifiers"),
      },
      { requiredKeys: ["allowed", "reason", "required"] },
    ),
    quality: fc.oneof(
      fc.record({ score: tenths, present: identifiers, missing: identifiers }),
      fc.tuple(identifiers, fc.array(tenths, { minLength: 10, maxLength: 10 }), doubts).map(([all, given, doubted]) => {
        const present = all.slice(0, all.length / 2);
        return {
          score: 4.2,
          present,
          missing: all.slice(present.length),
          points: Object.fromEntries(all.map((it, index) => [it, given[index] ?? 0])),
          doubts: doubted,
          version: 2,
        };
      }),
    ),
  },
  { requiredKeys: ["lane", "send", "consent"] },
);

const story: fc.Arbitrary<EventStory> = fc.record(
  {
    event_id_origin: fc.constantFrom("given", "order_id", "generated"),
    event_time: fc.integer(),
    received_at: fc.integer(),
    source: optional(text).map((library): EventStory["source"] => ({
      id: "web",
      kind: "server",
      dialect: "rudderstack",
      dedup_scope: "shop",
      ...(library === undefined ? {} : { library }),
    })),
    order_id: text,
    value: text,
    currency: text,
    carried: identifiers,
    problems: fc.array(text, { minLength: 1, maxLength: 2 }),
    identity: fc.record(
      { person_id: fc.stringMatching(/^[\w-]{22}$/), filled: words, learned: words },
      { requiredKeys: ["filled", "learned"] },
    ),
    decisions: fc.array(decision, { maxLength: 4 }),
  },
  { requiredKeys: ["event_id_origin", "event_time", "received_at", "source", "carried", "identity", "decisions"] },
);

const seen = fc
  .tuple(
    fc.array(
      fc.record({
        value: fc.constantFrom<ConsentValue>("granted", "denied"),
        by: fc.constantFrom<ConsentDecider>("person", "earlier", "gpc", "default", "no_rule", "later", "no_copy"),
      }),
      { minLength: 4, maxLength: 4 },
    ),
    optional(fc.boolean()),
    fc.uniqueArray(fc.constantFrom("DE", "US-CA", "GB"), { maxLength: 3 }),
  )
  .map(([answers, gpc, places]) => {
    const purposes = Object.fromEntries(CONSENT_PURPOSES.map((purpose, index) => [purpose, answers[index]]));
    return { ...purposes, ...(gpc === undefined ? {} : { gpc }), places } as ConsentSeen;
  });

test("what a decision went by comes back, and the rule that made it", () => {
  const rules = fc.array(fc.constantFrom("declaration", "consent", "consentRules[0]", "override for-reports"), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(story, seen, rules, (it, consent, named) => {
      const decisions = it.decisions.map((one, index) => {
        return { ...one, consent: { ...one.consent, rule: named[index] ?? "declaration" } };
      });
      const told = { ...it, consent, decisions };
      expect(unpackStory(packStory(told), "shop")).toEqual(told);
    }),
  );
});

test("what nearly every decision is adds nothing for each lane", () => {
  const usual = STORY.decisions.map((one) => ({ ...one, consent: { ...one.consent, rule: "declaration" } }));
  expect(packStory({ ...STORY, decisions: usual })).toBe(packStory(STORY));
});

test("any story comes back as it was packed", () => {
  fc.assert(fc.property(story, (it) => expect(unpackStory(packStory(it), "shop")).toEqual(it)));
});

test("sentences that several lanes share are stored once", () => {
  const [lane] = STORY.decisions;
  const shared = { ...STORY, decisions: Array.from({ length: 5 }, () => lane ?? STORY.decisions[0]) } as EventStory;
  expect(packStory(shared).split("granted by the person")).toHaveLength(2);
});
