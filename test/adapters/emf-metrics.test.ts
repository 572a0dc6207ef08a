import { createEmfMetrics } from "../../src/adapters/emf-metrics.ts";

const NOW = Date.UTC(2026, 8, 1);

function recorded() {
  const lines: string[] = [];
  const metrics = createEmfMetrics({ namespace: "TrackLayer/test", now: () => NOW, write: (line) => lines.push(line) });
  return { metrics, documents: () => lines.map((line) => JSON.parse(line)) };
}

test("one document per set of dimension values, with the metrics that share it", () => {
  const { metrics, documents } = recorded();
  metrics.add("Deliveries", 1, { destination: "meta", outcome: "delivered" });
  metrics.add("DeliveryAttempts", 1, { destination: "meta" });
  metrics.add("DeliveryLatency", 120, { destination: "meta" });
  metrics.flush();
  expect(documents()).toEqual([
    {
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [
          {
            Namespace: "TrackLayer/test",
            Dimensions: [["destination", "outcome"]],
            Metrics: [{ Name: "Deliveries", Unit: "Count" }],
          },
        ],
      },
      destination: "meta",
      outcome: "delivered",
      Deliveries: 1,
    },
    {
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [
          {
            Namespace: "TrackLayer/test",
            Dimensions: [["destination"]],
            Metrics: [
              { Name: "DeliveryAttempts", Unit: "Count" },
              { Name: "DeliveryLatency", Unit: "Milliseconds" },
            ],
          },
        ],
      },
      destination: "meta",
      DeliveryAttempts: 1,
      DeliveryLatency: 120,
    },
  ]);
});

test("counters are added up, distributions keep every value, at most 100 to an array", () => {
  const { metrics, documents } = recorded();
  for (let value = 0; value < 250; value += 1) {
    metrics.add("EventsClaimed", 1);
    metrics.add("MatchQuality", value, { destination: "meta" });
  }
  metrics.flush();
  const [claimed, ...quality] = documents();
  expect(claimed.EventsClaimed).toBe(250);
  expect(claimed._aws.CloudWatchMetrics[0].Dimensions).toEqual([[]]);
  expect(quality.map(({ MatchQuality }) => MatchQuality.length)).toEqual([100, 100, 50]);
  expect(quality.flatMap(({ MatchQuality }) => MatchQuality)).toEqual(Array.from({ length: 250 }, (_, value) => value));
});

test("a flush forgets what it wrote, and an empty one writes nothing", () => {
  const { metrics, documents } = recorded();
  metrics.add("Heartbeat", 1);
  metrics.flush();
  metrics.flush();
  expect(documents()).toHaveLength(1);
});

test("a value that JSON cannot hold does not cost the other values their document", () => {
  const { metrics, documents } = recorded();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 5])
    metrics.add("DeliveryLatency", value, { destination: "a" });
  metrics.flush();
  expect(documents()).toEqual([expect.objectContaining({ DeliveryLatency: 5 })]);
});

test.each([
  [undefined],
  [{ destination: "meta" }],
  [{ destination: "meta", outcome: "" }],
  [{ destination: "meta", outcome: "delivered", event_name: "purchase" }],
  [{ destination: "meta", event_name: "purchase" }],
])("dimensions %j are not those of Deliveries: a new billed series by mistake", (dimensions) => {
  const { metrics } = recorded();
  expect(() => metrics.add("Deliveries", 1, dimensions)).toThrow(
    "metric Deliveries has dimensions [destination, outcome]",
  );
});
