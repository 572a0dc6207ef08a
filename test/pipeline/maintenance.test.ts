import { maintain } from "../../src/pipeline/maintenance.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

test("a task that fails costs no other its turn, and the run counts as failed", async () => {
  const ran: string[] = [];
  const task = (name: string, fails = false) => ({
    name,
    async run(deadline: number) {
      ran.push(`${name} until ${deadline}`);
      if (fails) throw new TypeError("someone@example.com");
    },
  });
  const log = recordingLog();
  const deps = { clock: fixedClock(0), metrics: recordingMetrics(), log };
  const run = maintain(50, { ...deps, tasks: [task("a"), task("b", true), task("c")] });
  await expect(run).rejects.toThrow("1 of 3 tasks failed");
  expect(ran).toEqual(["a until 50", "b until 50", "c until 50"]);
  expect(log.lines.join()).toContain('"task":"b"');
  expect(log.lines.join()).not.toContain("example.com");
});

test("of tasks that may take all the time another one is first in each minute", async () => {
  const ran: string[] = [];
  const clock = fixedClock(0);
  const task = (name: string) => ({
    name,
    async run(deadline: number) {
      if (clock.now() >= deadline) return;
      ran.push(name);
      clock.set(deadline);
    },
  });
  const deps = { clock, metrics: recordingMetrics(), log: recordingLog(), tasks: [], inTurn: [task("a"), task("b")] };
  for (const minute of [0, 1, 2, 3]) {
    clock.set(minute * 60_000 + 7);
    await maintain(minute * 60_000 + 50_000, deps);
  }
  expect(ran).toEqual(["a", "b", "a", "b"]);
});
