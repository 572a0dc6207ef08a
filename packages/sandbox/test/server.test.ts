import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Webhook } from "standardwebhooks";
import type { ReceivedEvent } from "../src/model.ts";
import { escapeHtml } from "../src/page.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../src/server.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

let sandbox: Sandbox;
let live: ReceivedEvent[];
let slept: number[];

const start = async (options: SandboxOptions = {}) => {
  live = [];
  slept = [];
  sandbox = await startSandbox({
    now: () => NOW,
    sleep: async (ms) => void slept.push(ms),
    onReceived: (event) => live.push(event),
    ...options,
  });
};
beforeEach(() => start());
afterEach(() => sandbox.stop());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** A request as the local stack makes it: to the loopback address, with the platform's Host header. */
function call(method: string, host: string, path: string, body = "", headers: Record<string, string> = {}) {
  return new Promise<Answer>((done, fail) => {
    const outgoing = httpRequest(sandbox.url + path, { method, headers: { host, ...headers } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        done({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on("error", fail);
    outgoing.end(body);
  });
}

const control = (method: string, path: string, body?: unknown) =>
  call(method, "localhost", `/_sandbox/${path}`, body === undefined ? "" : JSON.stringify(body));

function metaEvent(id: string) {
  return {
    event_name: "Lead",
    event_time: NOW / 1000,
    event_id: id,
    action_source: "system_generated",
    user_data: { em: createHash("sha256").update(id).digest("hex") },
  };
}

const toMeta = (...ids: string[]) =>
  call("POST", "graph.facebook.com", "/v26.0/42/events", JSON.stringify({ data: ids.map(metaEvent) }), {
    "content-type": "application/json",
    authorization: "Bearer EAAtoken123",
  });

const toGa4 = (host: string, path = "/mp/collect") =>
  call(
    "POST",
    host,
    `${path}?measurement_id=G-A1&api_secret=x`,
    JSON.stringify({ client_id: "1.2", events: [{ name: "login" }] }),
  );

function toWebhook(url: string, id = "msg_1") {
  const body = JSON.stringify({ type: "lead", timestamp: new Date(NOW).toISOString(), data: { event_id: "e-1" } });
  const { hostname, pathname } = new URL(url);
  return call("POST", hostname, pathname, body, {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(NOW / 1000),
    "webhook-signature": new Webhook(SECRET).sign(id, new Date(NOW), body),
  });
}

test("tells the platforms apart by the Host header", async () => {
  expect((await toMeta("a")).status).toBe(200);
  expect((await toGa4("www.google-analytics.com")).status).toBe(204);
  expect((await toGa4("region1.google-analytics.com:443")).status).toBe(204);
  expect(await toGa4("region1.google-analytics.com", "/debug/mp/collect")).toMatchObject({
    status: 200,
    text: '{"validationMessages":[]}',
  });
  expect((await toWebhook("https://hooks.example.com/in")).status).toBe(200);
  expect(live.map(({ platform, target, verdict }) => [platform, target, verdict])).toEqual([
    ["meta", "42", "counted"],
    ["ga4", "G-A1", "counted"],
    ["ga4", "G-A1", "counted"],
    ["ga4", "G-A1", "validated"],
    ["webhook", "hooks.example.com/in", "counted"],
  ]);
});

test("judges a GET and a form like any other request", async () => {
  expect((await call("GET", "hooks.example.com", "/in?a=1")).status).toBe(405);
  const form = { "content-type": "application/x-www-form-urlencoded", authorization: "Bearer EAAtoken123" };
  const data = new URLSearchParams({ data: JSON.stringify([metaEvent("a")]) });
  expect((await call("POST", "graph.facebook.com", "/v26.0/42/events", String(data), form)).status).toBe(200);
  expect(live.map(({ platform, verdict }) => [platform, verdict])).toEqual([
    ["webhook", "refused"],
    ["meta", "counted"],
  ]);
});

test("the host can be told in another way", async () => {
  await sandbox.stop();
  await start({ publicHostResolver: (_, path) => (path.startsWith("/v") ? "graph.facebook.com" : "other.example") });
  await call("POST", "localhost", "/v26.0/42/events");
  expect(live).toMatchObject([{ platform: "meta", host: "graph.facebook.com" }]);
});

test("counts an event once, however often it comes", async () => {
  await toMeta("a", "b");
  await toMeta("a");
  expect(JSON.parse((await control("GET", "counts")).text).platforms.meta).toMatchObject({
    requests: 2,
    statuses: { 200: 2 },
    events: { counted: 2, duplicate: 1 },
  });
  const { events } = JSON.parse((await control("GET", "received?platform=meta&event_id=a")).text);
  expect(events.map((event: ReceivedEvent) => event.verdict)).toEqual(["counted", "duplicate"]);
  const { deliveries } = JSON.parse((await control("GET", "deliveries?platform=meta")).text);
  expect(deliveries).toMatchObject([
    { event_id: "a", copies: 2, counted: 1 },
    { event_id: "b", copies: 1, counted: 1 },
  ]);
});

test("knows a webhook's secret once it is told", async () => {
  const url = "https://hooks.example.com/in";
  const other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  expect((await control("POST", "webhook-secret", { url, secret: other })).status).toBe(200);
  expect((await toWebhook(url)).status).toBe(401);
  sandbox.registerWebhookSecret(url, SECRET);
  expect((await toWebhook(url)).status).toBe(200);
  expect((await control("POST", "webhook-secret", { url, secret: "nonsense" })).status).toBe(400);
  expect((await control("POST", "webhook-secret", { url })).status).toBe(400);
});

test("a scripted failure answers in the platform's shape, with the script's headers, and counts nothing", async () => {
  await control("POST", "script", {
    platform: "meta",
    rules: [
      { status: 429, times: 1, headers: { "retry-after": "7" } },
      { status: 503, body: "<html>", times: 1 },
    ],
  });
  const limited = await toMeta("a");
  expect(limited).toMatchObject({ status: 429, headers: { "retry-after": "7" } });
  expect(JSON.parse(limited.text).error.code).toBe(4);
  expect(await toMeta("a")).toMatchObject({ status: 503, text: "<html>" });
  expect((await toMeta("a")).status).toBe(200);
  expect(live.map(({ verdict, status }) => [verdict, status])).toEqual([
    ["failed", 429],
    ["failed", 503],
    ["counted", 200],
  ]);
});

test("a failure after the effect leaves the event counted", async () => {
  await control("POST", "script", { platform: "meta", rules: [{ status: 500, effect: "after", times: 1 }] });
  expect((await toMeta("a")).status).toBe(500);
  expect((await toMeta("a")).status).toBe(200);
  expect(sandbox.deliveries("meta")).toMatchObject([{ copies: 2, counted: 1 }]);
});

test("a connection can be reset, before or after the effect", async () => {
  await control("POST", "script", { platform: "ga4", rules: [{ reset: true, effect: "after", times: 1 }] });
  await expect(toGa4("www.google-analytics.com")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(live).toMatchObject([{ verdict: "counted", status: 0 }]);
  expect((await control("DELETE", "script")).status).toBe(200);
  expect((await toGa4("www.google-analytics.com")).status).toBe(204);
});

test("a delay alone changes nothing but the time", async () => {
  await control("POST", "script", { host: "graph.facebook.com", rules: [{ delayMs: 1500 }] });
  expect((await toMeta("a")).status).toBe(200);
  expect(slept).toEqual([1500]);
});

test("stopping does not wait for scripted delays", async () => {
  await sandbox.stop();
  await start({ sleep: (_, signal) => new Promise((_resolve, fail) => signal.addEventListener("abort", fail)) });
  await control("POST", "script", { platform: "meta", rules: [{ delayMs: 60_000 }] });
  const pending = expect(toMeta("a")).rejects.toMatchObject({ code: "ECONNRESET" });
  while (live.length === 0) await new Promise(setImmediate);
  await sandbox.stop();
  await pending;
  await start();
});

test("single events can be refused, and whole requests fall with them at Meta", async () => {
  await control("POST", "script", { platform: "meta", rules: [{ rejectEventIds: ["bad"] }] });
  expect((await toMeta("a", "bad")).status).toBe(400);
  expect((await toMeta("a")).status).toBe(200);
  expect(live.map(({ event_id, verdict, valid }) => [event_id, verdict, valid])).toEqual([
    ["a", "refused", true],
    ["bad", "refused", false],
    ["a", "counted", true],
  ]);
});

describe("token endpoints", () => {
  const GRANT = "grant_type=refresh_token&refresh_token=r-1&client_id=c&client_secret=s";
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const grant = () => call("POST", "oauth2.googleapis.com", "/token", GRANT, type);
  const google = async () => JSON.parse((await control("GET", "tokens")).text)["oauth2.googleapis.com"];

  test("issue tokens, and are no platform's events", async () => {
    expect(JSON.parse((await grant()).text)).toMatchObject({ token_type: "Bearer" });
    expect(await google()).toEqual({ issued: 1, refused: {} });
    expect(live).toEqual([]);
  });

  test("are scripted by their host", async () => {
    await control("POST", "script", {
      host: "oauth2.googleapis.com",
      rules: [
        { status: 503, times: 1, delayMs: 900, headers: { "retry-after": "3" } },
        { status: 500, times: 1, effect: "after" },
        { reset: true, times: 1 },
      ],
    });
    expect(await grant()).toMatchObject({ status: 503, headers: { "retry-after": "3" } });
    expect(await google()).toEqual({ issued: 0, refused: {} });
    expect((await grant()).status).toBe(500);
    expect(await google()).toEqual({ issued: 1, refused: {} });
    await expect(grant()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await grant()).status).toBe(200);
    expect(slept).toEqual([900]);
  });

  test("are told to revoke, and say why they refuse", async () => {
    expect((await control("POST", "tokens", { revoke: "all" })).status).toBe(200);
    expect(await grant()).toMatchObject({ status: 400, text: expect.stringContaining("invalid_grant") });
    expect((await control("POST", "tokens", { revoke: 1 })).status).toBe(400);
  });
});

test("reset forgets everything", async () => {
  await toMeta("a");
  await control("POST", "script", { platform: "meta", rules: [{ status: 500 }] });
  await control("POST", "reset");
  expect((await toMeta("a")).status).toBe(200);
  expect(sandbox.received()).toHaveLength(1);
});

test.each([
  ["GET", "nothing", undefined, 404],
  ["POST", "script", { platform: "meta", rules: [{ oops: 1 }] }, 400],
  ["GET", "received?platform=nobody", undefined, 400],
])("%s %s is answered as a mistake", async (method, path, body, status) => {
  expect((await control(method, path, body)).status).toBe(status);
});

test("the page shows verdicts and runs nothing that an event brought", async () => {
  await call("POST", "hooks.example.com", "/in", JSON.stringify({ type: "<script>alert(1)</script>" }));
  await toMeta("a");
  const page = await control("GET", "");
  expect(page.headers["content-type"]).toContain("text/html");
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(page.text).toContain("counted");
  expect(page.text).not.toContain("<script>");
  expect(escapeHtml(`<a href="x" title='y'>&</a>`)).toBe(
    "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;",
  );
});

test("a body beyond any limit is answered with 413", async () => {
  expect((await call("POST", "graph.facebook.com", "/v26.0/42/events", "x".repeat(17 * 1024 * 1024))).status).toBe(413);
});

test("a port that is taken is an error, not a hang", async () => {
  const port = Number(new URL(sandbox.url).port);
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
