import { readdirSync } from "node:fs";
import { join } from "node:path";
import { METRICS } from "../../src/core/metric-names.ts";
import { DETECTORS } from "../../src/detectors/registry.ts";

test("every detector's file is registered under the file's name in snake case", () => {
  const files = readdirSync(join(import.meta.dirname, "../../src/detectors"));
  const ids = files
    .filter((file) => file !== "registry.ts")
    .map((file) => file.replace(/\.ts$/, "").replaceAll("-", "_"));
  expect(DETECTORS.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

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
