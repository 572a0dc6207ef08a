import fc from "fast-check";
import { HOUR_MS } from "../../src/core/durations.ts";
import { backoffCeilingMs, DEFAULT_RETRY_POLICY, deliveryDeadline, nextAttempt } from "../../src/core/retry.ts";

const NOW = Date.UTC(2026, 8, 1);
const { baseMs, capMs, deadlineMarginMs, longestWaitMs } = DEFAULT_RETRY_POLICY;

const attempts = fc.integer({ min: 1, max: 2_000 });
const fraction = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const farDeadline = { at: NOW + 1_000 * HOUR_MS, limit: "window" as const, reason: "late" };

test("the ceiling of the backoff never falls from one attempt to the next, and never exceeds the cap", () => {
  fc.assert(
    fc.property(attempts, (attempt) => {
      const ceiling = backoffCeilingMs(attempt);
      expect(ceiling).toBeGreaterThanOrEqual(backoffCeilingMs(Math.max(1, attempt - 1)));
      expect(ceiling).toBeGreaterThanOrEqual(baseMs);
      expect(ceiling).toBeLessThanOrEqual(capMs);
    }),
  );
  expect([1, 2, 3, 4, 100].map((attempt) => backoffCeilingMs(attempt))).toEqual([
    10_000,
    20_000,
    40_000,
    80_000,
    capMs,
  ]);
});

test("without a wish of the platform, the wait is jittered over the whole ceiling", () => {
  const wait = (at: number) => nextAttempt({ attempts: 4, now: NOW, deadline: farDeadline, fraction: at });
  expect(wait(0)).toEqual({ kind: "retry", delaySeconds: 1 });
  expect(wait(0.5)).toEqual({ kind: "retry", delaySeconds: 40 });
  expect(wait(0.999)).toEqual({ kind: "retry", delaySeconds: 80 });
});

test("G14: a wait is a whole number of seconds that SQS takes, never before Retry-After and never past the deadline", () => {
  const afterMs = fc.option(fc.double({ min: -1e6, max: 1e12, noNaN: false }), { nil: undefined });
  fc.assert(
    fc.property(attempts, fraction, afterMs, fc.integer({ min: -HOUR_MS, max: 72 * HOUR_MS }), (n, f, after, left) => {
      const deadline = { at: NOW + left, limit: "window" as const, reason: "late" };
      const next = nextAttempt({
        attempts: n,
        now: NOW,
        deadline,
        fraction: f,
        ...(after === undefined ? {} : { afterMs: after }),
      });
      const floorMs = Number.isNaN(after ?? 0) ? 0 : Math.min(Math.max(0, after ?? 0), longestWaitMs);
      if (next.kind === "expired") {
        // Given up only when the platform's wish or the last second itself lies past the deadline.
        expect(Math.max(floorMs, 1_000) + deadlineMarginMs).toBeGreaterThan(left - 1_000);
        return;
      }
      expect(Number.isInteger(next.delaySeconds)).toBe(true);
      expect(next.delaySeconds).toBeGreaterThanOrEqual(1);
      expect(next.delaySeconds).toBeLessThan(12 * 3_600);
      expect(next.delaySeconds * 1_000).toBeGreaterThanOrEqual(floorMs);
      expect(NOW + next.delaySeconds * 1_000).toBeLessThanOrEqual(deadline.at - deadlineMarginMs);
    }),
  );
});

test("a wait that would cross the deadline is cut to one last attempt before it", () => {
  const deadline = { at: NOW + 10 * 60_000, limit: "window" as const, reason: "late" };
  const next = nextAttempt({ attempts: 50, now: NOW, deadline, fraction: 0.9 });
  expect(next).toEqual({ kind: "retry", delaySeconds: 9 * 60 });
});

test("a platform that asks to wait past the deadline ends the trying at once", () => {
  const deadline = {
    at: NOW + HOUR_MS,
    limit: "window" as const,
    reason: "older than the 7 days that the platform takes",
  };
  const next = nextAttempt({ attempts: 1, now: NOW, deadline, fraction: 0, afterMs: 2 * HOUR_MS });
  expect(next).toEqual({ kind: "expired", reason: "older than the 7 days that the platform takes" });
});

test("a deadline is the earlier of the retry window and the platform's age limit, and says which", () => {
  const limits = { since: NOW, retryWindowMs: 24 * HOUR_MS, eventTime: NOW - HOUR_MS };
  expect(deliveryDeadline({ ...limits, maxAgeMs: 168 * HOUR_MS })).toEqual({
    at: NOW + 24 * HOUR_MS,
    limit: "window",
    reason: "not delivered within 24 h",
  });
  expect(deliveryDeadline({ ...limits, maxAgeMs: 2 * HOUR_MS })).toEqual({
    at: NOW + HOUR_MS - deadlineMarginMs,
    limit: "age",
    reason: "older than the 2 h that the platform takes",
  });
  expect(deliveryDeadline({ ...limits, maxAgeMs: Number.POSITIVE_INFINITY }).at).toBe(NOW + 24 * HOUR_MS);
});
