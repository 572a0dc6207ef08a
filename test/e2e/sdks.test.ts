import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics as Segment3 } from "@segment/analytics-node";
import { Analytics as Segment2 } from "segment-analytics-node-2";
import type { Platform } from "../../packages/sandbox/src/model.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import { type LossyProxy, lossyProxy } from "../support/lossy-proxy.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;
let proxy: LossyProxy;

beforeAll(async () => {
  app = await startApp({ config: "test/support/instant.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(() => app?.stop());
afterEach(() => proxy?.close());

/** One shopper's visit as a server's SDK reports it. */
interface Visit {
  readonly userId: string;
  readonly email: string;
  readonly order: string;
  readonly messageIds: { readonly identify: string; readonly page: string; readonly order: string };
}

/** Sends the visit; resolves when the SDK says that everything was taken. */
type SendVisit = (visit: Visit, host: string, key: string) => Promise<void>;

const CONTEXT = {
  ip: "198.51.100.9",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
  page: { url: "https://shop.example.com/thanks?fbclid=IwAR0abc" },
};
const CLIENT_ID = "1234567890.1700000000";
// How both vendors' own GA4 destinations are told the client id.
const INTEGRATIONS = { "Google Analytics 4": { clientId: CLIENT_ID } };

function calls({ userId, email, order, messageIds }: Visit) {
  const common = { userId, context: CONTEXT, integrations: INTEGRATIONS };
  return {
    identify: { ...common, messageId: messageIds.identify, traits: { email, phone: "+1 650 555 1212", country: "US" } },
    page: { ...common, messageId: messageIds.page, name: "Product", properties: { title: "Hat" } },
    order: {
      ...common,
      messageId: messageIds.order,
      event: "Order Completed",
      properties: {
        order_id: order,
        revenue: 39.95,
        currency: "eur",
        products: [{ product_id: "sku-1", name: "Schöner Hut 🎩", price: 39.95, quantity: 1 }],
      },
    },
  };
}

function withSegment(Sdk: typeof Segment3): SendVisit {
  return async (visit, host, writeKey) => {
    const sdk = new Sdk({ writeKey, host });
    const { identify, page, order } = calls(visit);
    sdk.identify(identify);
    sdk.page(page);
    sdk.track(order);
    await sdk.closeAndFlush();
  };
}

/** With its default options but for the noise: gzip, and the first event in a request of its own. */
const withRudderstack: SendVisit = async (visit, host, writeKey) => {
  const sdk = new RudderAnalytics(writeKey, { dataPlaneUrl: host, logLevel: "none" });
  const { identify, page, order } = calls(visit);
  // The SDK takes message ids and phone numbers, its types do not know them.
  sdk.identify(identify as never);
  sdk.page(page as never);
  sdk.track(order as never);
  await sdk.flush();
};

/** Every copy that the platform took, counted or dropped by it. */
async function copies(platform: Platform, eventId: string): Promise<number> {
  const received = await sandbox.received({ platform, event_id: eventId });
  return received.filter((one) => one.verdict === "counted" || one.verdict === "duplicate").length;
}

const SDKS: readonly [string, string, SendVisit][] = [
  ["@segment/analytics-node 3.1", "segment-3", withSegment(Segment3)],
  ["@segment/analytics-node 2.3", "segment-2", withSegment(Segment2 as unknown as typeof Segment3)],
  ["@rudderstack/rudder-sdk-node 3.0", "rudder-3", withRudderstack],
];

test.each(SDKS)(
  "%s: a visit arrives once everywhere, although the answer is lost and the SDK sends again",
  async (_, run, send) => {
    const visit: Visit = {
      userId: `${run}-user`,
      email: `${run}@Example.com`,
      order: `${run}-A1`,
      messageIds: { identify: `${run}-identify`, page: `${run}-page`, order: `${run}-order` },
    };
    proxy = await lossyProxy(app.apiUrl, 1);
    await send(visit, proxy.url, app.keys["shop-server"] ?? "");
    // Accepted, the answer lost, accepted again.
    expect(proxy.statuses.length).toBeGreaterThanOrEqual(2);
    expect(new Set(proxy.statuses)).toEqual(new Set([200]));

    const meta = await sandbox.arrived("meta", `${run}-order`);
    expect(meta.problems).toEqual([]);
    expect(meta.event).toMatchObject({
      event_name: "Purchase",
      event_id: `${run}-order`,
      event_source_url: CONTEXT.page.url,
      user_data: {
        // Known from the identify call only.
        em: [sha256Hex(`${run}@example.com`)],
        ph: [sha256Hex("16505551212")],
        external_id: [sha256Hex(`${run}-user`)],
        client_ip_address: CONTEXT.ip,
        client_user_agent: CONTEXT.userAgent,
        fbc: expect.stringMatching(/^fb\.1\.\d+\.IwAR0abc$/),
      },
      custom_data: { value: 39.95, currency: "EUR", order_id: visit.order },
    });
    // GA4 knows a purchase by its transaction id only.
    const ga4 = await sandbox.arrived("ga4", visit.order);
    expect(ga4.problems).toEqual([]);
    expect(ga4.event).toMatchObject({
      name: "purchase",
      params: { transaction_id: visit.order, value: 39.95, currency: "EUR", items: [{ item_id: "sku-1" }] },
    });
    const webhook = await sandbox.arrived("webhook", `${run}-order`);
    expect(webhook.problems).toEqual([]);
    expect(webhook.event).toMatchObject({
      type: "order.completed",
      data: {
        value: "39.95",
        items: [{ id: "sku-1", name: "Schöner Hut 🎩", price: "39.95", quantity: 1 }],
        user: { user_id: visit.userId, email_sha256: sha256Hex(`${run}@example.com`) },
      },
    });
    expect((await sandbox.arrived("meta", `${run}-page`)).event_name).toBe("PageView");
    expect((await sandbox.arrived("webhook", `${run}-page`)).event_name).toBe("page.viewed");

    // A later event of the same person comes after every copy of the earlier ones.
    const last = { ...visit, messageIds: { identify: `${run}-i2`, page: `${run}-p2`, order: `${run}-last` } };
    await send({ ...last, order: `${run}-A2` }, app.apiUrl, app.keys["shop-server"] ?? "");
    await Promise.all([
      sandbox.arrived("meta", `${run}-last`),
      sandbox.arrived("webhook", `${run}-last`),
      sandbox.arrived("ga4", `${run}-A2`),
    ]);
    expect(await copies("meta", `${run}-order`)).toBe(1);
    expect(await copies("meta", `${run}-page`)).toBe(1);
    expect(await copies("ga4", visit.order)).toBe(1);
    expect(await copies("webhook", `${run}-order`)).toBe(1);
    // An identify call teaches and is never delivered.
    expect(await sandbox.received({ event_id: `${run}-identify` })).toEqual([]);
  },
);

test("a copy that the queue cannot know as one, from another person's group, is dropped by the claim", async () => {
  const key = app.keys["shop-server"] ?? "";
  const post = (userId: string) =>
    fetch(`${app.apiUrl}/v1/batch`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, "content-type": "application/json" },
      body: JSON.stringify({
        batch: [{ type: "track", ...calls({ ...RESENT, userId }).order }],
        sentAt: new Date().toISOString(),
      }),
    });
  const RESENT = {
    userId: "",
    email: "",
    order: "resent-A1",
    messageIds: { identify: "", page: "", order: "resent-order" },
  };
  expect((await post("resent-1")).status).toBe(200);
  await sandbox.arrived("meta", "resent-order");
  // Another person's queue group: SQS's own deduplication, which holds within a group, does not see this copy.
  expect((await post("resent-2")).status).toBe(200);
  await eventually("the second copy in the story", async () =>
    JSON.stringify(await app.trace("resent-order")).includes('"copies":2'),
  );
  await sandbox.arrived("ga4", "resent-A1");
  await sandbox.arrived("webhook", "resent-order");
  for (const [platform, id] of [
    ["meta", "resent-order"],
    ["ga4", "resent-A1"],
    ["webhook", "resent-order"],
  ] as const) {
    expect(await copies(platform, id)).toBe(1);
  }
});

describe("what the browser SDKs load before their first event", () => {
  const origin = "https://shop.example.com";
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${app.apiUrl}${path}`, { headers: { origin, ...headers } });

  test("RudderStack's source config, by Basic user and by query", async () => {
    const key = app.keys["shop-web"] ?? "";
    const answers = await Promise.all([
      get("/sourceConfig?p=npm&v=3.34.1&build=modern", { authorization: `Basic ${btoa(`${key}:`)}` }),
      get(`/sourceConfig/?p=npm&v=3.34.1&writeKey=${key}`),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      const { source } = (await answer.json()) as { source: Record<string, unknown> };
      expect(source).toMatchObject({ writeKey: key, enabled: true, destinations: [] });
    }
  });

  test("Segment's settings of the project", async () => {
    const key = app.keys["shop-web"] ?? "";
    const answer = await get(`/v1/projects/${key}/settings`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(await answer.json()).toEqual({ integrations: { "Segment.io": { apiKey: key } } });
  });

  test.each(["/sourceConfig?writeKey=nonsense", "/v1/projects/nonsense/settings", "/sourceConfig"])(
    "%s is refused",
    async (path) => {
      expect((await get(path)).status).toBe(401);
    },
  );

  test("a server's key is no browser's", async () => {
    expect((await get(`/v1/projects/${app.keys["shop-server"]}/settings`)).status).toBe(401);
  });
});
