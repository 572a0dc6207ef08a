import { HOUR_MS } from "../../src/core/durations.ts";
import { simulate } from "./run.ts";
import { planScenario, type Scenario } from "./scenarios.ts";
import { subject } from "./subject.ts";

const SEEDS = 40;

/** What happened at these lanes and when, to the ms. */
async function storyOf(seed: number, plan: Scenario, lanes: readonly string[]): Promise<string[]> {
  const { trace, violations } = await simulate({ seed, plan, subject, traced: true });
  expect(violations).toEqual([]);
  return trace.filter((line) =>
    lanes.some((lane) => line.endsWith(` at ${lane}`) || line.includes(` lane-${lane} batch`)),
  );
}

test(
  "G8: a platform that is down, throttles and times out moves nothing of the other lanes by a millisecond",
  async () => {
    let disturbed = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const calm = planScenario(seed, "calm");
      // A replay is one walk for all lanes: what one of them misses makes it longer for the others.
      const operations = calm.operations.filter((operation) => operation.do !== "replay");
      const quiet = { ...calm, operations, faultsEndAt: calm.faultsEndAt + HOUR_MS };
      const [first, ...rest] = quiet.platforms;
      if (first === undefined) throw new Error("no platform");
      const trouble = {
        outages: [[0, calm.faultsEndAt] as const],
        calls: { refused: 0.2, lost: 0.3, slow: 0.3 },
        throttled: 0.5,
      };
      const troubled = { ...quiet, platforms: [{ ...first, ...trouble }, ...rest] };
      const others = rest.map(({ lane }) => lane);
      expect(await storyOf(seed, troubled, others)).toEqual(await storyOf(seed, quiet, others));
      const own = [await storyOf(seed, quiet, [first.lane]), await storyOf(seed, troubled, [first.lane])];
      if (JSON.stringify(own[0]) !== JSON.stringify(own[1])) disturbed += 1;
    }
    // Runs in which nothing went to the troubled platform show nothing.
    expect(disturbed).toBeGreaterThan(SEEDS / 2);
  },
  5 * 60_000,
);
