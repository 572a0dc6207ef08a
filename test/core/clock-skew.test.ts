import fc from "fast-check";
import { correctClock, parseTime } from "../../src/core/clock-skew.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;

test.each([-48, -1, 1, 48])("a device clock off by %i hours is corrected by what it said when it sent", (hours) => {
  const off = hours * HOUR;
  const time = correctClock({ eventTime: NOW - 60_000 + off, sentAt: NOW + off, receivedAt: NOW, deviceClock: true });
  expect(time).toEqual({ eventTime: NOW - 60_000, correctedByMs: -off });
});

test("an upload that took a while and a server's queue are not wrong clocks", () => {
  const slow = { eventTime: NOW - 90_000, sentAt: NOW - 60_000, receivedAt: NOW };
  expect(correctClock({ ...slow, deviceClock: true })).toEqual({ eventTime: NOW - 90_000 });
  const queued = { eventTime: NOW - HOUR, sentAt: NOW - HOUR, receivedAt: NOW };
  expect(correctClock({ ...queued, deviceClock: false })).toEqual({ eventTime: NOW - HOUR });
});

test("without a time it happened now; a little ahead is now; far ahead is a mistake; long ago stays", () => {
  const base = { receivedAt: NOW, deviceClock: false };
  expect(correctClock(base)).toEqual({ eventTime: NOW });
  expect(correctClock({ ...base, eventTime: NOW + 500 })).toEqual({ eventTime: NOW });
  expect(correctClock({ ...base, eventTime: NOW + HOUR })).toEqual({ eventTime: NOW, wasAhead: true });
  expect(correctClock({ ...base, eventTime: NOW + 8 * 24 * HOUR })).toEqual({ eventTime: NOW, impossible: true });
  expect(correctClock({ ...base, eventTime: NOW - 365 * 24 * HOUR })).toEqual({ eventTime: NOW - 365 * 24 * HOUR });
});

test("no time leaves that is after the receipt", () => {
  const reading = fc.option(fc.integer({ min: 0, max: NOW * 2 }), { nil: undefined });
  fc.assert(
    fc.property(reading, reading, fc.boolean(), (eventTime, sentAt, deviceClock) => {
      expect(correctClock({ eventTime, sentAt, receivedAt: NOW, deviceClock }).eventTime).toBeLessThanOrEqual(NOW);
    }),
  );
});

test.each([
  ["2026-11-20T12:00:00Z", NOW],
  ["2026-11-20T12:00:00", NOW],
  ["2026-11-20 12:00:00", NOW],
  ["2026-11-20T13:00:00+01:00", NOW],
  ["2026-11-20T13:00:00.000+0100", NOW],
  ["2026-11-20T12:00:00.123456Z", NOW + 123],
  ["2026-11-20", Date.UTC(2026, 10, 20)],
  [NOW, NOW],
  [NOW / 1000, NOW],
  [String(NOW), NOW],
  [String(NOW / 1000), NOW],
  [NOW / 1000 + 0.5, NOW + 500],
])("%p is a time", (input, ms) => {
  expect(parseTime(input)).toBe(ms);
});

test.each(["", "yesterday", "20.11.2026", "2026-13-01T00:00:00Z", "2026-11-20T25:00:00Z", 0, -1, Number.NaN, 1e300, 5])(
  "%p is no time",
  (input) => {
    expect(parseTime(input)).toBeUndefined();
  },
);

test("any text is answered, not thrown", () => {
  fc.assert(fc.property(fc.string(), (text) => expect(() => parseTime(text)).not.toThrow()));
});
