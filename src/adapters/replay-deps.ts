import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { DAY_MS } from "../core/durations.ts";
import { present } from "../core/present.ts";
import { createErasures } from "../pipeline/erasures.ts";
import type { Clock, Log } from "../pipeline/ports.ts";
import type { ReplayDeps } from "../pipeline/replay.ts";
import type { ReplayRequestDeps } from "../pipeline/replay-request.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { configuredContactVaults } from "./contact-vaults.ts";
import { createDynamoDeliveryStore } from "./dynamo-delivery-store.ts";
import { createDynamoIdentityStore } from "./dynamo-identity-store.ts";
import { createDynamoReplayStore } from "./dynamo-replay-store.ts";
import { createDynamoTombstoneReader } from "./dynamo-tombstone-reader.ts";
import { laneQueueUrls } from "./queue-names.ts";
import { type Destinations, routingRules } from "./routing-rules.ts";
import { requireEnv } from "./runtime-config.ts";
import { createS3ArchiveReader } from "./s3-archive-reader.ts";
import { createSqsLaneQueues } from "./sqs-lane-queues.ts";

/** What a function has at hand when it starts. */
export interface ReplayContainer {
  readonly config: ResolvedConfig;
  readonly destinations: Destinations;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** What replays work with in AWS, from the function's environment; undefined where there is no archive. */
export function createReplayDeps(container: ReplayContainer): (ReplayDeps & ReplayRequestDeps) | undefined {
  const { client, clock, config, destinations, log } = container;
  if (config.archive === undefined) return undefined;
  const { deliveryDays, quarantineDays } = config.retention;
  const table = requireEnv("DELIVERY_TABLE");
  const store = createDynamoDeliveryStore({ client, table, deliveryDays, quarantineDays, now: clock.now });
  const aws = { maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER };
  const urlOf = laneQueueUrls(config.environment, requireEnv("EVENTS_QUEUE_URL"));
  return {
    rules: routingRules(config, destinations),
    retryWindowMs: config.delivery.retryWindowMs,
    receiptsMs: deliveryDays * DAY_MS,
    scopes: [
      ...new Set(config.sources.flatMap(({ dedupScope, identityScope = dedupScope }) => [dedupScope, identityScope])),
    ],
    sources: config.sources.map(({ id }) => id),
    archiveDays: config.archive.days,
    replays: createDynamoReplayStore({ client, table, days: deliveryDays }),
    archive: createS3ArchiveReader({
      client: new S3Client(aws),
      bucket: requireEnv("ARCHIVE_BUCKET"),
      bufferMs: config.archive.bufferSeconds * 1_000,
    }),
    store,
    stories: store,
    identities: createDynamoIdentityStore({ client, table: requireEnv("IDENTITY_TABLE"), now: clock.now }),
    erasures: createErasures(createDynamoTombstoneReader({ client, table, now: clock.now }), clock),
    lanes: createSqsLaneQueues({ client: new SQSClient(aws), urlOf, clock }),
    ...present({ contacts: configuredContactVaults(config, clock) }),
    clock,
    log,
  };
}
