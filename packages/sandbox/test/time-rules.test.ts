import fc from "fast-check";
import { epochMicros, epochMillis, epochSeconds, isoTime, withinDays } from "../src/time-rules.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const WEEK = withinDays(7);
const UNITS = [
  ["seconds", epochSeconds(NOW, WEEK), NOW / 1000],
  ["milliseconds", epochMillis(NOW, WEEK), NOW],
  ["microseconds", epochMicros(NOW, WEEK), NOW * 1000],
] as const;

test.each(UNITS)("%s since 1970 within a week pass, and numbers in another unit are named", (unit, rule, value) => {
  const day = (value / NOW) * 86_400_000;
  expect([value, value - 7 * day, value + day / 288].map(rule)).toEqual([undefined, undefined, undefined]);
  expect(rule(value - 7 * day - 1)).toBe("is more than 168 hours ago");
  expect(rule(Math.ceil(value + day / 288) + 1)).toBe("is in the future");
  const others = UNITS.map(([, , time]) => time).filter((time) => time !== value);
  for (const other of [...others, 0, -value]) expect(rule(other)).toBe(`must be in ${unit}`);
  for (const other of [value + 0.5, String(value), null]) expect(rule(other)).toBe(`must be whole ${unit} since 1970`);
});

test.each([
  ["2026-11-23T11:59:58Z", undefined],
  ["2026-11-23T11:59:58.123Z", undefined],
  ["2026-11-23T12:59:58+01:00", undefined],
  ["2026-11-23T11:59:58", "must be an ISO 8601 time with Z or an offset"],
  ["2026-11-23", "must be an ISO 8601 time with Z or an offset"],
  ["Mon, 23 Nov 2026 11:59:58 GMT", "must be an ISO 8601 time with Z or an offset"],
  ["2026-02-30T11:59:58Z", "must be an ISO 8601 time with Z or an offset"],
  ["2026-11-23T25:00:00Z", "must be an ISO 8601 time with Z or an offset"],
  [NOW, "must be an ISO 8601 time with Z or an offset"],
  ["2026-11-01T00:00:00Z", "is more than 168 hours ago"],
  ["2026-11-23T12:06:00Z", "is in the future"],
])("%s as an ISO time", (value, problem) => {
  expect(isoTime(NOW, WEEK)(value)).toBe(problem);
});

test("what a date writes of itself passes", () => {
  const times = fc.integer({ min: NOW - 7 * 86_400_000, max: NOW });
  fc.assert(fc.property(times, (time) => expect(isoTime(NOW, WEEK)(new Date(time).toISOString())).toBeUndefined()));
});
