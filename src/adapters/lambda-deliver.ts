import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import type { Destination } from "../core/destination.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { metricNamespace } from "../core/metric-names.ts";
import { DEFAULT_RETRY_POLICY } from "../core/retry.ts";
import type { AccessTokenPorts, AccessTokens } from "../pipeline/access-token.ts";
import { deliver } from "../pipeline/deliver.ts";
import { createErasures } from "../pipeline/erasures.ts";
import type { DeliverDeps, ReceivedMessage } from "../pipeline/lane.ts";
import { createLaneBreaker } from "../pipeline/lane-breaker.ts";
import { createSecrets } from "./aws-secrets.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoCopies } from "./dynamo-copies.ts";
import { createDynamoLaneControls } from "./dynamo-lane-controls.ts";
import { createDynamoPersons } from "./dynamo-persons.ts";
import { createDynamoReceipts } from "./dynamo-receipts.ts";
import { createDynamoTombstoneReader } from "./dynamo-tombstone-reader.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createHttpSender } from "./http-sender.ts";
import { createLaneLog } from "./lane-log.ts";
import { laneSettings } from "./lane-settings.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createSqsOwnLane } from "./sqs-own-lane.ts";
import { createSystemClock } from "./system-clock.ts";
import { createSystemRandom } from "./system-random.ts";

const SECRET_TTL_MS = 5 * MINUTE_MS;

/** A deliver λ: a batch of a lane's queue in, the messages that must come back out. */
export type DeliverHandler = (
  event: SQSEvent,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<SQSBatchResponse>;

/** What only some destinations need, given by their entry file so that no other bundle holds it. */
export interface DeliverParts {
  /** For a destination with a `tokenRequest`. */
  readonly createAccessTokens?: (ports: AccessTokenPorts) => AccessTokens;
}

/**
 * The handler of one lane's λ. Which lane it is, and where its queue, DLQ and table are, comes from the environment;
 * everything else from the configuration beside the bundle. Clients live as long as the container. Throws when the
 * destination needs a part that is not given.
 */
export function createDeliverHandler<Settings>(
  destination: Destination<Settings>,
  parts: DeliverParts = {},
): DeliverHandler {
  if (destination.tokenRequest !== undefined && parts.createAccessTokens === undefined) {
    throw new Error(`${destination.id} has access tokens fetched: its entry must give createAccessTokens`);
  }
  let container: Omit<DeliverDeps, "remainingMs"> | undefined;
  return async (event, context) => {
    container ??= containerDeps(requireEnv("LANE_ID"), readRuntimeConfig(), parts);
    const deps = { ...container, remainingMs: () => context.getRemainingTimeInMillis() };
    try {
      // The settings were parsed by this very declaration at synth: the pipeline hands them back to it unread.
      const { failures } = await deliver(event.Records.map(received), destination as Destination, deps);
      return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
    } finally {
      deps.metrics.flush();
    }
  };
}

function logLevel(): { level?: string } {
  const { POWERTOOLS_LOG_LEVEL: level } = process.env;
  return level === undefined ? {} : { level };
}

function containerDeps(
  laneId: string,
  config: ResolvedConfig,
  { createAccessTokens }: DeliverParts,
): Omit<DeliverDeps, "remainingMs"> {
  const clock = createSystemClock();
  const now = () => clock.now();
  const log = createLaneLog(`deliver-${laneId}`, { ...config.logs, ...logLevel() });
  const http = createHttpSender();
  const random = createSystemRandom(now);
  const lane = laneSettings(laneId, config);
  const table = { client: createDynamoClient(), table: requireEnv("DELIVERY_TABLE"), sleep: clock.sleep };
  const kept = { ...table, deliveryDays: config.retention.deliveryDays, now };
  return {
    lane,
    store: { ...createDynamoReceipts(kept), ...createDynamoCopies(kept) },
    identities: createDynamoPersons({ ...table, table: requireEnv("IDENTITY_TABLE"), now }),
    erasures: createErasures(createDynamoTombstoneReader({ ...table, now }), clock),
    breaker: createLaneBreaker({ lane, store: createDynamoLaneControls(table), clock, random, log }),
    queue: createSqsOwnLane({
      queueUrl: requireEnv("LANE_QUEUE_URL"),
      deadLetterUrl: requireEnv("LANE_DLQ_URL"),
      log,
    }),
    retryPolicy: {
      ...DEFAULT_RETRY_POLICY,
      baseMs: config.delivery.firstRetryMs,
      capMs: config.delivery.longestRetryMs,
    },
    http,
    credentials: createSecrets({ ttlMs: SECRET_TTL_MS, now }),
    accessTokens: createAccessTokens?.({ lane: laneId, http, clock, log }),
    clock,
    random,
    metrics: createEmfMetrics({ namespace: metricNamespace(config.environment), now }),
    log,
  };
}

function received(record: SQSRecord): ReceivedMessage {
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    body: record.body,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    sentAt: Number(record.attributes.SentTimestamp),
    firstReceivedAt: Number(record.attributes.ApproximateFirstReceiveTimestamp),
  };
}
