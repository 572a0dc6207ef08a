import fc from "fast-check";
import { IDENTIFIERS, type Identifier } from "../../src/core/destination.ts";
import { type Doubts, matchQuality } from "../../src/core/match-quality.ts";
import { archivedQuality, QualityTally, qualityRows } from "../../src/core/quality-rollup.ts";

const KEYS = { email: 50, phone: 25, click_id: 25 };
const ROLE = { factor: 0.5, reason: "a role" };

function decision(sent: readonly Identifier[], doubts: Doubts = {}, lane = "meta") {
  const quality = archivedQuality(matchQuality(new Set(sent), KEYS, doubts));
  return { lane, send: true, ...(quality === undefined ? {} : { quality }) };
}

test("rows tell shares, the mean score, and what it would be with what was missing, the greatest first", () => {
  const tally = new QualityTally();
  tally.add("web", "purchase", [decision(["email"])]);
  tally.add("web", "purchase", [decision(["email", "phone"])]);
  tally.add("web", "purchase", [decision(["email"])]);
  tally.add("web", "purchase", [decision(["email"])]);
  tally.add("server", "purchase", [decision(["email", "phone"]), decision([], {}, "x")]);
  const row = qualityRows(tally.cells()).find(({ source }) => source === "web");
  expect(row).toEqual({
    source: "web",
    event: "purchase",
    lane: "meta",
    events: 4,
    score: 5.6,
    identifiers: [
      { identifier: "click_id", share: 0, score_with: 8.1 },
      { identifier: "phone", share: 0.25, score_with: 7.5 },
      { identifier: "email", share: 1 },
    ],
  });
});

test("what is missing is taken to be as sound as it usually is at the destination", () => {
  const tally = new QualityTally();
  tally.add("web", "lead", [decision([])]);
  tally.add("server", "lead", [decision(["email"], { email: ROLE })]);
  const row = qualityRows(tally.cells()).find(({ source }) => source === "web");
  expect(row?.identifiers.find(({ identifier }) => identifier === "email")?.score_with).toBe(2.5);
});

test("the score with an identifier is that of scoring every event again with it", () => {
  const sent = fc.subarray([...IDENTIFIERS]);
  const weights = fc.dictionary(fc.constantFrom(...IDENTIFIERS), fc.integer({ min: 1, max: 100 }), { minKeys: 1 });
  fc.assert(
    fc.property(weights, fc.array(sent, { minLength: 1, maxLength: 20 }), (keys, events) => {
      const tally = new QualityTally();
      for (const it of events) {
        const quality = archivedQuality(matchQuality(new Set(it), keys));
        tally.add("web", "lead", [{ lane: "meta", send: true, ...(quality === undefined ? {} : { quality }) }]);
      }
      for (const { identifier, score_with: told } of qualityRows(tally.cells())[0]?.identifiers ?? []) {
        if (told === undefined) continue;
        const again = events.map((it) => matchQuality(new Set([...it, identifier]), keys).score);
        const mean = again.reduce((a, b) => a + b, 0) / again.length;
        // Scores and gains are kept in tenths: each may be off by half of one, and the mean is rounded once more.
        expect(Math.abs(told - mean)).toBeLessThanOrEqual(0.2 + 1e-9);
      }
    }),
  );
});

test("hours add up to what all events together give, in whatever order", () => {
  const hours = [new QualityTally(), new QualityTally()];
  const whole = new QualityTally();
  const events: Identifier[][] = [["email"], [], ["phone", "click_id"], ["email", "phone"]];
  for (const [index, it] of events.entries()) {
    hours[index % 2]?.add("web", "lead", [decision(it, { email: ROLE })]);
    whole.add("web", "lead", [decision(it, { email: ROLE })]);
  }
  const merged = new QualityTally();
  for (const hour of hours.reverse()) for (const cell of hour.cells()) merged.merge(cell);
  expect(qualityRows(merged.cells())).toEqual(qualityRows(whole.cells()));
});

test("what was not sent, has no score, or was scored by other rules is left out", () => {
  const tally = new QualityTally();
  const scored = decision(["email"]);
  tally.add("web", "lead", [
    { ...scored, send: false },
    { lane: "webhook", send: true },
    { ...scored, quality: { version: 1, score: 5, sent: {}, gains: {} } },
  ]);
  expect(tally.cells()).toEqual([]);
  expect(archivedQuality({ score: 5, present: ["email"], missing: [] })).toBeUndefined();
  expect(archivedQuality(undefined)).toBeUndefined();
});

function wasOf({ quality }: ReturnType<typeof decision>) {
  return quality === undefined ? {} : { was: quality };
}

test("the score of two copies takes the place of the first one's, and nobody is counted twice", () => {
  const alone = decision(["click_id"]);
  const both = { ...decision(["click_id", "email", "phone"]), ...wasOf(alone) };
  const tally = new QualityTally();
  tally.add("web", "purchase", [alone]);
  tally.add("web", "purchase", [alone]);
  tally.complete("a", "web", "purchase", [both]);
  const expected = new QualityTally();
  expected.add("web", "purchase", [alone]);
  expected.add("web", "purchase", [decision(["click_id", "email", "phone"])]);
  expect(qualityRows(tally.cells())).toEqual(qualityRows(expected.cells()));
});

test("a copy whose event is in the hour before changes no figure into nonsense", () => {
  const both = { ...decision(["email"]), ...wasOf(decision([])) };
  const tally = new QualityTally();
  tally.complete("a", "web", "purchase", [both]);
  expect(qualityRows(tally.cells())).toEqual([]);
  tally.add("web", "purchase", [decision(["email"])]);
  const [row] = qualityRows(tally.cells());
  expect(row?.identifiers.find(({ identifier }) => identifier === "email")?.share).toBe(1);
});

test("a copy that only makes an identifier sounder counts also where its event is in another hour", () => {
  const role = decision(["email"], { email: ROLE });
  const both = { ...decision(["email"]), ...wasOf(role) };
  const hours = [new QualityTally(), new QualityTally()];
  const [before, after] = hours;
  before?.add("web", "purchase", [role]);
  after?.add("web", "purchase", [decision([])]);
  after?.complete("a", "web", "purchase", [both]);
  const report = new QualityTally();
  for (const hour of hours) for (const cell of hour.cells()) report.merge(cell);
  expect(report.cells()[0]?.sent.email).toEqual([1, 100]);
});

test("a lane that waited for consent is counted when the copy that brought it is", () => {
  const tally = new QualityTally();
  tally.complete("a", "web", "purchase", [decision(["email"])]);
  expect(tally.cells()).toMatchObject([{ events: 1 }]);
});

test("a copy that refuses takes the score of the first one out: its event goes nowhere", () => {
  const tally = new QualityTally();
  const alone = decision(["click_id"]);
  tally.add("web", "purchase", [alone]);
  tally.add("web", "purchase", [decision(["email"])]);
  tally.complete("a", "web", "purchase", [{ lane: "meta", send: true, ...wasOf(alone) }]);
  expect(tally.cells()).toMatchObject([{ events: 1, tenths: 50, sent: { email: [1, 100] } }]);
  // What a third copy brings goes nowhere either.
  tally.complete("a", "web", "purchase", [{ ...decision(["email"]), ...wasOf(alone) }]);
  expect(tally.cells()).toMatchObject([{ events: 1, tenths: 50 }]);
});

test("of more than one later copy the one that brings most counts, in whatever order they come", () => {
  const alone = decision(["click_id"]);
  const copies = [decision(["click_id", "email"]), decision(["click_id", "phone"]), decision(["click_id"])];
  fc.assert(
    fc.property(fc.shuffledSubarray(copies, { minLength: 3 }), (order) => {
      const tally = new QualityTally();
      tally.add("web", "purchase", [alone]);
      for (const copy of order) tally.complete("a", "web", "purchase", [{ ...copy, ...wasOf(alone) }]);
      expect(tally.cells()).toMatchObject([{ events: 1, tenths: 75, sent: { click_id: [1, 100], email: [1, 100] } }]);
      expect(tally.cells()[0]?.sent.phone?.[0] ?? 0).toBe(0);
    }),
  );
});
