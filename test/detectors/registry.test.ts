import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import { METRICS } from "../../src/core/metric-names.ts";
import { DETECTORS, detectorIds, QUALITY_DETECTORS } from "../../src/detectors/registry.ts";

test("every detector's file is registered under the file's name in snake case", () => {
  const files = readdirSync(join(import.meta.dirname, "../../src/detectors"));
  const ids = files
    .filter((file) => file.endsWith(".ts") && file !== "registry.ts")
    .map((file) => file.replace(/\.ts$/, "").replaceAll("-", "_"));
  expect(detectorIds({ archive: {} }).toSorted()).toEqual(ids.toSorted());
});

test("what looks at match quality does not run where nothing keeps it", () => {
  expect(detectorIds({})).toEqual(DETECTORS.map(({ id }) => id));
});

test.each(QUALITY_DETECTORS.map((detector) => [detector.id, detector] as const))(
  "%s asks once for each hour that it needs, all of them past and of an age that accounts have by default",
  (_, detector) => {
    const end = Date.parse("2026-11-23T14:00:00Z");
    const hours = detector.hours(end);
    expect(new Set(hours).size).toBe(hours.length);
    expect(Math.max(...hours)).toBeLessThan(end - HOUR_MS);
    expect(Math.min(...hours)).toBeGreaterThan(end - 30 * DAY_MS);
    expect(hours.every((hour) => hour % HOUR_MS === 0)).toBe(true);
  },
);

test.each(DETECTORS.map((detector) => [detector.id, detector] as const))(
  "%s asks for series that exist, each under a subject of its own",
  (_, detector) => {
    const wanted = detector.series({ sources: ["a", "b"], keyEvents: ["purchase", "lead"], destinations: ["c", "d"] });
    expect(wanted.length).toBeGreaterThan(0);
    expect(new Set(wanted.map(({ subject }) => subject)).size).toBe(wanted.length);
    for (const { metric, dimensions } of wanted) {
      expect(Object.keys(dimensions)).toEqual([...METRICS[metric]]);
    }
  },
);
