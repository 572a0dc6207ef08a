import { isStopped, type LaneControl, standsSince } from "../../src/core/lane-control.ts";

const OPEN: LaneControl = {
  lane: "meta",
  state: "open",
  version: 9,
  since: 9_000,
  reason: "500",
  failed_probes: 4,
  stopped_at: 1_000,
};

test("a stopped lane stands so since it was stopped, however often it was probed", () => {
  expect(standsSince(OPEN)).toBe(1_000);
  expect(standsSince({ ...OPEN, state: "half_open" })).toBe(1_000);
});

test("a pause begins when a person pauses, also a lane that was stopped before; an end, when it ends", () => {
  expect(standsSince({ ...OPEN, state: "paused" })).toBe(9_000);
  const { stopped_at: _, ...closed } = OPEN;
  expect(standsSince({ ...closed, state: "closed" })).toBe(9_000);
});

test("only a closed lane flows, and one that nobody ever stopped", () => {
  expect(isStopped(undefined)).toBe(false);
  expect(isStopped({ ...OPEN, state: "closed" })).toBe(false);
  for (const state of ["open", "half_open", "paused"] as const) expect(isStopped({ ...OPEN, state })).toBe(true);
});
