import { MINUTE_MS } from "../../src/core/durations.ts";
import { DEATHS, killTwice, quietDay, runWith } from "./quiet-day.ts";
import { subject } from "./subject.ts";

test(
  "G2: three events, three lanes, and a worker that dies at any one of its calls, whichever it is",
  async () => {
    const failed: string[] = [];
    const plan = quietDay(["a", "b", "c"], ["drops", "counts", "whole"]);
    const { accepted, points } = await runWith(plan, new Map(), { failed, subject });
    expect(accepted).toBe(3);
    expect(points.length).toBeGreaterThan(25);
    for (const point of points) {
      for (const death of DEATHS) await runWith(plan, new Map([[point, death]]), { failed, subject });
    }
    expect(failed).toEqual([]);
  },
  5 * MINUTE_MS,
);

// All pairs of the larger days take minutes: `npm run simulate -- --pairs` runs them.
test.each<[string, { ids: string[]; lanes: string[]; oneIn: number; least: number }]>([
  ["any two, one event, the platform that counts copies", { ids: ["a"], lanes: ["counts"], oneIn: 1, least: 300 }],
  ["three events, the platform that counts copies", { ids: ["a", "b", "c"], lanes: ["counts"], oneIn: 3, least: 500 }],
  ["three events, three lanes", { ids: ["a", "b", "c"], lanes: ["drops", "counts", "whole"], oneIn: 11, least: 400 }],
])(
  "G3: workers that die at two calls: %s",
  async (_, { ids, lanes, least, oneIn }) => {
    const day = quietDay(ids, lanes);
    const { failed, pairs } = await killTwice({ day, deaths: ["dies_before", "dies_after"], oneIn }, subject);
    expect(failed).toEqual([]);
    expect(pairs).toBeGreaterThan(least);
  },
  5 * MINUTE_MS,
);
