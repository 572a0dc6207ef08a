import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { Analytics as Analytics2 } from "segment-analytics-node-2";
import { ingestServer } from "../support/ingest-server.ts";
import { type IngestWorld, ingestWorld, quarantined, queuedEvents, SERVER_KEY } from "../support/ingest-world.ts";

let world: IngestWorld;
let server: Awaited<ReturnType<typeof ingestServer>>;

beforeEach(async () => {
  world = ingestWorld();
  server = await ingestServer(world);
});
afterEach(() => server.close());

const ORDER = {
  order_id: "A-1001",
  revenue: 39.95,
  currency: "eur",
  products: [{ product_id: "sku-1", name: "Schöner Hut 🎩", price: 39.95, quantity: 1 }],
};

for (const [version, Sdk] of [
  ["3", Analytics],
  ["2", Analytics2 as unknown as typeof Analytics],
] as const) {
  test(`events of @segment/analytics-node ${version} arrive as canonical events`, async () => {
    const sdk = new Sdk({ writeKey: SERVER_KEY, host: server.url, flushAt: 20, maxRetries: 0 });
    const failures: unknown[] = [];
    sdk.on("error", (error) => failures.push(error));
    sdk.identify({ userId: "u1", traits: { email: "ada@example.com", firstName: "Ada" } });
    sdk.track({ userId: "u1", event: "Order Completed", properties: ORDER, messageId: "m-1" });
    sdk.page({ anonymousId: "a1", name: "Home", properties: { url: "https://shop.example.com/?gclid=G1" } });
    await sdk.closeAndFlush({ timeout: 5000 });

    expect(failures).toEqual([]);
    expect(new Set(server.statuses)).toEqual(new Set([200]));
    expect(quarantined(world)).toEqual([]);
    const [identify, purchase, page] = queuedEvents(world);
    expect(identify).toMatchObject({
      event_name: "identify",
      user: { user_id: "u1", email: "ada@example.com", first_name: "Ada" },
    });
    expect(purchase).toMatchObject({
      event_id: "m-1",
      event_id_origin: "given",
      event_name: "purchase",
      order_id: "A-1001",
      value: "39.95",
      currency: "EUR",
      items: [{ id: "sku-1", name: "Schöner Hut 🎩", price: "39.95", quantity: 1 }],
      source: { id: "shop-server", dialect: "segment" },
      user: { user_id: "u1" },
    });
    expect(purchase?.source.library).toMatch(/^@segment\/analytics-node\/\d/);
    // The loopback address and the SDK's own user agent are not the person's.
    expect(purchase?.user).not.toHaveProperty("ip");
    expect(purchase?.user).not.toHaveProperty("user_agent");
    expect(page).toMatchObject({
      event_name: "page_view",
      user: { anonymous_id: "a1" },
      click_ids: { gclid: { value: "G1" } },
    });
  });
}

test("events of @rudderstack/rudder-sdk-node arrive: gzip, form content type, ids as text", async () => {
  const sdk = new RudderAnalytics(SERVER_KEY, {
    dataPlaneUrl: `${server.url}/`,
    flushAt: 20,
    logLevel: "none",
  } as never);
  // The SDK takes a message id, its types do not know it.
  sdk.track({ userId: "u1", event: "Order Completed", properties: ORDER, messageId: "m-1" } as never);
  sdk.identify({ userId: 42 as never, traits: { email: "ada@example.com" } });
  await sdk.flush();

  expect(new Set(server.statuses)).toEqual(new Set([200]));
  expect(quarantined(world)).toEqual([]);
  const events = queuedEvents(world);
  expect(events.find((event) => event.event_name === "purchase")).toMatchObject({
    event_id: "m-1",
    value: "39.95",
    currency: "EUR",
    source: { dialect: "rudderstack" },
  });
  expect(events.find((event) => event.event_name === "identify")?.user).toMatchObject({
    user_id: "42",
    email: "ada@example.com",
  });
});

test("a wrong key is told to the SDK and nothing is taken", async () => {
  const sdk = new Analytics({ writeKey: "wrong", host: server.url, maxRetries: 0 });
  const failures: unknown[] = [];
  sdk.on("error", (error) => failures.push(error));
  sdk.track({ userId: "u1", event: "Order Completed", properties: ORDER });
  await sdk.closeAndFlush({ timeout: 5000 });
  expect(failures).toHaveLength(1);
  expect(server.statuses).toEqual([401]);
  expect(world.queue.messages).toEqual([]);
});
