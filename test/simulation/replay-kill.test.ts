import { MINUTE_MS } from "../../src/core/durations.ts";
import type { Fault } from "./fault-plan.ts";
import { quietDay } from "./quiet-day.ts";
import { simulate } from "./run.ts";
import { type Scenario, START } from "./scenarios.ts";
import { subject } from "./subject.ts";

const DEATHS = ["dies_before", "dies_after", "hangs"] as const satisfies Fault[];

/** Events that every platform refuses, and half an hour later a replay of them: whatever goes wrong is what a test forces. */
function refusedAndReplayed(ids: readonly string[], twins: boolean): Scenario {
  const day = quietDay(ids, ["drops", "counts"], { bad: true });
  const replay = { key: "replay", at: START + 30 * MINUTE_MS, do: "replay", pace: 1, twins } as const;
  return { ...day, operations: [...day.operations, replay] };
}

test.each([false, true])(
  "G17: a replay of two events at two lanes, and a worker that dies at any one of its calls (two workers: %s)",
  async (twins) => {
    const plan = refusedAndReplayed(["a", "b"], twins);
    const calm = await simulate({ seed: 1, subject, plan });
    expect(calm.violations).toEqual([]);
    const points = calm.points.filter((point) => point.startsWith("replay"));
    expect(points.length).toBeGreaterThan(15);
    const failed: string[] = [];
    for (const point of points) {
      for (const death of DEATHS) {
        const { violations } = await simulate({ seed: 1, subject, plan, forced: new Map([[point, death]]) });
        const [broken] = violations;
        if (broken !== undefined) failed.push(`${broken.rule}: ${broken.what}, after ${point} ${death}`);
      }
    }
    expect(failed).toEqual([]);
  },
  5 * MINUTE_MS,
);

test("and what was refused is tried again by it, once at each platform", async () => {
  const plan = refusedAndReplayed(["a", "b"], false);
  const {
    operations: [report],
  } = plan;
  if (report === undefined) throw new Error("nothing is reported");
  const once = await simulate({ seed: 1, subject, plan: { ...plan, operations: [report] } });
  const again = await simulate({ seed: 1, subject, plan });
  const writes = (points: readonly string[]) => points.filter((point) => point.includes("write rejected")).length;
  expect(writes(once.points)).toBe(4);
  expect(writes(again.points)).toBe(8);
});
