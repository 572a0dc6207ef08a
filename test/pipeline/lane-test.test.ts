import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryHttpSender, type PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import { createMemoryOwnLaneQueue } from "../../src/adapters/memory/own-lane-queue.ts";
import type { Destination } from "../../src/core/destination.ts";
import type { Explain } from "../../src/core/explanation.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { explainFailure } from "../../src/explanations/explain.ts";
import { testLane, testPurchase, testPurchaseFor } from "../../src/pipeline/lane-test.ts";
import { SecretError, SendError } from "../../src/pipeline/ports.ts";
import type { PreviewScope } from "../../src/pipeline/preview.ts";
import { testJson, testLines } from "../../src/pipeline/preview-text.ts";
import { DENIED } from "../support/consent-answers.ts";
import { fakeDestination } from "../support/lane-world.ts";

const NOW = Date.UTC(2026, 8, 1, 12);
const SECRET = "c4nary-credential";
const explain: Explain = (failure) => explainFailure("meta", failure);
const LANE_NAME = { id: "ads", name: "Fake" };
const takes: PlatformAnswer = (request) => ({
  status: 200,
  headers: { "x-request-id": "r-1" },
  body: JSON.stringify((JSON.parse(request.body) as string[]).map(() => ({ kind: "delivered" }))),
});

function scopeOf(destination: Destination, settings: unknown = {}, testMode = true): PreviewScope {
  return {
    lane: { id: "ads", destination, settings, testMode },
    rules: { consent: { defaults: [{ countries: ["*"], purposes: DENIED }], honourGpc: true } },
    now: NOW,
  };
}

interface World {
  readonly destination?: Destination;
  readonly platform?: PlatformAnswer;
  readonly secret?: Record<string, string> | Error;
  readonly settings?: unknown;
  readonly testMode?: boolean;
}

async function run({
  destination = fakeDestination(),
  platform = takes,
  secret,
  settings,
  testMode = true,
}: World = {}) {
  const http = createMemoryHttpSender(platform);
  const get = async () => {
    if (secret instanceof Error) throw secret;
    return secret ?? { token: SECRET };
  };
  const quiet = () => {};
  const scope = scopeOf(destination, settings, testMode);
  const result = await testLane(testPurchaseFor(scope, "1", { test: testMode }), scope, {
    lane: { id: "ads", settings: scope.lane.settings, secretName: "tl/ads", testMode, retryWindowMs: 3_600_000 },
    store: createMemoryDeliveryStore({ now: () => NOW }),
    queue: createMemoryOwnLaneQueue(),
    http,
    credentials: { get, refresh: get },
    clock: { now: () => NOW },
    random: { fraction: () => 0 },
    metrics: { add: quiet, flush: quiet },
    log: { info: quiet, warn: quiet, error: quiet, step: quiet },
  });
  const shown = [
    JSON.stringify(testJson(result, LANE_NAME, "here", explain)),
    testLines(result, LANE_NAME, { colours: false, explain }).join("\n"),
  ];
  return { result, sent: http.sent, shown };
}

test("the test purchase is a test, of nobody, and fresh each time", () => {
  const event = testPurchase("a", NOW);
  expect(event).toMatchObject({
    test: true,
    event_time: NOW,
    user: { email: expect.stringMatching(/@example\.com$/) },
  });
  expect(testPurchase("b", NOW).event_id).not.toBe(event.event_id);
});

test("what is sent is what the platform answers to: delivered, with request and answer, and no secret in sight", async () => {
  const { result, sent, shown } = await run();
  expect(sent[0]?.headers.authorization).toBe(SECRET);
  expect(result).toMatchObject({
    state: "delivered",
    testMode: true,
    exchanges: [{ request: { headers: { authorization: "[secret]" } }, response: { status: 200 } }],
  });
  for (const text of shown) expect(text).not.toMatch(/c4nary|explanation|means/);
});

test("the platform's refusal is told with its words, although it quotes the credential", async () => {
  const { result, shown } = await run({
    platform: () => ({ status: 400, headers: {}, body: `bad value; your token is ${SECRET}` }),
  });
  expect(result.state).toBe("rejected");
  expect(shown[1]).toContain("rejected  the platform will never take this event as it is");
  expect(shown[1]).toMatch(
    /\n {2}said {5}HTTP 400, bad value; .*\n {2}means {4}The platform refuses .*\n {2}do {7}Change /,
  );
  expect(JSON.parse(shown[0] ?? "")).toMatchObject({
    explanation: { said: expect.stringContaining("bad value"), means: expect.any(String), todo: expect.any(String) },
  });
  for (const text of shown) expect(text).not.toContain("c4nary");
});

test("a credential that the platform refuses is asked for anew once, and then unauthorized", async () => {
  const { result } = await run({ platform: () => ({ status: 401, headers: {}, body: "" }) });
  expect(result).toMatchObject({ state: "unauthorized", reason: "bad token", exchanges: [{}] });
});

test("no answer, and a secret that cannot be read, say so", async () => {
  const silent = await run({
    platform: () => {
      throw new SendError("timeout", "platform.example did not answer in time");
    },
  });
  expect(silent.result).toMatchObject({ state: "retry", exchanges: [{ error: expect.stringContaining("in time") }] });
  const locked = await run({ secret: new SecretError("secret tl/ads cannot be read: AccessDeniedException") });
  expect(locked.result).toMatchObject({ state: "unauthorized", exchanges: [] });
  expect(locked.shown[1]).toContain("AccessDeniedException");
});

test("a token is fetched first and shown as such, hidden in its own answer and in the request that uses it", async () => {
  const destination = fakeDestination({
    tokenRequest: ({ token = "" }) => ({
      method: "POST",
      url: "https://platform.example/oauth/token",
      headers: {},
      body: new URLSearchParams({ refresh: token }).toString(),
    }),
    buildRequest: (events, { credentials }) => ({
      method: "POST",
      url: `https://platform.example/e?t=${credentials.accessToken}`,
      headers: {},
      body: JSON.stringify(events.map(({ event_id }) => event_id)),
    }),
  });
  const { result, sent, shown } = await run({
    destination,
    platform: (request, options) =>
      request.url.endsWith("/oauth/token")
        ? { status: 200, headers: {}, body: '{"access_token":"c4nary-issued","expires_in":3600}' }
        : takes(request, options),
  });
  expect(sent.map(({ url }) => url)).toEqual([
    "https://platform.example/oauth/token",
    "https://platform.example/e?t=c4nary-issued",
  ]);
  expect(result.state).toBe("delivered");
  for (const text of shown) expect(text).not.toContain("c4nary");
});

test("what would be skipped is not sent, and says why", async () => {
  const { result, sent, shown } = await run({ destination: fakeDestination({ eventNames: {} }) });
  expect(sent).toEqual([]);
  expect(result).toMatchObject({ state: "skipped", skip: { code: "not_configured" } });
  expect(shown[1]).toContain("skipped  it was not sent: not_configured: purchase is not sent to ads");
});

test("a platform that needs a click of its own gets a made-up one; no other does", () => {
  const needsClick = fakeDestination({
    skipReason: ({ click_ids: clicks }) =>
      clicks?.gclid === undefined ? { code: "incomplete", detail: "needs a click" } : undefined,
  });
  expect(testPurchaseFor(scopeOf(needsClick), "1", { test: true }).click_ids?.gclid).toBeDefined();
  expect(testPurchaseFor(scopeOf(fakeDestination()), "1", { test: true }).click_ids).toBeUndefined();
});

test("as a real event it carries no mark of a test", async () => {
  const { result, shown } = await run({ testMode: false });
  expect(result.event).not.toHaveProperty("test");
  expect(result).toMatchObject({ state: "delivered", testMode: false });
  expect(shown[1]).toContain("as a real event");
});

test("through a real declaration: Meta's test code is in the request, and its answer counts", async () => {
  const { meta } = DESTINATIONS;
  if (meta === undefined) throw new Error("no meta");
  const { result } = await run({
    destination: meta,
    settings: meta.settings.parse({ datasetId: "1234567890", testEventCode: "TEST12345" }),
    secret: { accessToken: SECRET },
    platform: () => ({ status: 200, headers: {}, body: '{"events_received":1}' }),
  });
  expect(result).toMatchObject({
    state: "delivered",
    exchanges: [{ request: { body: expect.stringContaining("TEST12345") } }],
  });
});
