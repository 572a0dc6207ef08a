import { randomBytes } from "node:crypto";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { createFailedAttempts } from "../ops/failed-attempts.ts";
import type { Deployment } from "../ops/health.ts";
import type { OpsRequest } from "../ops/ops-request.ts";
import { answerOps, type RouterDeps, randomId } from "../ops/router.ts";
import { OPS_ROUTES, type OpsPorts } from "../ops/routes.ts";
import { createDynamoAuditLog } from "./dynamo-audit-log.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoOpsKeys } from "./dynamo-ops-keys.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createSystemClock } from "./system-clock.ts";

/** The ops function: an HTTP API request (payload 2.0) in, its answer out. */
export function createOpsHandler(
  deps: RouterDeps<OpsPorts> = createDependencies(),
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

function createDependencies(): RouterDeps<OpsPorts> {
  const config = readRuntimeConfig();
  const clock = createSystemClock();
  const client = createDynamoClient();
  const table = requireEnv("DELIVERY_TABLE");
  const keys = createDynamoOpsKeys({ client, table, now: clock.now });
  const audit = createDynamoAuditLog({ client, table });
  return {
    routes: OPS_ROUTES,
    ports: {
      deployment: deploymentOf(config, requireEnv("CODE_VERSION")),
      clock,
      keys,
      newSecret: () => randomBytes(32),
      audit,
    },
    keys,
    audit,
    clock,
    attempts: createFailedAttempts(clock.now),
    log: createPowertoolsLog("ops", config.logs),
    newId: () => randomId(),
  };
}

function deploymentOf(config: ResolvedConfig, version: string): Deployment {
  return {
    environment: config.environment,
    version,
    destinations: config.destinations.map(({ id, type, testMode }) => ({ lane: id, type, test_mode: testMode })),
    sources: config.sources.map(({ id, kind }) => ({ source: id, kind })),
  };
}
