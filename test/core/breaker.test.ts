import fc from "fast-check";
import {
  admission,
  afterProbe,
  type CountedRequest,
  causeToStop,
  close,
  countRequest,
  pause,
  probe,
  probeWaitMs,
  type RequestResult,
  shouldPoll,
  stop,
  withoutResult,
} from "../../src/core/breaker.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import type { LaneControl } from "../../src/core/lane-control.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const LEASE_MS = 3 * MINUTE_MS;

const FAILED: RequestResult = { kind: "failed", reason: "status 500" };
const PASSED: RequestResult = { kind: "passed" };
const UNAUTHORIZED: RequestResult = { kind: "unauthorized", reason: "bad token" };

const given = { now: NOW, retryWindowMs: DAY_MS, reason: "status 500" };
const OPEN = stop("meta", undefined, { ...given, cause: "failures" });

function requests(...results: boolean[]): CountedRequest[] {
  return results.map((failed, index) => ({ at: NOW + index, failed }));
}

const times = (count: number, failed: boolean) => Array.from({ length: count }, () => failed);

describe("what stops a lane", () => {
  test.each([
    ["nine requests, all failed", times(9, true), undefined],
    ["ten, of which half failed", [...times(5, false), ...times(5, true)], "failures"],
    ["ten, of which less than half failed", [...times(6, false), ...times(4, true)], undefined],
    ["a hundred, of which half failed", [...times(50, false), ...times(50, true)], "failures"],
  ])("%s", (_, results, cause) => {
    expect(causeToStop(requests(...results), FAILED)).toBe(cause);
  });

  test("a request that passed stops nothing, whatever went before", () => {
    expect(causeToStop(requests(...times(20, true), false), PASSED)).toBeUndefined();
  });

  test("one request that nobody could have passed", () => {
    expect(causeToStop(requests(true), UNAUTHORIZED)).toBe("unauthorized");
  });

  test.each([
    [true, 61_000, "throttled"],
    [true, 60_000, undefined],
    [true, undefined, undefined],
    // A 500 that asks for an hour is about its events.
    [false, 3_600_000, undefined],
  ])("throttled %s and asked for %s ms: %s", (isThrottled, afterMs, cause) => {
    const result = { ...FAILED, isThrottled, ...(afterMs === undefined ? {} : { afterMs }) } as RequestResult;
    expect(causeToStop(requests(true), result)).toBe(cause);
  });

  test("only the last minute counts, and nothing from before the lane was closed again", () => {
    const old = { at: NOW - MINUTE_MS, failed: true };
    const recent = { at: NOW - MINUTE_MS + 1, failed: true };
    const last = { at: NOW, failed: false };
    expect(countRequest([old, recent], last)).toEqual([recent, last]);
    expect(countRequest([old, recent], last, NOW - 1)).toEqual([last]);
  });

  test("a clock that was set back leaves no request behind that never grows old", () => {
    const ahead = { at: NOW + HOUR_MS, failed: true };
    expect(countRequest([ahead], { at: NOW, failed: false })).toEqual([{ at: NOW, failed: false }]);
  });
});

describe("the waits between probes", () => {
  test("double from half a minute to a quarter of an hour", () => {
    const seconds = [0, 1, 2, 3, 4, 5, 6, 1_000].map((failed) => probeWaitMs(failed) / SECOND_MS);
    expect(seconds).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  test("are no shorter than what the platform asked for, up to an hour", () => {
    expect(probeWaitMs(0, 10 * MINUTE_MS)).toBe(10 * MINUTE_MS);
    expect(probeWaitMs(9, 10 * MINUTE_MS)).toBe(15 * MINUTE_MS);
    expect(probeWaitMs(0, 48 * HOUR_MS)).toBe(HOUR_MS);
    expect(probeWaitMs(0, Number.NaN)).toBe(30 * SECOND_MS);
    expect(probeWaitMs(0, -5)).toBe(30 * SECOND_MS);
  });
});

test("a stop, a probe that fails, one that passes: each follows the version before and says why", () => {
  expect(OPEN).toEqual({
    lane: "meta",
    state: "open",
    version: 1,
    since: NOW,
    reason: "status 500",
    cause: "failures",
    failed_probes: 0,
    probe_at: NOW + 30_000,
    stopped_at: NOW,
    held_since: NOW - DAY_MS,
  });
  const first = probe(OPEN, NOW + 30_000, LEASE_MS);
  expect(first).toMatchObject({ state: "half_open", version: 2, probe_until: NOW + 30_000 + LEASE_MS });
  const again = afterProbe(first, UNAUTHORIZED, NOW + 31_000);
  expect(again).toMatchObject({
    state: "open",
    version: 3,
    cause: "unauthorized",
    reason: "bad token",
    failed_probes: 1,
    probe_at: NOW + 91_000,
    stopped_at: NOW,
  });
  expect(again).not.toHaveProperty("probe_until");
  const closed = afterProbe(probe(again, NOW + 91_000, LEASE_MS), PASSED, NOW + 92_000);
  expect(closed).toEqual({
    lane: "meta",
    state: "closed",
    version: 5,
    since: NOW + 92_000,
    reason: "a probe passed",
    failed_probes: 0,
    resumed_at: NOW + 92_000,
    held_since: NOW - DAY_MS,
  });
});

test("a probe that had nothing to send costs the lane nothing", () => {
  const released = withoutResult(probe(OPEN, NOW, LEASE_MS), NOW + 5);
  expect(released).toMatchObject({ state: "open", failed_probes: 0, version: 3 });
  expect(admission(released, NOW + 5)).toBe("probe");
});

test("a person's pause holds until a person ends it, also over a stop", () => {
  const paused = pause("meta", OPEN, { ...given, now: NOW + HOUR_MS, by: "key:7", reason: "audit" });
  expect(paused).toMatchObject({ state: "paused", by: "key:7", reason: "audit", version: 2, stopped_at: NOW });
  expect(paused).not.toHaveProperty("probe_at");
  expect(admission(paused, NOW + 365 * DAY_MS)).toBe("none");
  const resumed = close(paused, { now: NOW + 2 * HOUR_MS, by: "key:7", reason: "resumed" });
  expect(admission(resumed, NOW)).toBe("all");
  expect(resumed).toMatchObject({ by: "key:7", resumed_at: NOW + 2 * HOUR_MS });
});

describe("polling", () => {
  test("goes on for a lane that flows, is probed, or will be within a minute", () => {
    expect(shouldPoll(undefined, NOW)).toBe(true);
    expect(shouldPoll(close(OPEN, { now: NOW, reason: "" }), NOW)).toBe(true);
    expect(shouldPoll(probe(OPEN, NOW, LEASE_MS), NOW)).toBe(true);
    expect(shouldPoll(OPEN, NOW)).toBe(true);
  });

  test("is off while nothing is to happen", () => {
    const longer = stop("meta", undefined, { ...given, cause: "throttled", afterMs: 10 * MINUTE_MS });
    expect(shouldPoll(longer, NOW)).toBe(false);
    expect(shouldPoll(longer, NOW + 9 * MINUTE_MS - 1)).toBe(false);
    expect(shouldPoll(longer, NOW + 9 * MINUTE_MS)).toBe(true);
    expect(shouldPoll(pause("meta", undefined, { ...given, by: "key:1" }), NOW + DAY_MS)).toBe(false);
  });

  test("begins again before the queue forgets what it holds", () => {
    const paused = pause("meta", undefined, { ...given, by: "key:1" });
    // What was there when it was paused may have been a retry window old.
    expect(shouldPoll(paused, NOW + 11 * DAY_MS - 1)).toBe(false);
    expect(shouldPoll(paused, NOW + 11 * DAY_MS)).toBe(true);
  });

  test("reckons with what is left from an earlier stop, and not when that is long over", () => {
    const resumed = close(pause("meta", undefined, { ...given, by: "key:1" }), { now: NOW + 9 * DAY_MS, reason: "" });
    const soon = stop("meta", resumed, { ...given, now: NOW + 9 * DAY_MS + HOUR_MS, cause: "failures" });
    expect(soon.held_since).toBe(NOW - DAY_MS);
    const late = stop("meta", resumed, { ...given, now: NOW + 10 * DAY_MS, cause: "failures" });
    expect(late.held_since).toBe(NOW + 9 * DAY_MS);
  });
});

describe("whatever happens", () => {
  /** One worker's act, at its own clock, on the control that it read some time ago. */
  const acts = fc.array(
    fc.record({
      act: fc.constantFrom("stop", "enter", "passed", "failed", "unauthorized", "nothing", "pause", "resume"),
      worker: fc.nat(2),
      afterMs: fc.constantFrom(0, 100, 31_000, 5 * MINUTE_MS, 2 * HOUR_MS),
      skewMs: fc.integer({ min: -30_000, max: 30_000 }),
      readsAnew: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  function play(script: typeof acts extends fc.Arbitrary<infer Script> ? Script : never) {
    let now = NOW;
    let stored: LaneControl | undefined;
    const seen = new Map<number, LaneControl | undefined>();
    const probing = new Map<number, { control: LaneControl; until: number }>();
    const save = (next: LaneControl): boolean => {
      expect(next.lane).toBe("meta");
      if (next.version !== (stored?.version ?? 0) + 1) return false;
      stored = next;
      return true;
    };
    for (const { act, afterMs, readsAnew, skewMs, worker } of script) {
      now += afterMs;
      const clock = now + skewMs;
      if (readsAnew || !seen.has(worker)) seen.set(worker, stored);
      const control = seen.get(worker);
      const mine = probing.get(worker);
      if (act === "stop" && admission(control, clock) === "all") {
        save(stop("meta", control, { ...given, now: clock, cause: "failures", afterMs }));
      } else if (act === "enter" && mine === undefined && admission(control, clock) === "probe") {
        if (control === undefined || !save(probe(control, clock, LEASE_MS))) continue;
        // No other probe whose worker can still be alive, for any two clocks.
        for (const other of probing.values()) expect(other.until).toBeLessThanOrEqual(now);
        probing.set(worker, { control: stored as LaneControl, until: now + LEASE_MS - MINUTE_MS });
      } else if (mine !== undefined && (act === "passed" || act === "failed" || act === "unauthorized")) {
        const result = { passed: PASSED, failed: FAILED, unauthorized: UNAUTHORIZED }[act];
        save(afterProbe(mine.control, result, clock));
        probing.delete(worker);
      } else if (mine !== undefined && act === "nothing") {
        save(withoutResult(mine.control, clock));
        probing.delete(worker);
      } else if (act === "pause" || (act === "resume" && stored !== undefined)) {
        const by = { now: clock, by: "key:1" };
        const next = stored === undefined || act === "pause" ? pause("meta", stored, { ...given, ...by }) : undefined;
        expect(save(next ?? close(stored as LaneControl, { ...by, reason: "" }))).toBe(true);
        // The person's word goes before the probe that is under way: what it comes to is not written any more.
        for (const [name, { control: over }] of probing) {
          expect(save(afterProbe(over, PASSED, clock))).toBe(false);
          probing.delete(name);
        }
      }
      // A worker that lives no longer than its lease lets it have been.
      for (const [name, { until }] of probing) if (until <= now) probing.delete(name);
    }
    return { stored, now };
  }

  test("a lane that no person holds lets a probe out in time, and the probe can close it", () => {
    fc.assert(
      fc.property(acts, (script) => {
        const { now, stored } = play(script);
        if (stored === undefined || stored.state === "paused") return;
        const later = now + HOUR_MS + LEASE_MS + MINUTE_MS;
        expect(admission(stored, later)).not.toBe("none");
        expect(shouldPoll(stored, later)).toBe(true);
        const closed = afterProbe(probe(stored, later, LEASE_MS), PASSED, later);
        expect(admission(closed, later)).toBe("all");
      }),
      { numRuns: 2_000 },
    );
  });

  test("while a lane is stopped its oldest message is known, and its stop has one beginning", () => {
    fc.assert(
      fc.property(acts, (script) => {
        const { stored } = play(script);
        if (stored === undefined || stored.state === "closed") return;
        expect(stored.stopped_at).toEqual(expect.any(Number));
        expect(stored.held_since).toBeLessThanOrEqual((stored.stopped_at ?? 0) - DAY_MS);
      }),
    );
  });
});
