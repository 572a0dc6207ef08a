import { METRICS } from "../../src/core/metric-names.ts";
import { resourcesOf, synthTemplate } from "../support/synth-stack.ts";

type Widget = { type: string; properties: { markdown?: string; title?: string; metrics?: unknown[][] } };

/** The widgets; references inside of the body's JSON stand as their logical id. */
function widgets(): Widget[] {
  const dashboards = Object.values(resourcesOf(synthTemplate())).filter(
    ({ Type }) => Type === "AWS::CloudWatch::Dashboard",
  );
  const body = dashboards[0]?.Properties.DashboardBody as { "Fn::Join": [string, unknown[]] };
  const text = body["Fn::Join"][1].map((part) => (typeof part === "string" ? part : "reference")).join("");
  return JSON.parse(text).widgets;
}

test("has a row for each part of the pipeline and each destination", () => {
  expect(widgets().flatMap(({ properties }) => properties.markdown ?? [])).toEqual([
    "## Ingest",
    "## Pipeline",
    "## Destination: meta",
    "## Destination: ga4",
    "## Destination: webhook",
    "## Match quality",
    "## Duplicates and anomalies",
  ]);
});

test("shows no more than the 50 metrics that a free dashboard may have, and names only metrics that exist", () => {
  const metrics = widgets().flatMap(({ properties }) => properties.metrics ?? []);
  expect(metrics.length).toBeGreaterThan(30);
  expect(metrics.length).toBeLessThanOrEqual(50);
  const ours = metrics.filter(([namespace]) => namespace === "TrackLayer/development");
  expect(ours.length).toBeGreaterThan(20);
  for (const [, name] of ours) expect(Object.keys(METRICS)).toContain(name);
});

test("every graph shows something and rows fill the width", () => {
  for (const { type, properties } of widgets()) {
    if (type === "metric") expect(properties.metrics?.length).toBeGreaterThan(0);
  }
});
