import fc from "fast-check";
import type { ConsentState, ConsentValue } from "../../src/core/consent.ts";
import {
  answersOf,
  type ConsentMemory,
  isNews,
  mergeAnswers,
  refusedSince,
  unansweredBy,
} from "../../src/core/consent-memory.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { SourceKind } from "../../src/core/event.ts";

function sent(consent: ConsentState, kind: SourceKind, event_time: number) {
  return { consent, event_time, source: { dedup_scope: "shop", kind } };
}

/** What an event of now that says nothing goes by. */
function remembered(memory: ConsentMemory) {
  return unansweredBy(sent({}, "server", NOW), memory);
}

const [DAY, NOW] = [DAY_MS, 30 * DAY_MS + HOUR_MS];
/** A string that was written on a day, as enrich read it in a later event. */
const ofDay = (days: number, value: ConsentValue = "granted"): ConsentState => ({
  ad_storage: value,
  answered_by: { ad_storage: "tcf" },
  answered_at: { ad_storage: value === "granted" ? days * DAY : (days + 1) * DAY - 1 },
});
/** What an event that shows a string leaves in the memory. */
const shown = (consent: ConsentState, eventTime = NOW, isNamed = true) =>
  answersOf(sent(consent, "browser", eventTime), isNamed);
/** What is held against the string of an event. */
const held = (memory: ConsentMemory, consent: ConsentState, by: SourceKind = "browser", eventTime = NOW) =>
  unansweredBy(sent(consent, by, eventTime), memory);
const refused = (by: SourceKind, at: number, isNamed = true) =>
  answersOf(sent({ ad_storage: "denied" }, by, at), isNamed);

test.each(["browser", "app"] as const)(
  "a shown string takes back what a tag of the %s said before the banner was there",
  (by) => {
    const memory = refused(by, NOW - 1_000);
    expect(held(memory, ofDay(1), by)).toBeUndefined();
    expect(remembered(mergeAnswers(memory, shown(ofDay(1))))).toEqual({ ad_storage: "granted" });
  },
);

test("a shown string gives way to a tag's refusal that comes after it, as any grant does", () => {
  const memory = mergeAnswers(shown(ofDay(1)), refused("browser", NOW + 1));
  expect(remembered(memory)).toEqual({ ad_storage: "denied" });
  expect(refusedSince(memory, sent(ofDay(1), "browser", NOW))).toEqual({ ad_storage: "denied" });
});

test("a shown string takes back nothing that a back end was told after it was written: not for its event, and not for others", () => {
  const memory = refused("server", 10 * DAY);
  expect(held(memory, ofDay(1))).toEqual({ ad_storage: "denied" });
  expect(remembered(mergeAnswers(memory, shown(ofDay(1))))).toEqual({ ad_storage: "denied" });
  expect(refusedSince(memory, sent(ofDay(1), "browser", NOW))).toEqual({ ad_storage: "denied" });
});

test("a shown string takes that back when it was written since, and so does the person's own word", () => {
  const memory = refused("server", 10 * DAY);
  expect(held(memory, ofDay(11))).toBeUndefined();
  expect(remembered(mergeAnswers(memory, shown(ofDay(11))))).toEqual({ ad_storage: "granted" });
  expect(refusedSince(memory, sent(ofDay(11), "browser", NOW))).toEqual({});
  const word = answersOf(sent({ ad_storage: "granted" }, "browser", NOW - 1), true);
  expect(remembered(mergeAnswers(memory, word))).toEqual({ ad_storage: "granted" });
  expect(remembered([memory, word, shown(ofDay(1))].reduce(mergeAnswers))).toEqual({ ad_storage: "granted" });
});

test("a shown string takes back no refusal in a newer string of another device, and an older one's", () => {
  const newer = shown(ofDay(20, "denied"), 20 * DAY + 5);
  expect(held(newer, ofDay(1))).toEqual({ ad_storage: "denied" });
  expect(remembered(mergeAnswers(newer, shown(ofDay(1))))).toEqual({ ad_storage: "denied" });
  expect(remembered(mergeAnswers(newer, shown(ofDay(21))))).toEqual({ ad_storage: "granted" });
});

test("a shown string of the same day as one that refused counts as of when it is shown", () => {
  const first = shown({ ...ofDay(20, "denied"), answered_at: {} }, 20 * DAY + HOUR_MS);
  expect(held(first, ofDay(20))).toBeUndefined();
  expect(remembered(mergeAnswers(first, shown(ofDay(20))))).toEqual({ ad_storage: "granted" });
  expect(remembered(mergeAnswers(shown(ofDay(20), 20 * DAY + 1), first))).toEqual({ ad_storage: "denied" });
});

test("a string that a server sends may be kept, and takes back nothing that came after it", () => {
  for (const by of ["browser", "server"] as const) {
    expect(held(refused(by, 10 * DAY), ofDay(1), "server")).toEqual({ ad_storage: "denied" });
    const memory = mergeAnswers(refused(by, 10 * DAY), answersOf(sent(ofDay(1), "server", NOW), true));
    expect(remembered(memory)).toEqual({ ad_storage: "denied" });
  }
});

test("a shown string takes back nothing by name where it names nobody, but holds for its own event", () => {
  const memory = mergeAnswers(refused("browser", NOW - 1), shown(ofDay(1), NOW, false));
  expect(remembered(memory)).toEqual({ ad_storage: "denied" });
  expect(held(memory, ofDay(1))).toBeUndefined();
});

test("of what was kept before there were two readings, a refusal counts as a device's and a grant for both", () => {
  const kept = (answer: { value: ConsentValue; at: number }): ConsentMemory => ({
    shop: { named: { ad_storage: answer }, anonymous: {} },
  });
  expect(held(kept({ value: "denied", at: 10 * DAY }), ofDay(1))).toBeUndefined();
  const granted = mergeAnswers(kept({ value: "granted", at: 11 * DAY }), refused("server", 10 * DAY));
  expect(remembered(granted)).toEqual({ ad_storage: "granted" });
});

test("a string shown again is news once an hour, and a back end's refusal at once", () => {
  const known = shown(ofDay(1));
  const isNewsAt = (at: number) => isNews(known, mergeAnswers(known, shown(ofDay(1), at)));
  expect([isNewsAt(NOW + HOUR_MS - 1), isNewsAt(NOW + HOUR_MS)]).toEqual([false, true]);
  expect(isNews(known, mergeAnswers(known, refused("server", 10 * DAY)))).toBe(true);
  const atDevice = refused("browser", NOW);
  expect(isNews(atDevice, mergeAnswers(atDevice, refused("server", NOW)))).toBe(true);
});

const answer = fc.constantFrom("granted" as const, "denied" as const);
const kind = fc.constantFrom("browser" as const, "app" as const, "server" as const);
const told = fc.record({
  value: answer,
  day: fc.integer({ min: 0, max: 29 }),
  isString: fc.boolean(),
  by: kind,
  isNamed: fc.boolean(),
  late: fc.nat(3),
});
type Told = typeof told extends fc.Arbitrary<infer Value> ? Value : never;
const eventOf = ({ by, day, isString, late, value }: Told) =>
  isString
    ? sent(ofDay(day, value), by, (day + late + 1) * DAY + 7)
    : sent({ ad_storage: value }, by, day * DAY + late);

test("however late and in whatever order: a back end's last refusal stands until somebody grants after it", () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 7 }), fc.integer({ min: 0, max: 29 }), (all, day) => {
      const others = all.filter((it) => it.value === "denied" || it.day < day);
      const memory = [
        ...others.map((it) => answersOf(eventOf(it), it.isNamed)),
        refused("server", day * DAY + 5),
      ].reduce(mergeAnswers, {});
      const word = others.some((it) => it.value === "granted" && !it.isString && it.day >= day);
      if (!word) expect(remembered(memory)).toEqual({ ad_storage: "denied" });
      expect(held(memory, ofDay(day))).toEqual({ ad_storage: "denied" });
    }),
  );
});

test("in any order, whoever grants in plain words last has granted", () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 7 }), kind, fc.nat(7), (all, by, at) => {
      const last = answersOf(sent({ ad_storage: "granted" }, by, 40 * DAY), true);
      const memories = all.map((it) => answersOf(eventOf(it), it.isNamed));
      const memory = memories.toSpliced(at, 0, last).reduce(mergeAnswers, {});
      expect(remembered(memory)).toEqual({ ad_storage: "granted" });
      expect(remembered(memories.toReversed().reduce(mergeAnswers, last))).toEqual({ ad_storage: "granted" });
    }),
  );
});
