import fc from "fast-check";
import { parseSchedule } from "../src/schedule-expression.ts";

const next = (expression: string, after: string, start = after): string | undefined => {
  const at = parseSchedule(expression, Date.parse(start)).nextAfter(Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString();
};

test("rates count from the start", () => {
  const start = "2026-01-01T00:00:30.000Z";
  expect(next("rate(5 minutes)", start)).toBe("2026-01-01T00:05:30.000Z");
  expect(next("rate(1 hour)", "2026-01-01T02:00:30.000Z", start)).toBe("2026-01-01T03:00:30.000Z");
  expect(next("rate(1 day)", "2026-01-01T02:00:31.000Z", start)).toBe("2026-01-02T00:00:30.000Z");
});

// 2026-01-01 is a Thursday.
test.each([
  ["cron(0 12 * * ? *)", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00.000Z"],
  ["cron(0/15 * * * ? *)", "2026-01-01T10:59:59Z", "2026-01-01T11:00:00.000Z"],
  ["cron(5,50 8-10/2 ? * MON-FRI *)", "2026-01-02T10:50:00Z", "2026-01-05T08:05:00.000Z"],
  ["cron(0 0 L * ? *)", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00.000Z"],
  ["cron(0 0 LW * ? *)", "2026-02-01T00:00:00Z", "2026-02-27T00:00:00.000Z"],
  ["cron(0 0 1W * ? *)", "2026-08-01T00:00:00Z", "2026-08-03T00:00:00.000Z"],
  ["cron(0 0 15W * ? *)", "2026-02-01T00:00:00Z", "2026-02-16T00:00:00.000Z"],
  ["cron(0 0 ? * 6L *)", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00.000Z"],
  ["cron(0 0 ? * FRI#2 *)", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00.000Z"],
  ["cron(0 0 ? * L *)", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00.000Z"],
  ["cron(30 6 29 FEB ? *)", "2026-01-01T00:00:00Z", "2028-02-29T06:30:00.000Z"],
  ["cron(0 0 1 1 ? 2027-2028)", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00.000Z"],
  ["cron(0 0 1 1 ? 2026)", "2026-01-01T00:00:00Z", undefined],
])("%s after %s is %s", (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected);
});

test.each([
  "every 5 minutes",
  "rate(5 minute)",
  "rate(1 minutes)",
  "rate(0 minutes)",
  "rate(5 seconds)",
  "cron(0 12 * * *)",
  "cron(0 12 * * * *)",
  "cron(0 12 ? * ? *)",
  "cron(60 12 * * ? *)",
  "cron(0 24 * * ? *)",
  "cron(0 0 0 * ? *)",
  "cron(5-1 0 * * ? *)",
  "cron(0 0 ? * 8 *)",
  "cron(0/0 0 * * ? *)",
  "cron(x 0 * * ? *)",
])("%s is refused by name", (expression) => {
  expect(() => parseSchedule(expression, 0)).toThrow(expression);
});

test("the next time is later, on a whole minute, and nothing of the schedule lies between", () => {
  const minutes = fc.integer({ min: 0, max: 59 });
  const hours = fc.integer({ min: 0, max: 23 });
  const after = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(minutes, hours, after, (minute, hour, afterMs) => {
      const at = parseSchedule(`cron(${minute} ${hour} * * ? *)`, 0).nextAfter(afterMs) ?? Number.NaN;
      const date = new Date(at);
      expect([date.getUTCHours(), date.getUTCMinutes(), at % 60_000]).toEqual([hour, minute, 0]);
      expect(at).toBeGreaterThan(afterMs);
      expect(at - afterMs).toBeLessThanOrEqual(86_400_000);
    }),
  );
});
