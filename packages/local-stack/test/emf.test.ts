import * as fc from "fast-check";
import { extractEmf } from "../src/emf.ts";

const NOW = Date.parse("2026-03-01T10:00:00Z");

function line(
  change: (document: Record<string, unknown>, directive: Record<string, unknown>) => void = () => {},
): string {
  const directive = { Namespace: "Shop/live", Dimensions: [["lane"], []], Metrics: [{ Name: "sent", Unit: "Count" }] };
  const document = { _aws: { Timestamp: NOW, CloudWatchMetrics: [directive] }, lane: "meta", sent: [1, 2], extra: "x" };
  change(document, directive);
  return JSON.stringify(document);
}

test("every dimension set is a series of its own", () => {
  const base = { namespace: "Shop/live", metricName: "sent", values: [1, 2], atMs: NOW };
  expect(extractEmf(line(), NOW)).toEqual({
    kind: "points",
    points: [
      { ...base, dimensions: { lane: "meta" } },
      { ...base, dimensions: {} },
    ],
  });
});

test.each([
  ["plain text", "INFO hello"],
  ["JSON without the marker", '{"level":"INFO"}'],
  ["the format behind a prefix, where CloudWatch does not look for it", `2026-03-01T10:00:00Z INFO ${line()}`],
  ["the marker inside a string", '{"message":"see \\"_aws\\""}'],
])("no metrics: %s", (_about, text) => {
  expect(extractEmf(text, NOW)).toEqual({ kind: "none" });
});

test("a line that was cut off is a parsing error", () => {
  expect(extractEmf(line().slice(0, -5), NOW)).toMatchObject({ kind: "error", metricName: "EMFParsingErrors" });
});

test.each<[string, Parameters<typeof line>[0]]>([
  ["a metric that is a string", (document) => Object.assign(document, { sent: "1" })],
  ["a metric that is not there", (document) => delete document.sent],
  ["a dimension that is not there", (document) => delete document.lane],
  ["a dimension that is a number", (document) => Object.assign(document, { lane: 1 })],
  ["an empty dimension", (document) => Object.assign(document, { lane: "" })],
  ["over 100 values", (document) => Object.assign(document, { sent: Array.from({ length: 101 }, () => 1) })],
  ["a namespace with a space", (_document, directive) => Object.assign(directive, { Namespace: "My Shop" })],
  ["dimensions that are no lists", (_document, directive) => Object.assign(directive, { Dimensions: ["lane"] })],
  [
    "over 100 metrics",
    (_document, directive) =>
      Object.assign(directive, { Metrics: Array.from({ length: 101 }, () => ({ Name: "sent" })) }),
  ],
  ["a time in seconds", (document) => Object.assign(document._aws as object, { Timestamp: NOW / 1000 })],
])("a validation error: %s", (_about, change) => {
  expect(extractEmf(line(change), NOW)).toMatchObject({ kind: "error", metricName: "EMFValidationErrors" });
});

test("no line makes it throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `{"_aws":${json}}`),
      ),
      (text) => {
        expect(["none", "points", "error"]).toContain(extractEmf(text, NOW).kind);
      },
    ),
  );
});
