import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { createIngestHandler, toRequest } from "../../src/adapters/lambda-ingest.ts";
import { createSystemRandom } from "../../src/adapters/system-random.ts";
import { ingestWorld, NOW, queuedEvents, SERVER_KEY } from "../support/ingest-world.ts";

function httpEvent(changes: Partial<APIGatewayProxyEventV2> & { method?: string } = {}): APIGatewayProxyEventV2 {
  const { method = "POST", ...rest } = changes;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/v1/events",
    rawQueryString: "",
    headers: { authorization: `Bearer ${SERVER_KEY}` },
    isBase64Encoded: false,
    body: '{"event_name":"lead","user":{"first_name":"Zoë"}}',
    ...rest,
    requestContext: {
      requestId: "gateway-id",
      http: { method, path: "/v1/events", protocol: "HTTP/1.1", sourceIp: "93.184.216.34", userAgent: "curl" },
    } as APIGatewayProxyEventV2["requestContext"],
  };
}
const context = { awsRequestId: "lambda-id", getRemainingTimeInMillis: () => 15_000 };

test("a body is the same plain and in base64", async () => {
  const body = httpEvent().body ?? "";
  const encoded = httpEvent({ isBase64Encoded: true, body: Buffer.from(body).toString("base64") });
  expect(Buffer.from(toRequest(encoded, "id").body).toString()).toBe(body);
  expect(Buffer.from(toRequest(httpEvent(), "id").body).toString()).toBe(body);
});

test("an event goes through, metrics are flushed, and no CORS header doubles the gateway's", async () => {
  const world = ingestWorld();
  let flushes = 0;
  world.metrics = {
    ...world.metrics,
    flush: () => {
      flushes += 1;
    },
  };
  const result = await createIngestHandler(world)(httpEvent(), context);
  expect(result).toMatchObject({ statusCode: 202, isBase64Encoded: false });
  expect(JSON.parse(result.body ?? "")).toMatchObject({ accepted: 1, request_id: "gateway-id" });
  expect(Object.keys(result.headers ?? {}).filter((name) => name.startsWith("access-control"))).toEqual([]);
  expect(queuedEvents(world)[0]?.user.first_name).toBe("Zoë");
  expect(flushes).toBe(1);
});

test("the queue is given the function's time, less what the answer needs", async () => {
  const world = ingestWorld();
  const deadlines: (number | undefined)[] = [];
  const { send } = world.queue;
  world.queue.send = (messages, deadline) => {
    deadlines.push(deadline);
    return send(messages);
  };
  await createIngestHandler(world)(httpEvent(), context);
  const track = { rawPath: "/v1/track", body: '{"event":"Lead"}' };
  const headers = { authorization: `Basic ${Buffer.from(`${SERVER_KEY}:`).toString("base64")}` };
  await createIngestHandler(world)(httpEvent({ ...track, headers }), context);
  expect(deadlines).toEqual([NOW + 13_500, NOW + 13_500]);
});

test("cookies, the first of repeated parameters and a missing body", () => {
  const { body: _body, ...bodiless } = httpEvent({
    cookies: ["_ga=GA1.1.1.2"],
    rawQueryString: "key=a&key=b&x=%C3%AB",
  });
  expect(toRequest(bodiless, "id")).toMatchObject({ cookies: ["_ga=GA1.1.1.2"], query: { key: "a", x: "ë" } });
  expect(toRequest(bodiless, "id").body).toHaveLength(0);
});

test("generated ids are UUIDv7 that sort by time and do not repeat", () => {
  let now = Date.UTC(2026, 10, 20);
  const random = createSystemRandom(() => now);
  const ids = [...Array(100).keys()].map(() => {
    now += 1;
    return random.uuid();
  });
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(100);
  expect(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 20) + 1);
});
