import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { createOpsHandler, declaredLanes } from "../../src/adapters/lambda-ops.ts";
import { createMemoryAuditLog } from "../../src/adapters/memory/audit-log.ts";
import { createMemoryOpsKeys } from "../../src/adapters/memory/ops-keys.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { createFailedAttempts } from "../../src/ops/failed-attempts.ts";
import type { RouterDeps } from "../../src/ops/router.ts";
import type { OpsPorts } from "../../src/ops/routes.ts";
import config from "../../tracklayer.config.ts";

const now = () => 0;

/** Without routes: what is told of a key is all that can be asked. */
function depsWith(refused: unknown[]): RouterDeps<OpsPorts> {
  const ignore = () => {};
  return {
    routes: [],
    ports: {} as OpsPorts,
    keys: createMemoryOpsKeys(now),
    audit: createMemoryAuditLog(),
    clock: { now },
    attempts: createFailedAttempts(now),
    log: { info: ignore, error: ignore, step: ignore, warn: (_, fields) => void refused.push(fields) },
    newId: () => "newthingsid0",
  };
}

function event(changes: Partial<APIGatewayProxyEventV2>): APIGatewayProxyEventV2 {
  const http = { method: "GET", path: "", protocol: "HTTP/1.1", sourceIp: "203.0.113.9", userAgent: "" };
  const requestContext = { http, requestId: "gateway-1" } as APIGatewayProxyEventV2["requestContext"];
  return {
    rawPath: "/v1/ops/health",
    rawQueryString: "",
    headers: {},
    requestContext,
    ...changes,
  } as APIGatewayProxyEventV2;
}

test("a gateway's request is answered in the gateway's form, under its request id", async () => {
  const refused: unknown[] = [];
  const answer = await createOpsHandler(depsWith(refused))(event({}), { awsRequestId: "lambda-1" });
  expect(answer).toMatchObject({
    statusCode: 401,
    headers: { "content-type": "application/json", "cache-control": "no-store", "www-authenticate": "Bearer" },
  });
  expect(JSON.parse(answer.body ?? "")).toMatchObject({ error: "key_missing", request_id: "gateway-1" });
  expect(refused).toEqual([{ request_id: "gateway-1", code: "key_missing", failures_this_minute: 1 }]);
});

test("lanes are declared with what their health depends on", () => {
  const lanes = declaredLanes(resolveConfig(config, DESTINATIONS), DESTINATIONS);
  expect(lanes.map(({ lane, needsSecret }) => [lane, needsSecret])).toEqual([
    ["meta", true],
    ["ga4", true],
    ["webhook", true],
  ]);
});

test("an API version that ends is declared with its day, of every platform that warns of it", () => {
  const ends = ["meta", "klaviyo", "hubspot", "linkedin"].map((type) => typeof DESTINATIONS[type]?.versionEnd);
  expect(ends).toEqual(["function", "function", "function", "function"]);
  expect(DESTINATIONS.meta?.versionEnd?.({ apiVersion: "v25.0" })).toBe(Date.parse("2028-07-29T00:00:00Z"));
  expect(DESTINATIONS.meta?.versionEnd?.({ apiVersion: "v99.0" })).toBeUndefined();
  expect(DESTINATIONS.klaviyo?.versionEnd?.({ revision: "2026-07-15" })).toBe(Date.parse("2028-07-15T00:00:00Z"));
  expect(DESTINATIONS.hubspot?.versionEnd?.({ apiVersion: "2026-03" })).toBe(Date.parse("2027-09-01T00:00:00Z"));
  expect(DESTINATIONS.linkedin?.versionEnd?.({ apiVersion: "202607" })).toBe(Date.parse("2027-07-15T00:00:00Z"));
});

test("a lane whose destination this build lacks is told by name", () => {
  expect(() => declaredLanes(resolveConfig(config, DESTINATIONS), {})).toThrow(
    "destination meta has the unknown type meta",
  );
});
