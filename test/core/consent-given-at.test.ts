import fc from "fast-check";
import { givenAt } from "../../src/core/consent-given-at.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";

const DAY = Date.UTC(2026, 10, 2);
const value = fc.constantFrom("granted" as const, "denied" as const);
const time = fc.integer({ min: DAY - 400 * DAY_MS, max: DAY + 400 * DAY_MS });
/** Most consent managers write the day alone, some the moment, some nothing. */
const date = fc.oneof(
  time,
  time.map((at) => at - (at % DAY_MS)),
  fc.constant(0),
);

test("a string with a moment answers from then on", () => {
  expect(givenAt("granted", DAY + 5, DAY + HOUR_MS)).toBe(DAY + 5);
  expect(givenAt("denied", DAY + 5, DAY + HOUR_MS)).toBe(DAY + 5);
});

test("on its own day a string of a day is as new as its event: who refused first and then accepted has accepted", () => {
  const [refused, accepted] = [DAY + HOUR_MS, DAY + HOUR_MS + 30_000];
  expect(givenAt("denied", DAY, refused)).toBe(refused);
  expect(givenAt("granted", DAY, accepted)).toBe(accepted);
});

test("after its day a grant counts from the day's beginning and a refusal from its end", () => {
  expect(givenAt("granted", DAY, DAY + DAY_MS)).toBe(DAY);
  expect(givenAt("denied", DAY, DAY + DAY_MS)).toBe(DAY + DAY_MS - 1);
});

test("a string without a date grants before all else and refuses now", () => {
  expect(givenAt("granted", 0, DAY)).toBe(0);
  expect(givenAt("denied", 0, DAY)).toBe(DAY);
});

test("no clock of a consent manager makes an answer newer than the event that carries it", () => {
  fc.assert(
    fc.property(value, date, time, (said, updatedAt, eventTime) => {
      expect(givenAt(said, updatedAt, eventTime)).toBeLessThanOrEqual(eventTime);
    }),
  );
});

test("the same string in a later event is never older, and a grant of it never newer than a refusal of it", () => {
  fc.assert(
    fc.property(date, time, fc.nat({ max: 5 * DAY_MS }), (updatedAt, eventTime, later) => {
      const refused = givenAt("denied", updatedAt, eventTime);
      expect(givenAt("denied", updatedAt, eventTime + later)).toBeGreaterThanOrEqual(refused);
      expect(givenAt("granted", updatedAt, eventTime)).toBeLessThanOrEqual(refused);
    }),
  );
});

test("kept for longer than its day, it takes back no refusal of that day or after", () => {
  fc.assert(
    fc.property(time, fc.nat({ max: 300 * DAY_MS }), (written, kept) => {
      const updatedAt = written - (written % DAY_MS);
      const eventTime = updatedAt + DAY_MS + kept;
      for (const refusedAt of [updatedAt + 1, updatedAt + HOUR_MS, eventTime - 1]) {
        expect(givenAt("granted", updatedAt, eventTime)).toBeLessThan(refusedAt);
      }
    }),
  );
});
