import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { DAY_MS, MINUTE_MS } from "../core/durations.ts";
import { metricNamespace } from "../core/metric-names.ts";
import { QUALITY_DETECTORS } from "../detectors/registry.ts";
import type { ArchiveReader } from "../pipeline/archive-ports.ts";
import { type ReconcileDeps, reconcile } from "../pipeline/reconcile.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { createCloudWatchCountsReader } from "./cloudwatch-counts-reader.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoFindingStore } from "./dynamo-finding-store.ts";
import { createDynamoLaneControls } from "./dynamo-lane-controls.ts";
import { createDynamoReceipts } from "./dynamo-receipts.ts";
import { createDynamoReconciliationStore } from "./dynamo-reconciliation-store.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { physicalQueueName, queueUrls } from "./queue-names.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createS3ArchiveReader } from "./s3-archive-reader.ts";
import { createSqsQueueDepths } from "./sqs-queue-depths.ts";
import { createSystemClock } from "./system-clock.ts";

/** No hour is begun later than this before the function is stopped, ms. */
const MARGIN_MS = 5 * MINUTE_MS;

/** The reconcile λ, started by the schedule; what it is given does not matter, the clock does. */
export type ReconcileHandler = (
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<{ hours: number; differences: number }>;

/** The handler that judges the hours that are due. Clients live as long as the container. */
export function createReconcileHandler(): ReconcileHandler {
  let container: ReconcileDeps | undefined;
  return async (_event, context) => {
    container ??= containerDeps();
    const deadline = container.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    try {
      const hours = await reconcile(deadline, container);
      return { hours: hours.length, differences: hours.reduce((sum, { differences }) => sum + differences.length, 0) };
    } finally {
      container.metrics.flush();
    }
  };
}

function containerDeps(): ReconcileDeps {
  const config = readRuntimeConfig();
  const { deliveryDays } = config.retention;
  const namespace = metricNamespace(config.environment);
  const clock = createSystemClock();
  const client = createDynamoClient();
  const table = requireEnv("DELIVERY_TABLE");
  const stored = { client, table, deliveryDays, now: () => clock.now() };
  const archive = archiveOf(config);
  return {
    counts: createCloudWatchCountsReader({ namespace, eventsQueue: physicalQueueName(config.environment, "events") }),
    depths: createSqsQueueDepths({
      client: new SQSClient({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER }),
      urlOf: queueUrls(config.environment, requireEnv("EVENTS_QUEUE_URL")),
    }),
    sources: config.sources.map(({ id }) => id),
    lanes: config.destinations.map(({ id }) => id),
    retryWindowMs: config.delivery.retryWindowMs,
    // A day less: what is deleted in the middle of a look would look lost.
    keptMs: (Math.min(deliveryDays, config.archive?.days ?? deliveryDays) - 1) * DAY_MS,
    ...(archive === undefined ? {} : { archive }),
    store: createDynamoReceipts(stored),
    controls: createDynamoLaneControls({ client, table }),
    results: createDynamoReconciliationStore(stored),
    findings: createDynamoFindingStore({ client, table, retentionDays: deliveryDays }),
    qualityDetectors: archive === undefined ? [] : QUALITY_DETECTORS,
    metrics: createEmfMetrics({ namespace, now: () => clock.now() }),
    log: createPowertoolsLog("reconcile", config.logs),
    clock,
  };
}

function archiveOf(config: ResolvedConfig): ArchiveReader | undefined {
  if (config.archive === undefined) return undefined;
  return createS3ArchiveReader({
    client: new S3Client({ maxAttempts: AWS_ATTEMPTS.other }),
    bucket: requireEnv("ARCHIVE_BUCKET"),
    bufferMs: config.archive.bufferSeconds * 1_000,
  });
}
