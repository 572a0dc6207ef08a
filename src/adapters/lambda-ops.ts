import { randomBytes } from "node:crypto";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { type Destination, needsSecret } from "../core/destination.ts";
import { metricNamespace } from "../core/metric-names.ts";
import { present } from "../core/present.ts";
import type { PlatformDeletion } from "../ops/contract/privacy.ts";
import { deadLetterQueuesOf } from "../ops/dead-letters.ts";
import type { DeclaredLane } from "../ops/destination-health.ts";
import { createFailedAttempts } from "../ops/failed-attempts.ts";
import { rememberFigures } from "../ops/figure-cache.ts";
import type { Deployment } from "../ops/health.ts";
import type { OpsRequest } from "../ops/ops-request.ts";
import { answerOps, type RouterDeps, randomId } from "../ops/router.ts";
import { OPS_ROUTES, type OpsPorts } from "../ops/routes.ts";
import { createCloudWatchFigures } from "./cloudwatch-figures.ts";
import { createCloudWatchLogReader } from "./cloudwatch-log-reader.ts";
import { createDynamoAuditLog } from "./dynamo-audit-log.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoEventLookups } from "./dynamo-event-lookups.ts";
import { createDynamoIdentityStore } from "./dynamo-identity-store.ts";
import { createDynamoLaneControls } from "./dynamo-lane-controls.ts";
import { createDynamoOpsKeys } from "./dynamo-ops-keys.ts";
import { createDynamoPrivacyJobs } from "./dynamo-privacy-jobs.ts";
import { createDynamoReadBacks } from "./dynamo-read-backs.ts";
import { createDynamoReconciliationStore } from "./dynamo-reconciliation-store.ts";
import { createDynamoReplayStore } from "./dynamo-replay-store.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createEraseFirstDeps } from "./erase-deps.ts";
import { createEventSourceIntakes, readMappings } from "./event-source-intakes.ts";
import { createArchiveExports } from "./export-deps.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { createReplayDeps } from "./replay-deps.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createIngestSqsClient, createSqsEventQueue } from "./sqs-event-queue.ts";
import { createSqsOpsQueues } from "./sqs-ops-queues.ts";
import { createSystemClock } from "./system-clock.ts";
import { createSystemRandom } from "./system-random.ts";

/** The ops function: an HTTP API request (payload 2.0) in, its answer out. */
export function createOpsHandler(
  deps: RouterDeps<OpsPorts>,
): (
  event: APIGatewayProxyEventV2,
  context: Pick<Context, "awsRequestId">,
) => Promise<APIGatewayProxyStructuredResultV2> {
  return async (event, context) => {
    const { status, headers, body } = await answerOps(toRequest(event, context.awsRequestId), deps);
    return { statusCode: status, headers: { ...headers }, body };
  };
}

function toRequest(event: APIGatewayProxyEventV2, requestId: string): OpsRequest {
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    rawQuery: event.rawQueryString,
    headers: event.headers,
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
    ip: event.requestContext.http.sourceIp,
    requestId: event.requestContext.requestId || requestId,
  };
}

/** Declarations by type: at least those that the configuration names. */
type Destinations = Readonly<Record<string, Destination>>;

/** What a function in AWS works with, from its environment and the configuration beside its bundle. */
export function createOpsDependencies(destinations: Destinations): RouterDeps<OpsPorts> {
  const config = readRuntimeConfig();
  const clock = createSystemClock();
  const client = createDynamoClient();
  const table = requireEnv("DELIVERY_TABLE");
  const { environment } = config;
  const random = createSystemRandom(clock.now);
  const keys = createDynamoOpsKeys({ client, table, now: clock.now });
  const audit = createDynamoAuditLog({ client, table });
  const log = createPowertoolsLog("ops", config.logs);
  const replaying = createReplayDeps({ config, destinations, client, clock, log });
  return {
    routes: OPS_ROUTES,
    ports: {
      deployment: deploymentOf(config, requireEnv("CODE_VERSION")),
      clock,
      keys,
      newSecret: () => randomBytes(32),
      audit,
      lanes: declaredLanes(config, destinations),
      retryWindowMs: config.delivery.retryWindowMs,
      controls: createDynamoLaneControls({ client, table }),
      intakes: createEventSourceIntakes({ mappings: readMappings(requireEnv("LANE_INTAKES")) }),
      lookups: createDynamoEventLookups({ client, table, now: clock.now }),
      readBacks: createDynamoReadBacks({ client, table }),
      figures: rememberFigures(createCloudWatchFigures({ environment }), clock.now),
      queues: createSqsOpsQueues({
        environment,
        eventsQueueUrl: requireEnv("EVENTS_QUEUE_URL"),
        eventsQueueArn: requireEnv("EVENTS_QUEUE_ARN"),
      }),
      deadLetterQueues: deadLetterQueuesOf(config.destinations.map(({ id }) => id)),
      replays: createDynamoReplayStore({ client, table, days: config.retention.deliveryDays }),
      ...(replaying === undefined ? {} : { replaying, archive: replaying.archive, exports: createArchiveExports() }),
      privacyJobs: createDynamoPrivacyJobs({ client, table }),
      erasing: createEraseFirstDeps({ client, clock, config }),
      log,
      deletions: platformDeletions(config, destinations),
      reconciliation: createDynamoReconciliationStore({
        client,
        table,
        deliveryDays: config.retention.deliveryDays,
      }),
      config,
      identities: createDynamoIdentityStore({ client, table: requireEnv("IDENTITY_TABLE"), now: clock.now }),
      queue: createSqsEventQueue({
        client: createIngestSqsClient(),
        queueUrl: requireEnv("EVENTS_QUEUE_URL"),
        clock,
        random,
      }),
      random,
      metrics: createEmfMetrics({ namespace: metricNamespace(environment), now: clock.now }),
      functionLogs: createCloudWatchLogReader({ logGroup: requireEnv("LOG_GROUP") }),
    },
    keys,
    audit,
    clock,
    attempts: createFailedAttempts(clock.now),
    log,
    newId: () => randomId(),
  };
}

/** What is declared of the configured lanes. Throws for one whose destination type this build does not have. */
export function declaredLanes(
  { destinations: configured }: Pick<ResolvedConfig, "destinations">,
  destinations: Destinations,
): DeclaredLane[] {
  return configured.map(({ id, type, settings, testMode, consentOverrides }) => {
    const destination = destinations[type];
    if (destination === undefined) throw new Error(`destination ${id} has the unknown type ${type}`);
    return {
      lane: id,
      type,
      name: destination.name,
      needsSecret: needsSecret(destination),
      testMode,
      ...present({ versionEnd: destination.versionEnd?.(settings), consentOverrides }),
    };
  });
}

/** What the platforms of the configured lanes offer for deletion. */
export function platformDeletions(
  { destinations: configured }: Pick<ResolvedConfig, "destinations">,
  destinations: Destinations,
): PlatformDeletion[] {
  return configured.flatMap(({ id, type }) => {
    const destination = destinations[type];
    if (destination === undefined) return [];
    return [{ lane: id, type, name: destination.name, ...destination.catalogue.deletion }];
  });
}

function deploymentOf(config: ResolvedConfig, version: string): Deployment {
  return {
    environment: config.environment,
    version,
    destinations: config.destinations.map(({ id, type, testMode }) => ({ lane: id, type, test_mode: testMode })),
    sources: config.sources.map(({ id, kind }) => ({ source: id, kind })),
  };
}
