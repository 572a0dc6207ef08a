import type { Platform } from "../../packages/sandbox/src/model.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import { SHOP_VISITOR } from "../support/app-calls.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/orders.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

/** A purchase as a tag sees it, after a visit through a campaign. */
async function bought(order_id: string, consent: object): Promise<void> {
  const event = {
    event_name: "purchase",
    order_id,
    value: "149.85",
    currency: "EUR",
    page: { url: `https://shop.example.com/thanks?utm_source=newsletter&utm_campaign=may&gclid=Cj0-${order_id}` },
    user: { email: `${order_id}@example.com`, country: "US" },
    browser_ids: { fbp: `fb.1.1700000000000.${order_id.length}`, ga_client_id: `${order_id.length}.1700000000` },
    consent,
  };
  await app.send(event, SHOP_VISITOR);
  await ended(`purchase-${order_id}`);
}

/** Its refund as a back end reports it that keeps orders and no people. */
async function refunded(order_id: string): Promise<void> {
  const properties = { remaining: "100.00", bought_at: new Date().toISOString() };
  const event = { event_id: `refund-${order_id}`, event_name: "refund", order_id, value: "49.85", currency: "EUR" };
  await app.send({ ...event, user: { country: "US" }, properties });
  await ended(`refund-${order_id}`);
}

/** Waits until no lane has anything left to do. */
async function ended(id: string): Promise<void> {
  await eventually(`the end of ${id}`, async () => {
    const { deliveries = [] } = (await app.story(id)) ?? {};
    return deliveries.length > 0 && deliveries.every(({ state }) => state !== "pending") ? true : undefined;
  });
}

async function sentTo(platform: Platform, name: RegExp): Promise<string> {
  const events = await sandbox.received({ platform });
  return JSON.stringify(events.filter((one) => name.test(JSON.stringify(one.event))).map(({ event }) => event));
}

test("a refund that a server knows by its order alone reaches the platforms with the buyer's identifiers", async () => {
  await bought("R-1001", GRANTED);
  await refunded("R-1001");
  const told = await app.story("refund-R-1001");
  expect(told?.story?.identity).toMatchObject({ found_by: "order", learned: [] });
  expect(told?.story?.carried).toEqual(["address"]);
  expect(told?.story?.identity.filled).toEqual(
    expect.arrayContaining(["email_plain", "fbp", "ga_client_id", "gclid", "first_touch", "last_touch"]),
  );

  expect(await sentTo("meta", /refund-R-1001/)).toContain(sha256Hex("r-1001@example.com"));
  expect(await sentTo("meta", /refund-R-1001/)).toContain("fb.1.1700000000000.6");
  // GA4 takes no event without the browser's id, and no refund without the order.
  expect(await sentTo("ga4", /"refund".*"R-1001"/)).not.toBe("[]");
  // Google has the purchase under this order as well: the click comes with both, and the address's hash with both.
  const google = await sandbox.received({ platform: "google-ads" });
  expect(google).toHaveLength(2);
  for (const { event, valid } of google) {
    expect(valid).toBe(true);
    expect(JSON.stringify(event)).toContain(sha256Hex("r-1001@example.com"));
    expect(JSON.stringify(event)).toContain("Cj0-R-1001");
  }
  expect(await sentTo("webhook", /refund-R-1001/)).toContain('"campaigns":{"first":{"source":"newsletter"');
});

test("the buyer's refusals hold for the refund, which says nothing of consent itself", async () => {
  await bought("R-2002", { ...GRANTED, ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied" });
  await refunded("R-2002");
  const told = await app.story("refund-R-2002");
  expect(told?.story?.identity).toMatchObject({ found_by: "order" });
  expect(told?.deliveries.find(({ lane }) => lane === "meta")?.state).toBe("skipped");
  expect(JSON.stringify(await sandbox.received({ platform: "meta" }))).not.toContain("R-2002");
  const left = await sandbox.received({ event_id: "refund-R-2002" });
  expect(left.length).toBeGreaterThan(0);
  expect(JSON.stringify(left)).not.toContain(sha256Hex("r-2002@example.com"));
});

test("an order that nobody is known to have placed is sent as it came", async () => {
  await refunded("R-3003");
  const told = await app.story("refund-R-3003");
  expect(told?.story?.identity).toEqual({ filled: [], learned: [] });
  const states = told?.deliveries.map(({ lane, state }) => `${lane} ${state}`);
  expect(states).toEqual(expect.arrayContaining(["ga4 skipped", "google-ads skipped", "webhook delivered"]));
});
