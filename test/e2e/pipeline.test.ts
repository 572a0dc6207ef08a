import { Analytics as SegmentAnalytics } from "@segment/analytics-node";
import { sha256Hex } from "../../src/core/hashing.ts";
import { SHOP_VISITOR } from "../support/app-calls.ts";
import { DENIED } from "../support/consent-answers.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts", synthesises: true });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

const PERSON = { email: "refuses@example.com", country: "US", ip: "198.51.100.7", user_agent: "Mozilla/5.0" };

test("a purchase sent by Segment's SDK arrives at Meta, GA4 and the webhook exactly once, and trace says why", async () => {
  const analytics = new SegmentAnalytics({ writeKey: app.keys["shop-server"] ?? "", host: app.apiUrl });
  analytics.identify({
    userId: "segment-1",
    traits: { email: "Segment.Person@example.com", phone: "+1 650 555 1212", address: { country: "US" } },
  });
  analytics.track({
    event: "Order Completed",
    messageId: "segment-order-1",
    userId: "segment-1",
    properties: {
      order_id: "S-1",
      revenue: 49.9,
      currency: "EUR",
      products: [{ product_id: "MUG", price: 49.9, quantity: 1 }],
    },
    context: {
      ip: "198.51.100.9",
      userAgent: SHOP_VISITOR.headers["user-agent"],
      page: { url: "https://shop.example.com/thanks?fbclid=IwAR0abc" },
    },
    // How Segment's own GA4 destination is told the client id.
    integrations: { "Google Analytics 4": { clientId: "1234567890.1700000000" } },
  });
  await analytics.closeAndFlush();

  const meta = await sandbox.arrived("meta", "segment-order-1");
  const webhook = await sandbox.arrived("webhook", "segment-order-1");
  expect(meta.problems).toEqual([]);
  expect(webhook.problems).toEqual([]);
  // The e-mail came with the identify call, not with the purchase.
  expect(meta.event).toMatchObject({
    user_data: { em: [sha256Hex("segment.person@example.com")], ph: [sha256Hex("16505551212")] },
  });
  // GA4 knows a purchase by its transaction id only.
  await sandbox.arrived("ga4", "S-1");

  const story = await app.trace("segment-order-1");
  expect(JSON.stringify(story)).toContain("delivered");
  expect(JSON.stringify(story)).not.toMatch(/segment\.person@example\.com/i);
});

test("the browser's and the server's copy of one purchase are one conversion", async () => {
  const browserCopy = purchaseInput("both-1", { user: { anonymous_id: "anon-both-1", country: "US" } });
  const [first, second] = await Promise.all([app.post(browserCopy, SHOP_VISITOR), app.post(purchaseInput("both-1"))]);
  expect([first.status, second.status]).toEqual([202, 202]);

  for (const platform of ["meta", "ga4", "webhook"] as const) await sandbox.arrived(platform, "both-1");
  await eventually("the duplicate in the story", async () =>
    JSON.stringify(await app.trace("both-1")).includes('"copies":2'),
  );
  for (const platform of ["meta", "ga4", "webhook"] as const) {
    const received = await sandbox.received({ platform, event_id: "both-1" });
    expect(received.filter((one) => one.verdict === "counted" || one.verdict === "duplicate")).toHaveLength(1);
  }
});

test("a refusal of consent keeps an event from the platforms that need it, and trace names the rule", async () => {
  await app.send(purchaseInput("refused-1", { consent: DENIED }));
  await sandbox.arrived("webhook", "refused-1");
  expect(await sandbox.received({ platform: "meta", event_id: "refused-1" })).toEqual([]);
  expect(await sandbox.received({ platform: "ga4", event_id: "refused-1" })).toEqual([]);
  expect(JSON.stringify(await app.trace("refused-1"))).toMatch(/denied/);
});

test("what the person refused in the browser holds for the server's event that says nothing", async () => {
  const consent = { ad_storage: "denied", ad_user_data: "denied", analytics_storage: "granted" };
  const visit = { event_name: "page_view", event_id: "visit-1", page: { url: "https://shop.example.com/" } };
  await app.send({ ...visit, consent, user: { anonymous_id: "anon-refuses" } }, SHOP_VISITOR);
  await sandbox.arrived("webhook", "visit-1");

  await app.send(purchaseInput("after-refusal", { user: { ...PERSON, anonymous_id: "anon-refuses" } }));
  await sandbox.arrived("webhook", "after-refusal");
  await sandbox.arrived("ga4", "after-refusal");
  expect(await sandbox.received({ platform: "meta", event_id: "after-refusal" })).toEqual([]);
  expect(JSON.stringify(await app.trace("after-refusal"))).toContain("ad_storage denied by the person earlier");
});

test("a header about the visitor's country is not believed unless the config says so: anybody can send one", async () => {
  const body = purchaseInput("purchase-header", { user: { email: "header@example.com" }, consent: {} });
  const headers = { ...SHOP_VISITOR.headers, "cloudfront-viewer-country": "DE" };
  await app.send(body, { ...SHOP_VISITOR, headers });
  await sandbox.arrived("meta", "purchase-header");
});

test("silence in the EEA means no", async () => {
  await app.send(purchaseInput("silent-de", { user: { email: "x@example.com", country: "DE" } }));
  await sandbox.arrived("webhook", "silent-de");
  expect(JSON.stringify(await app.trace("silent-de"))).toMatch(/default in DE/);
  expect(await sandbox.received({ platform: "meta", event_id: "silent-de" })).toEqual([]);
});

test("bad events are answered, kept and visible; their neighbours arrive", async () => {
  const answer = await app.post({
    events: [
      purchaseInput("good-1"),
      { event_name: "purchase", event_id: "bad-1", value: "NaN", currency: "EUR" },
      purchaseInput("good-2"),
    ],
  });
  expect(answer.status).toBe(202);
  expect(answer.body.results?.map((result) => result.status)).toEqual(["accepted", "rejected", "accepted"]);
  expect(answer.body.results?.[1]?.errors?.[0]?.field).toBe("value");
  await sandbox.arrived("meta", "good-1");
  await sandbox.arrived("meta", "good-2");
  await eventually("bad-1 in quarantine", async () => JSON.stringify(await app.trace("bad-1")).includes("value"));
});

test("one event that Meta refuses never fails its neighbours", async () => {
  await sandbox.script("meta", [{ rejectEventIds: ["poison-3"] }]);
  const ids = Array.from({ length: 8 }, (_, n) => `poison-${n}`);
  await app.send(ids.map((id) => purchaseInput(id)));
  for (const id of ids.filter((id) => id !== "poison-3")) await sandbox.arrived("meta", id);
  await eventually("the refusal in the story", async () =>
    JSON.stringify(await app.trace("poison-3")).includes("rejected"),
  );
  await sandbox.behave();
});

test("a platform's outage delays the delivery and is obeyed; the others do not notice", async () => {
  await sandbox.script("webhook", [{ status: 503, times: 1, headers: { "retry-after": "2" } }]);
  await app.send(purchaseInput("outage-1"));
  await sandbox.arrived("meta", "outage-1");
  await sandbox.arrived("webhook", "outage-1");
  const tried = await sandbox.received({ platform: "webhook", event_id: "outage-1" });
  expect(tried.map((one) => one.verdict)).toEqual(["failed", "counted"]);
  expect((tried[1]?.at ?? 0) - (tried[0]?.at ?? 0)).toBeGreaterThanOrEqual(2000);
  await sandbox.behave();
});

test.each([
  ["no key", {}, 401],
  ["a wrong key", { authorization: "Bearer nonsense" }, 401],
])("%s is refused", async (_, headers, status) => {
  const response = await fetch(`${app.apiUrl}/v1/events`, { method: "POST", headers, body: "{}" });
  expect(response.status).toBe(status);
});

test("a foreign origin, a secret key in a browser, and broken JSON are refused", async () => {
  const headers = { ...SHOP_VISITOR.headers, origin: "https://evil.example" };
  expect((await app.post(purchaseInput("x"), { ...SHOP_VISITOR, headers })).status).toBe(403);
  expect((await app.post(purchaseInput("x"), { ...SHOP_VISITOR, source: "shop-server" })).status).toBe(401);
  expect((await app.post("{not json")).status).toBe(400);
});

test("a preflight from the shop is answered without a key, one from elsewhere is not allowed", async () => {
  const preflight = (origin: string) =>
    fetch(`${app.apiUrl}/v1/batch`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
  const ours = await preflight("https://shop.example.com");
  expect(ours.headers.get("access-control-allow-origin")).toBe("https://shop.example.com");
  expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
});

test("nothing personal reaches a log line or a metric", async () => {
  const canary = {
    email: "canary.person@example.com",
    phone: "+16505551212",
    first_name: "Canarius",
    last_name: "Personsson",
  };
  const user = { ...canary, country: "US", ip: "198.51.100.77", user_agent: "Mozilla/5.0 Canary" };
  await app.send(purchaseInput("canary-1", { user }));
  await app.send({ event_name: "purchase", event_id: "canary-2", value: "x", user });
  await sandbox.arrived("meta", "canary-1");
  await sandbox.arrived("webhook", "canary-1");
  for (const planted of ["canary.person", "6505551212", "Canarius", "Personsson", "198.51.100.77"]) {
    expect(app.output()).not.toContain(planted);
  }
});
