import fc from "fast-check";
import { HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { type DeliveryState, FINAL_STATES } from "../../src/core/outcome.ts";
import { judgeDelivery, type LaneSituation, missingBetween, SLOT_MS } from "../../src/core/reconciliation.ts";

const FROM = Date.parse("2026-11-23T13:00:00Z");
const TO = FROM + HOUR_MS;
const UNTIL = TO + 100 * 60_000;

function slots(times: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const at of times) {
    const slot = Math.floor(at / SLOT_MS) * SLOT_MS;
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return counts;
}

/** An event: when it came (ms from an hour before FROM), how long it was under way, and how far its two counters' clocks are off. */
const PASSING = fc.record({
  at: fc.integer({ min: 0, max: 3 * HOUR_MS }),
  took: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 40 * MINUTE_MS })),
  skew: fc.integer({ min: -15_000, max: 15_000 }),
  otherSkew: fc.integer({ min: -15_000, max: 15_000 }),
});

describe("missingBetween", () => {
  test("G25: nothing is missing where nothing is lost, however it is counted and cut", () => {
    fc.assert(
      fc.property(fc.array(PASSING, { maxLength: 200 }), (events) => {
        const into = slots(events.map(({ at, skew }) => FROM - HOUR_MS + at + skew));
        const outOf = slots(events.map(({ at, otherSkew, took }) => FROM - HOUR_MS + at + took + otherSkew));
        // Whatever is still under way at the end is on the queue, which the caller subtracts.
        const left = events.filter(({ at, otherSkew, took }) => FROM - HOUR_MS + at + took + otherSkew >= UNTIL).length;
        expect(missingBetween({ into, outOf }, FROM, TO, UNTIL)).toBeLessThanOrEqual(left);
      }),
      { numRuns: 500 },
    );
  });

  test("never says more than was lost, and says all of it where the hour's edges are quiet", () => {
    const quiet = fc.integer({ min: 10 * MINUTE_MS, max: 50 * MINUTE_MS });
    fc.assert(
      fc.property(fc.array(quiet, { maxLength: 100 }), fc.array(quiet, { maxLength: 20 }), (passed, lost) => {
        const into = slots([...passed, ...lost].map((at) => FROM + at));
        const outOf = slots(passed.map((at) => FROM + at + 2_000));
        expect(missingBetween({ into, outOf }, FROM, TO, UNTIL)).toBe(lost.length);
      }),
    );
  });

  test("of steady traffic it allows what may be under way at the two cuts, and no more", () => {
    const every = (ms: number, shift: number) =>
      slots(Array.from({ length: (5 * HOUR_MS) / ms }, (_, index) => FROM - HOUR_MS + index * ms + shift));
    const into = every(1_000, 0);
    const outOf = every(1_000, 2_000);
    expect(missingBetween({ into, outOf }, FROM, TO, UNTIL)).toBe(0);
    // A worker that drops a third of what it takes.
    const third = new Map([...outOf].map(([at, count]) => [at, Math.floor((count * 2) / 3)]));
    expect(missingBetween({ into, outOf: third }, FROM, TO, UNTIL)).toBeGreaterThan(600);
  });

  test("what waited half an hour behind a blocked group has come out before the judgement", () => {
    const into = slots([TO - MINUTE_MS, TO - MINUTE_MS]);
    const outOf = slots([TO - MINUTE_MS, TO + 31 * MINUTE_MS]);
    expect(missingBetween({ into, outOf }, FROM, TO, UNTIL)).toBe(0);
    expect(missingBetween({ into, outOf: slots([TO - MINUTE_MS]) }, FROM, TO, UNTIL)).toBe(1);
  });
});

describe("judgeDelivery", () => {
  const NOW = UNTIL;
  const lane: LaneSituation = {
    now: NOW,
    isRemoved: false,
    isHeldUp: false,
    onQueue: 0,
    isFinal: false,
    retryWindowMs: 24 * HOUR_MS,
  };
  const record = (state: DeliveryState, updated_at = FROM) => ({ state, updated_at });

  test.each([...FINAL_STATES])("%s is an end, whatever the queue holds", (state) => {
    for (const onQueue of [0, 5]) expect(judgeDelivery(record(state), { ...lane, onQueue })).toBe("ended");
  });

  test.each(["retry", "unauthorized", undefined] as const)("%s is lost only with an empty queue", (state) => {
    const stored = state === undefined ? undefined : record(state);
    expect(judgeDelivery(stored, lane)).toBe("lost");
    expect(judgeDelivery(stored, { ...lane, onQueue: 1 })).toBe("waiting");
    expect(judgeDelivery(stored, { ...lane, isHeldUp: true })).toBe("waiting");
    expect(judgeDelivery(stored, { ...lane, isRemoved: true })).toBe("waiting");
  });

  test("after the last deadline the queue's messages are others', unless the event was worked on since", () => {
    const final = { ...lane, isFinal: true, onQueue: 9, now: FROM + 30 * HOUR_MS };
    expect(judgeDelivery(undefined, final)).toBe("lost");
    expect(judgeDelivery(record("retry"), final)).toBe("lost");
    expect(judgeDelivery(record("retry", final.now - HOUR_MS), final)).toBe("waiting");
  });

  test("an attempt without an answer is under way, then unconfirmed, and never called lost", () => {
    expect(judgeDelivery(record("attempting", NOW - MINUTE_MS), lane)).toBe("waiting");
    expect(judgeDelivery(record("attempting"), lane)).toBe("unconfirmed");
    expect(judgeDelivery(record("attempting"), { ...lane, onQueue: 1 })).toBe("waiting");
  });
});
