import type { InvokeResult, ScheduleModel } from "../src/model.ts";
import { Schedules } from "../src/schedule.ts";

/** A clock that only moves when told, firing what comes due on the way. */
function handClock() {
  let nowMs = 0;
  let timers: { atMs: number; callback: () => void }[] = [];
  const clock = {
    now: () => nowMs,
    after: (ms: number, callback: () => void) => {
      const timer = { atMs: nowMs + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const advanceTo = (untilMs: number): void => {
    for (;;) {
      const due = timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      timers = timers.filter((timer) => timer !== due);
      nowMs = Math.max(nowMs, due.atMs);
      due.callback();
    }
    nowMs = untilMs;
  };
  return { clock, advanceTo, pending: () => timers.length };
}

function model(changes: Partial<ScheduleModel> = {}): ScheduleModel {
  const name = changes.name ?? "detect";
  return {
    logicalId: `Logical${name}`,
    name,
    expression: "rate(5 minutes)",
    functionArn: "arn:f",
    input: `{"from":"${name}"}`,
    enabled: true,
    ...changes,
  };
}

function schedulesOf(models: readonly ScheduleModel[], result: InvokeResult = { ok: true, payload: null }) {
  const hand = handClock();
  const calls: unknown[] = [];
  const problems: string[] = [];
  const invoke = async (_arn: string, payload: unknown) => {
    calls.push(payload);
    return result;
  };
  const onProblem = (problem: string) => void problems.push(problem);
  const schedules = new Schedules({ models, invoker: { invoke }, onProblem, clock: hand.clock });
  return { schedules, calls, problems, ...hand };
}

test("a schedule fires at each of its times with its input, and no more after stop", async () => {
  const { schedules, calls, advanceTo, pending } = schedulesOf([model()]);
  schedules.start();
  advanceTo(299_999);
  expect(calls).toEqual([]);
  advanceTo(900_000);
  expect(calls).toEqual([{ from: "detect" }, { from: "detect" }, { from: "detect" }]);
  await schedules.stop();
  expect(pending()).toBe(0);
});

test("times farther away than a timer can count are waited for in steps", () => {
  const { schedules, calls, advanceTo } = schedulesOf([model({ expression: "rate(60 days)" })]);
  schedules.start();
  advanceTo(59 * 86_400_000);
  expect(calls).toHaveLength(0);
  advanceTo(60 * 86_400_000);
  expect(calls).toHaveLength(1);
});

test("runNow runs by name or logical id, also a disabled schedule, which never fires by itself", async () => {
  const { schedules, calls, advanceTo } = schedulesOf([model({ enabled: false })]);
  schedules.start();
  advanceTo(3_600_000);
  expect(calls).toHaveLength(0);
  expect(await schedules.runNow("detect")).toEqual({ ok: true, payload: null });
  await schedules.runNow("Logicaldetect");
  expect(calls).toHaveLength(2);
  await expect(schedules.runNow("other")).rejects.toThrow("there are: detect");
});

test("a failed run is told and the next one still comes", async () => {
  const failed: InvokeResult = { ok: false, error: "handler_error", message: "Error: x" };
  const { schedules, calls, problems, advanceTo } = schedulesOf([model()], failed);
  schedules.start();
  advanceTo(600_000);
  await schedules.stop();
  expect(calls).toHaveLength(2);
  expect(problems[0]).toBe("schedule detect: handler_error: Error: x");
});
