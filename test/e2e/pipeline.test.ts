import { createHash } from "node:crypto";
import { Analytics as SegmentAnalytics } from "@segment/analytics-node";
import type { Platform } from "../../packages/sandbox/src/model.ts";
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

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Result {
  event_id: string;
  status: string;
  errors?: { field: string }[];
  warnings?: string[];
}

async function post(source: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.apiUrl}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.keys[source]}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : {}) as { results?: Result[] } };
}

const BROWSER = {
  origin: "https://shop.example.com",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
  "x-forwarded-for": "198.51.100.20",
};

const PERSON = { email: "refuses@example.com", country: "US", ip: "198.51.100.7", user_agent: "Mozilla/5.0" };

/** The event as this platform took it, once it did; fails when it counted more than once. */
async function arrived(platform: Platform, eventId: string) {
  return eventually(`${eventId} at ${platform}`, async () => {
    const counted = (await sandbox.received({ platform, event_id: eventId })).filter(
      (one) => one.verdict === "counted",
    );
    expect(counted.length).toBeLessThanOrEqual(1);
    return counted[0];
  });
}

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
      userAgent: BROWSER["user-agent"],
      page: { url: "https://shop.example.com/thanks?fbclid=IwAR0abc" },
    },
    // How Segment's own GA4 destination is told the client id.
    integrations: { "Google Analytics 4": { clientId: "1234567890.1700000000" } },
  });
  await analytics.closeAndFlush();

  const meta = await arrived("meta", "segment-order-1");
  const webhook = await arrived("webhook", "segment-order-1");
  expect(meta.problems).toEqual([]);
  expect(webhook.problems).toEqual([]);
  // The e-mail came with the identify call, not with the purchase.
  expect(meta.event).toMatchObject({
    user_data: { em: [sha256("segment.person@example.com")], ph: [sha256("16505551212")] },
  });
  // GA4 knows a purchase by its transaction id only.
  await arrived("ga4", "S-1");

  const story = await app.trace("segment-order-1");
  expect(JSON.stringify(story)).toContain("delivered");
  expect(JSON.stringify(story)).not.toMatch(/segment\.person@example\.com/i);
});

test("the browser's and the server's copy of one purchase are one conversion", async () => {
  const browserCopy = purchaseInput("both-1", { user: { anonymous_id: "anon-both-1", country: "US" } });
  const [first, second] = await Promise.all([
    post("shop-web", browserCopy, BROWSER),
    post("shop-server", purchaseInput("both-1")),
  ]);
  expect([first.status, second.status]).toEqual([202, 202]);

  for (const platform of ["meta", "ga4", "webhook"] as const) await arrived(platform, "both-1");
  await eventually("the duplicate in the story", async () =>
    JSON.stringify(await app.trace("both-1")).includes('"copies":2'),
  );
  for (const platform of ["meta", "ga4", "webhook"] as const) {
    const received = await sandbox.received({ platform, event_id: "both-1" });
    expect(received.filter((one) => one.verdict === "counted" || one.verdict === "duplicate")).toHaveLength(1);
  }
});

test("a refusal of consent keeps an event from the platforms that need it, and trace names the rule", async () => {
  const consent = {
    ad_storage: "denied",
    ad_user_data: "denied",
    ad_personalization: "denied",
    analytics_storage: "denied",
  };
  await post("shop-server", purchaseInput("refused-1", { consent }));
  await arrived("webhook", "refused-1");
  expect(await sandbox.received({ platform: "meta", event_id: "refused-1" })).toEqual([]);
  expect(await sandbox.received({ platform: "ga4", event_id: "refused-1" })).toEqual([]);
  expect(JSON.stringify(await app.trace("refused-1"))).toMatch(/denied/);
});

test("what the person refused in the browser holds for the server's event that says nothing", async () => {
  const consent = { ad_storage: "denied", ad_user_data: "denied", analytics_storage: "granted" };
  const visit = { event_name: "page_view", event_id: "visit-1", page: { url: "https://shop.example.com/" } };
  await post("shop-web", { ...visit, consent, user: { anonymous_id: "anon-refuses" } }, BROWSER);
  await arrived("webhook", "visit-1");

  await post("shop-server", purchaseInput("after-refusal", { user: { ...PERSON, anonymous_id: "anon-refuses" } }));
  await arrived("webhook", "after-refusal");
  await arrived("ga4", "after-refusal");
  expect(await sandbox.received({ platform: "meta", event_id: "after-refusal" })).toEqual([]);
  expect(JSON.stringify(await app.trace("after-refusal"))).toContain("ad_storage denied by the person earlier");
});

test("a header about the visitor's country is not believed unless the config says so: anybody can send one", async () => {
  const body = purchaseInput("purchase-header", { user: { email: "header@example.com" }, consent: {} });
  await post("shop-web", body, { ...BROWSER, "cloudfront-viewer-country": "DE" });
  await arrived("meta", "purchase-header");
});

test("silence in the EEA means no", async () => {
  await post("shop-server", purchaseInput("silent-de", { user: { email: "x@example.com", country: "DE" } }));
  await arrived("webhook", "silent-de");
  expect(JSON.stringify(await app.trace("silent-de"))).toMatch(/default in DE/);
  expect(await sandbox.received({ platform: "meta", event_id: "silent-de" })).toEqual([]);
});

test("bad events are answered, kept and visible; their neighbours arrive", async () => {
  const answer = await post("shop-server", {
    events: [
      purchaseInput("good-1"),
      { event_name: "purchase", event_id: "bad-1", value: "NaN", currency: "EUR" },
      purchaseInput("good-2"),
    ],
  });
  expect(answer.status).toBe(202);
  expect(answer.body.results?.map((result) => result.status)).toEqual(["accepted", "rejected", "accepted"]);
  expect(answer.body.results?.[1]?.errors?.[0]?.field).toBe("value");
  await arrived("meta", "good-1");
  await arrived("meta", "good-2");
  await eventually("bad-1 in quarantine", async () => JSON.stringify(await app.trace("bad-1")).includes("value"));
});

test("one event that Meta refuses never fails its neighbours", async () => {
  await sandbox.script("meta", [{ rejectEventIds: ["poison-3"] }]);
  const ids = Array.from({ length: 8 }, (_, n) => `poison-${n}`);
  await post("shop-server", { events: ids.map((id) => purchaseInput(id)) });
  for (const id of ids.filter((id) => id !== "poison-3")) await arrived("meta", id);
  await eventually("the refusal in the story", async () =>
    JSON.stringify(await app.trace("poison-3")).includes("rejected"),
  );
  await sandbox.behave();
});

test("a platform's outage delays the delivery and is obeyed; the others do not notice", async () => {
  await sandbox.script("webhook", [{ status: 503, times: 1, headers: { "retry-after": "2" } }]);
  await post("shop-server", purchaseInput("outage-1"));
  await arrived("meta", "outage-1");
  await arrived("webhook", "outage-1");
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
  expect((await post("shop-web", purchaseInput("x"), { ...BROWSER, origin: "https://evil.example" })).status).toBe(403);
  expect((await post("shop-server", purchaseInput("x"), BROWSER)).status).toBe(401);
  expect((await post("shop-server", "{not json")).status).toBe(400);
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
  await post("shop-server", [purchaseInput("canary-1", { user })][0]);
  await post("shop-server", { event_name: "purchase", event_id: "canary-2", value: "x", user });
  await arrived("meta", "canary-1");
  await arrived("webhook", "canary-1");
  for (const planted of ["canary.person", "6505551212", "Canarius", "Personsson", "198.51.100.77"]) {
    expect(app.output()).not.toContain(planted);
  }
});
