import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { metricNamespace } from "../core/metric-names.ts";
import { ingest } from "../pipeline/ingest.ts";
import type { IngestDependencies, IngestRequest, IngestResponse } from "../pipeline/ingest-contract.ts";
import { createSourceRates, type SourceRates } from "../pipeline/source-rates.ts";
import { createSecrets } from "./aws-secrets.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoRateCounters } from "./dynamo-rate-counters.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createSourceKeys, keptOfSourceSecret } from "./source-keys.ts";
import { createIngestSqsClient, createSqsEventQueue } from "./sqs-event-queue.ts";
import { createSystemClock } from "./system-clock.ts";
import { createSystemRandom } from "./system-random.ts";

/** How long a source's key is kept in memory. */
const KEY_TTL_MS = 5 * MINUTE_MS;

/** Kept of the function's time for what follows the queue's answer. */
const RESERVE_MS = 1500;

/** The ingest function: an HTTP API request (payload 2.0) in, its answer out. */
export function createIngestHandler(
  deps: IngestDependencies = createDependencies(),
): (
  event: APIGatewayProxyEventV2,
  context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">,
) => Promise<APIGatewayProxyStructuredResultV2> {
  return async (event, context) => {
    try {
      const deadline = deps.clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
      return toResult(await ingest({ ...toRequest(event, context.awsRequestId), deadline }, deps));
    } finally {
      deps.metrics.flush();
    }
  };
}

/** An HTTP API event as a request; exported for the tests of its corners (base64, cookies, repeated headers). */
export function toRequest(event: APIGatewayProxyEventV2, requestId: string): IngestRequest {
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    // The gateway's own map joins repeated parameters with commas; the first one is what a reader expects.
    query: firstValues(event.rawQueryString),
    headers: event.headers,
    cookies: event.cookies ?? [],
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
    ip: event.requestContext.http.sourceIp,
    requestId: event.requestContext.requestId || requestId,
  };
}

function firstValues(query: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!values.has(name)) values.set(name, value);
  }
  return Object.fromEntries(values);
}

function toResult(response: IngestResponse): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: response.status,
    headers: response.headers,
    body: response.body,
    isBase64Encoded: response.base64 === true,
  };
}

function createDependencies(): IngestDependencies {
  const config = readRuntimeConfig();
  const clock = createSystemClock();
  const random = createSystemRandom(clock.now);
  const rates = createRates(config, clock.now);
  return {
    config,
    ...(rates === undefined ? {} : { rates }),
    keys: createSourceKeys({
      sources: config.sources,
      secrets: createSecrets({ ttlMs: KEY_TTL_MS, now: clock.now, keep: keptOfSourceSecret }),
      now: clock.now,
    }),
    queue: createSqsEventQueue({
      client: createIngestSqsClient(),
      queueUrl: requireEnv("EVENTS_QUEUE_URL"),
      clock,
      random,
    }),
    clock,
    random,
    metrics: createEmfMetrics({ namespace: metricNamespace(config.environment), now: clock.now }),
    log: createPowertoolsLog("ingest", config.logs),
  };
}

/** Without a limit there is no table to ask: the stack gives its name only then. */
function createRates({ sources }: ResolvedConfig, now: () => number): SourceRates | undefined {
  if (sources.every(({ rateLimit }) => rateLimit === undefined)) return undefined;
  // One try: a count that comes late is worth less than a sender's time.
  const client = createDynamoClient({ maxAttempts: 1 });
  return createSourceRates({
    counters: createDynamoRateCounters({ client, table: requireEnv("DELIVERY_TABLE") }),
    now,
  });
}
