import fc from "fast-check";
import { packAttempts, packStory, unpackAttempts, unpackStory } from "../../src/adapters/story-text.ts";
import { CONSENT_PURPOSES } from "../../src/core/consent.ts";
import type { DeliveryAttempt, EventStory } from "../../src/core/delivery-record.ts";
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
    consent: fc.record({
      allowed: fc.boolean(),
      reason: text,
      required: fc.shuffledSubarray([...CONSENT_PURPOSES]),
    }),
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

test("any story comes back as it was packed", () => {
  fc.assert(fc.property(story, (it) => expect(unpackStory(packStory(it), "shop")).toEqual(it)));
});

test("any attempts come back as they were packed", () => {
  const attempt = fc.record(
    {
      at: fc.integer(),
      status: fc.integer({ min: 100, max: 599 }),
      outcome: fc.constantFrom<DeliveryAttempt["outcome"]>("delivered", "retry", "rejected", "unauthorized", "expired"),
      reason: text,
      batch: fc.integer({ min: 1, max: 5_000 }),
      took_ms: fc.nat(),
    },
    { requiredKeys: ["at", "outcome", "batch", "took_ms"] },
  );
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 8 }), (it) => {
      expect(unpackAttempts(packAttempts(it))).toEqual(it);
    }),
  );
});

test("sentences that several lanes share are stored once", () => {
  const [lane] = STORY.decisions;
  const shared = { ...STORY, decisions: Array.from({ length: 5 }, () => lane ?? STORY.decisions[0]) } as EventStory;
  expect(packStory(shared).split("granted by the person")).toHaveLength(2);
});
