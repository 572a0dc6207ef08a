import { metricNamespace } from "../core/metric-names.ts";
import { DETECTORS } from "../detectors/registry.ts";
import { type DetectDeps, detect } from "../pipeline/detect.ts";
import { createCloudWatchMetricsReader } from "./cloudwatch-metrics-reader.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoFindingStore } from "./dynamo-finding-store.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";

/** The detect λ, started by the schedule; what it is given does not matter, the clock does. */
export type DetectHandler = () => Promise<{ findings: number }>;

/** The handler that judges the last complete hour. Clients live as long as the container. */
export function createDetectHandler(): DetectHandler {
  const now = () => Date.now();
  let container: DetectDeps | undefined;
  return async () => {
    container ??= containerDeps(now);
    try {
      const findings = await detect(now(), container);
      return { findings: findings.length };
    } finally {
      container.metrics.flush();
    }
  };
}

function containerDeps(now: () => number): DetectDeps {
  const config = readRuntimeConfig();
  const namespace = metricNamespace(config.environment);
  return {
    detectors: DETECTORS,
    monitored: {
      sources: config.sources.map(({ id }) => id),
      keyEvents: config.keyEvents,
      destinations: config.destinations.map(({ id }) => id),
    },
    reader: createCloudWatchMetricsReader({ namespace }),
    store: createDynamoFindingStore({
      client: createDynamoClient(),
      table: requireEnv("DELIVERY_TABLE"),
      retentionDays: config.retention.deliveryDays,
    }),
    metrics: createEmfMetrics({ namespace, now }),
    log: createPowertoolsLog("detect", config.logs),
  };
}
