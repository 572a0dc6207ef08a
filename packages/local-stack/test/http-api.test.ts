import { gzipSync } from "node:zlib";
import { HttpApi, type HttpApiOptions } from "../src/http-api.ts";
import type { HttpApiModel, InvokeResult } from "../src/model.ts";
import { recorder } from "./lambda-functions.ts";

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f";
const open: HttpApi[] = [];

function route(routeKey: string, timeoutMs = 30_000): HttpApiModel["routes"][number] {
  return { routeKey, functionArn: FUNCTION, payloadFormat: "2.0", timeoutMs };
}

type Event = Record<string, unknown> & { headers: Record<string, string>; requestContext: Record<string, unknown> };

async function apiOf(
  invoke: (event: Event) => Promise<InvokeResult> | InvokeResult,
  model: Partial<HttpApiModel> = {},
  options: Partial<HttpApiOptions> = {},
) {
  const seen = recorder();
  const events: Event[] = [];
  const api = new HttpApi({
    model: { logicalId: "Api", name: "api", routes: [route("$default")], ...model },
    accountId: "000000000000",
    invoker: {
      invoke: async (_arn, payload) => {
        events.push(payload as Event);
        return invoke(payload as Event);
      },
    },
    logSink: seen.logSink,
    metrics: seen.metrics,
    ...options,
  });
  open.push(api);
  await api.start();
  return { api, events, ...seen };
}

const ok = (payload: unknown): InvokeResult => ({ ok: true, payload });

afterEach(async () => {
  for (const api of open.splice(0)) await api.stop();
});

test("the event has the form of payload 2.0", async () => {
  const now = Date.UTC(2026, 2, 12, 19, 3, 58);
  const { api, events } = await apiOf(() => ok({}), {}, { now: () => now });
  await fetch(`${api.url}/a%20b/c?x=1&x=2&y=%C3%A9&z`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "a=1; b=2", "user-agent": "test/1", "X-Two": "1" },
    body: `{"n":"é"}`,
  });
  expect(events[0]).toMatchObject({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/a%20b/c",
    rawQueryString: "x=1&x=2&y=%C3%A9&z",
    cookies: ["a=1", "b=2"],
    headers: { "content-type": "application/json", "x-two": "1", "x-forwarded-for": "127.0.0.1" },
    queryStringParameters: { x: "1,2", y: "é", z: "" },
    requestContext: {
      accountId: "000000000000",
      apiId: "api",
      http: { method: "POST", path: "/a%20b/c", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test/1" },
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: now,
    },
    body: `{"n":"é"}`,
    isBase64Encoded: false,
  });
  expect(events[0]?.headers).not.toHaveProperty("cookie");
  expect(events[0]).not.toHaveProperty("pathParameters");
});

test("without cookies, query or body those members are absent", async () => {
  const { api, events } = await apiOf(() => ok({}));
  await fetch(`${api.url}/`);
  expect(Object.keys(events[0] ?? {}).sort()).toEqual(
    ["headers", "isBase64Encoded", "rawPath", "rawQueryString", "requestContext", "routeKey", "version"].sort(),
  );
});

test.each([
  ["application/json; charset=utf-8", undefined, false],
  ["text/plain", undefined, false],
  ["application/xml", undefined, false],
  ["application/x-www-form-urlencoded", undefined, true],
  ["application/ld+json", undefined, true],
  ["multipart/form-data; boundary=x", undefined, true],
  ["application/octet-stream", undefined, true],
  ["application/json", "gzip", true],
])("a body of type %s, encoding %s: base64 %s", async (type, encoding, base64) => {
  const { api, events } = await apiOf(() => ok({}));
  const body = encoding === "gzip" ? gzipSync("{}") : Buffer.from("{}");
  const headers = { "content-type": type, ...(encoding === undefined ? {} : { "content-encoding": encoding }) };
  await fetch(api.url, { method: "POST", headers, body });
  expect(events[0]).toMatchObject({ isBase64Encoded: base64, body: body.toString(base64 ? "base64" : "utf8") });
});

test("a route is chosen by how specific it is, and path variables are decoded", async () => {
  const routes = ["$default", "ANY /{proxy+}", "GET /users/{id}", "GET /users/me", "ANY /users/{id}"].map((key) =>
    route(key),
  );
  const { api, events } = await apiOf(() => ok({}), { routes });
  for (const path of ["/users/me", "/users/a%40b", "/users/me/x%20y/z", "/"]) await fetch(api.url + path);
  await fetch(`${api.url}/users/7`, { method: "DELETE" });
  expect(events.map(({ routeKey, pathParameters }) => [routeKey, pathParameters])).toEqual([
    ["GET /users/me", undefined],
    ["GET /users/{id}", { id: "a@b" }],
    ["ANY /{proxy+}", { proxy: "users/me/x y/z" }],
    ["$default", undefined],
    ["ANY /users/{id}", { id: "7" }],
  ]);
});

test("no route is a 404 that the function never sees", async () => {
  const { api, events } = await apiOf(() => ok({}), { routes: [route("POST /v1")] });
  const response = await fetch(`${api.url}/v1`);
  expect([response.status, await response.json(), events.length]).toEqual([404, { message: "Not Found" }, 0]);
});

test("answers: full, inferred, binary, with cookies, and malformed", async () => {
  const answers: unknown[] = [
    { statusCode: 202, headers: { "X-A": "1" }, body: "yes", cookies: ["a=1; Path=/", "b=2"] },
    { any: "thing" },
    { statusCode: "200", body: Buffer.from([0, 255, 1]).toString("base64"), isBase64Encoded: true },
    { statusCode: 204 },
    { statusCode: "many" },
    { statusCode: 200, body: { not: "text" } },
    null,
  ];
  const { api } = await apiOf(() => ok(answers.shift()));
  const full = await fetch(api.url);
  expect([full.status, full.headers.get("x-a"), await full.text()]).toEqual([202, "1", "yes"]);
  expect(full.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
  expect(full.headers.get("apigw-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  const inferred = await fetch(api.url);
  expect([inferred.headers.get("content-type"), await inferred.json()]).toEqual(["application/json", { any: "thing" }]);
  expect(new Uint8Array(await (await fetch(api.url)).arrayBuffer())).toEqual(new Uint8Array([0, 255, 1]));
  expect((await fetch(api.url)).status).toBe(204);
  for (const _malformed of [1, 2]) {
    const response = await fetch(api.url);
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal Server Error" }]);
  }
  expect(await (await fetch(api.url)).json()).toBeNull();
});

test("failures: a function's error is a 500, no concurrency a 503, too slow a 503", async () => {
  const failures: (InvokeResult | Promise<InvokeResult>)[] = [
    { ok: false, error: "handler_error", message: "Error: secret detail" },
    { ok: false, error: "timeout", message: "Task timed out after 3.00 seconds" },
    { ok: false, error: "throttled", message: "Rate Exceeded" },
    new Promise(() => {}),
  ];
  const accessLog = { format: `$context.status $context.integrationErrorMessage`, logGroupName: "/access" };
  const routes = [route("$default"), route("GET /slow", 20)];
  const { api, sum, lines } = await apiOf(() => failures.shift() ?? ok(null), { routes, accessLog });
  const got: unknown[] = [];
  for (const path of ["/", "/", "/", "/slow"]) {
    const response = await fetch(api.url + path);
    got.push([response.status, ((await response.json()) as { message: string }).message]);
  }
  expect(got).toEqual([
    [500, "Internal Server Error"],
    [500, "Internal Server Error"],
    [503, "Service Unavailable"],
    [503, "Service Unavailable"],
  ]);
  // Each value counts for the API and for its stage.
  expect([sum("Count"), sum("5xx"), sum("4xx")]).toEqual([8, 8, 0]);
  expect(lines[0]).toContain("secret detail");
});

test("bodies over 10 MB, or over Lambda's 6 MB once encoded, are refused with 413", async () => {
  const { api, events } = await apiOf(() => ok({}));
  const send = async (body: Buffer, type: string) => {
    const init = { method: "POST", body, headers: { "content-type": type }, duplex: "half" };
    const response = await fetch(api.url, init as RequestInit);
    return [response.status, await response.text()];
  };
  const refused = [413, `{"message":"Request Entity Too Large"}`];
  expect(await send(Buffer.alloc(5_000_000, 97), "application/octet-stream")).toEqual(refused);
  expect(await send(Buffer.alloc(3_200_000, 34), "application/json")).toEqual(refused);
  expect((await send(Buffer.alloc(5_000_000, 97), "application/json"))[0]).toBe(200);
  expect(await send(Buffer.alloc(10_500_000, 97), "text/plain")).toEqual(refused);
  expect(events).toHaveLength(1);
});

const cors: NonNullable<HttpApiModel["cors"]> = {
  allowOrigins: ["https://shop.example", "http://*"],
  allowMethods: ["POST"],
  allowHeaders: ["content-type", "authorization"],
  exposeHeaders: [],
  maxAgeSeconds: 600,
  allowCredentials: true,
};

test("a preflight is answered by the API alone, and only allowed origins get headers", async () => {
  const { api, events } = await apiOf(() => ok({}), { cors });
  const ask = async (origin: string) => {
    const headers = { origin, "access-control-request-method": "POST" };
    const response = await fetch(api.url, { method: "OPTIONS", headers });
    const names = ["origin", "methods", "headers", "credentials"];
    return [response.status, ...names.map((name) => response.headers.get(`access-control-allow-${name}`))];
  };
  const allowed = (origin: string) => [204, origin, "POST", "content-type,authorization", "true"];
  expect(await ask("https://shop.example")).toEqual(allowed("https://shop.example"));
  expect(await ask("http://anything.example")).toEqual(allowed("http://anything.example"));
  expect(await ask("https://evil.example")).toEqual([204, null, null, null, null]);
  expect(events).toHaveLength(0);
});

test("real answers get the API's CORS headers and lose the function's own", async () => {
  const own = { statusCode: 200, headers: { "Access-Control-Allow-Origin": "*", "Access-Control-Max-Age": "1" } };
  const { api } = await apiOf(() => ok(own), { cors });
  const seen = async (origin: string) => {
    const { headers } = await fetch(api.url, { method: "POST", headers: { origin } });
    return [headers.get("access-control-allow-origin"), headers.get("access-control-max-age")];
  };
  expect(await seen("https://shop.example")).toEqual(["https://shop.example", null]);
  expect(await seen("https://evil.example")).toEqual([null, null]);
});

test("without CORS on the API the function answers OPTIONS and its headers stay", async () => {
  const { api, events } = await apiOf(() => ok({ statusCode: 204, headers: { "Access-Control-Allow-Origin": "x" } }));
  const headers = { origin: "https://a.example", "access-control-request-method": "POST" };
  const response = await fetch(api.url, { method: "OPTIONS", headers });
  expect([response.headers.get("access-control-allow-origin"), events.length]).toEqual(["x", 1]);
});

test("a route with a throttle of its own uses up nothing of the others', nor they of it", async () => {
  const limited = { ...route("ANY /ops/{proxy+}"), throttling: { rateLimit: 1, burstLimit: 2 } };
  const throttling = { rateLimit: 1, burstLimit: 3 };
  const { api } = await apiOf(() => ok({}), { routes: [route("$default"), limited], throttling }, { now: () => 0 });
  const statuses: number[] = [];
  for (const path of ["/ops/a", "/ops/b", "/ops/c", "/", "/", "/", "/", "/ops/d"]) {
    statuses.push((await fetch(api.url + path)).status);
  }
  expect(statuses).toEqual([200, 200, 429, 200, 200, 200, 429, 429]);
});

test("the stage's throttle lets a burst through and refills with time", async () => {
  let now = 0;
  const throttling = { rateLimit: 2, burstLimit: 3 };
  const { api, sum } = await apiOf(() => ok({}), { throttling }, { now: () => now });
  const statuses = async (count: number) => {
    const got: number[] = [];
    for (let n = 0; n < count; n += 1) got.push((await fetch(api.url)).status);
    return got;
  };
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  now = 1000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
  expect(sum("4xx")).toBe(4);
});

test("the access log follows the stage's format, and forwarded addresses count when trusted", async () => {
  const format = `{"ip":"$context.identity.sourceIp","route":"$context.routeKey","status":$context.status,"x":"$context.authorizer.claims"}`;
  const accessLog = { format, logGroupName: "/access" };
  const headers = { "x-forwarded-for": "203.0.113.9, 10.0.0.1" };
  const trusting = await apiOf(() => ok({}), { accessLog });
  await fetch(trusting.api.url, { headers });
  expect(trusting.lines).toEqual([`{"ip":"203.0.113.9","route":"$default","status":200,"x":"-"}`]);
  expect(trusting.events[0]?.headers["x-forwarded-for"]).toBe("203.0.113.9, 10.0.0.1, 127.0.0.1");
  const strict = await apiOf(() => ok({}), { accessLog }, { trustForwardedFor: false });
  await fetch(strict.api.url, { headers });
  expect(strict.lines[0]).toContain(`"ip":"127.0.0.1"`);
});
