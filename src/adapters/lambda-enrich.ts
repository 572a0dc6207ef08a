import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { DAY_MS, SECOND_MS } from "../core/durations.ts";
import { metricNamespace } from "../core/metric-names.ts";
import { present } from "../core/present.ts";
import { type EnrichPorts, type EnrichSettings, enrichBatch } from "../pipeline/enrich.ts";
import { createErasures } from "../pipeline/erasures.ts";
import { giveBackSoon } from "../pipeline/give-back.ts";
import type { OwnLaneQueue } from "../pipeline/ports.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { configuredContactVaults } from "./contact-vaults.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoDeliveryStore } from "./dynamo-delivery-store.ts";
import { createDynamoIdentityStore } from "./dynamo-identity-store.ts";
import { createDynamoOrderPersons } from "./dynamo-order-persons.ts";
import { createDynamoTombstoneReader } from "./dynamo-tombstone-reader.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createFirehoseArchive } from "./firehose-archive.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { laneQueueUrls } from "./queue-names.ts";
import { type Destinations, routingRules } from "./routing-rules.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createSqsLaneQueues } from "./sqs-lane-queues.ts";
import { createSqsPostpone } from "./sqs-postpone.ts";
import { createSystemClock } from "./system-clock.ts";

/** What one question to a queue that does not answer takes. Stopped in it, a batch would lose what it had done, too. */
const GIVE_BACK_MS = AWS_REQUEST_HANDLER.connectionTimeout + AWS_REQUEST_HANDLER.requestTimeout + SECOND_MS;

/** What the handler works with; made once per container. */
export interface EnrichDependencies {
  readonly settings: EnrichSettings;
  readonly ports: EnrichPorts;
  /** The events queue. */
  readonly queue: Pick<OwnLaneQueue, "postpone">;
}

/** The enrich function: a batch of `events.fifo` in, the ids of the messages to give back out. */
export function createEnrichHandler(
  deps: EnrichDependencies,
): (event: SQSEvent, context: Pick<Context, "getRemainingTimeInMillis">) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    try {
      const records = event.Records.map(({ messageId, receiptHandle, body, attributes }) => ({
        messageId,
        receiptHandle,
        body,
        receiveCount: Number(attributes.ApproximateReceiveCount),
        // Always there on a FIFO queue; if it were not, a message of its own group blocks nobody.
        groupId: attributes.MessageGroupId ?? messageId,
      }));
      const failed = await enrichBatch(records, deps.settings, deps.ports);
      if (context.getRemainingTimeInMillis() > GIVE_BACK_MS) await giveBackSoon(records, failed, deps.queue);
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } finally {
      deps.ports.metrics.flush();
    }
  };
}

/** What enrich needs of the configuration. Throws for a lane whose destination type this build does not have. */
export function enrichSettings(config: ResolvedConfig, destinations: Destinations): EnrichSettings {
  return {
    ...routingRules(config, destinations),
    keyEvents: config.keyEvents,
    ...(config.merge === undefined ? {} : { merge: config.merge }),
    identityRetentionMs: config.retention.identityDays * DAY_MS,
  };
}

/** What a function in AWS works with, from its environment and the configuration beside its bundle. */
export function createEnrichDependencies(destinations: Destinations): EnrichDependencies {
  const config = readRuntimeConfig();
  const clock = createSystemClock();
  const client = createDynamoClient();
  const { deliveryDays, quarantineDays } = config.retention;
  const aws = { maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER };
  const log = createPowertoolsLog("enrich", config.logs);
  const queueUrl = requireEnv("EVENTS_QUEUE_URL");
  return {
    // One try: without it the records come back later, and there is no time to lose for those that were done.
    queue: { postpone: createSqsPostpone({ client: new SQSClient({ ...aws, maxAttempts: 1 }), queueUrl, log }) },
    settings: enrichSettings(config, destinations),
    ports: {
      store: createDynamoDeliveryStore({
        client,
        table: requireEnv("DELIVERY_TABLE"),
        deliveryDays,
        quarantineDays,
        now: clock.now,
      }),
      identities: createDynamoIdentityStore({ client, table: requireEnv("IDENTITY_TABLE"), now: clock.now }),
      orders: createDynamoOrderPersons({ client, table: requireEnv("DELIVERY_TABLE"), now: clock.now }),
      ...present({ contacts: configuredContactVaults(config, clock) }),
      erasures: createErasures(
        createDynamoTombstoneReader({ client, table: requireEnv("DELIVERY_TABLE"), now: clock.now }),
        clock,
      ),
      lanes: createSqsLaneQueues({
        client: new SQSClient(aws),
        urlOf: laneQueueUrls(config.environment, queueUrl),
        clock,
      }),
      ...(config.archive === undefined
        ? {}
        : {
            archive: createFirehoseArchive({
              client: new FirehoseClient(aws),
              stream: requireEnv("ARCHIVE_STREAM"),
              clock,
            }),
          }),
      metrics: createEmfMetrics({ namespace: metricNamespace(config.environment), now: clock.now }),
      log,
      clock,
    },
  };
}
