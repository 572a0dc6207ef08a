import { replayCostUsd } from "../../src/core/replay-cost.ts";

const NOTHING = { events: 0, looked: 0, sent: 0, sentWithClaim: 0, objects: 0, lists: 0, bytes: 0 };
const MILLION = 1_000_000;

test("a million events to one destination cost about what they cost the first time there", () => {
  const cost = replayCostUsd({
    ...NOTHING,
    events: MILLION,
    looked: MILLION,
    sent: MILLION,
    objects: 9_000,
    lists: 30,
  });
  expect(cost).toBeGreaterThan(0.9);
  expect(cost).toBeLessThan(1.3);
});

test("looking costs a small part of sending, and a platform that counts copies one write more", () => {
  const looked = replayCostUsd({
    ...NOTHING,
    events: MILLION,
    looked: MILLION,
    objects: 9_000,
    lists: 30,
    bytes: 1e9,
  });
  expect(looked).toBeLessThan(0.15);
  const sent = { ...NOTHING, sent: MILLION };
  expect(replayCostUsd({ ...sent, sentWithClaim: MILLION }) - replayCostUsd(sent)).toBeCloseTo(0.625, 6);
});

test("costs of parts add up to the cost of the whole, so that a job may add them page by page", () => {
  const part = { events: 3, looked: 6, sent: 5, sentWithClaim: 2, objects: 1, lists: 0, bytes: 12_345 };
  const whole = { events: 6, looked: 12, sent: 10, sentWithClaim: 4, objects: 2, lists: 0, bytes: 24_690 };
  expect(2 * replayCostUsd(part)).toBeCloseTo(replayCostUsd(whole), 15);
  expect(replayCostUsd(NOTHING)).toBe(0);
});
