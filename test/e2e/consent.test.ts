import type { Platform } from "../../packages/sandbox/src/model.ts";
import type { DestinationHealth } from "../../src/ops/contract/destinations.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { tcString } from "../support/consent-strings.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/consent.config.ts", synthesises: true });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

/** A purchase that the server tells of, of a person of its own if no other one is named. */
async function buy(
  id: string,
  place: { country: string; region?: string },
  consent: object,
  person = id,
): Promise<void> {
  const user = {
    email: `${person}@example.com`,
    anonymous_id: `anon-${id}`,
    ip: "198.51.100.7",
    user_agent: "Mozilla/5.0",
    ...place,
  };
  await app.send(purchaseInput(id, { user, consent }));
}

async function arrived(platform: Platform, find: { event_id: string } | { about: RegExp }): Promise<string> {
  return eventually(`the event at ${platform}`, async () => {
    const received = await sandbox.received("event_id" in find ? { platform, event_id: find.event_id } : { platform });
    const texts = received.filter(({ verdict }) => verdict === "counted").map((one) => JSON.stringify(one));
    return "about" in find ? texts.find((text) => find.about.test(text)) : texts[0];
  });
}

test("who refuses personalised ads is counted by Meta with its flags, and trace says so", async () => {
  await buy("limited-1", { country: "US", region: "TX" }, { ...GRANTED, ad_personalization: "denied" });
  const taken = await arrived("meta", { event_id: "limited-1" });
  expect(taken).toMatch(
    /"data_processing_options":\["LDU"\],"data_processing_options_country":1,"data_processing_options_state":1005/,
  );
  expect(taken).toMatch(/"opt_out":true/);
  const told = JSON.stringify(await app.trace("limited-1"));
  expect(told).toContain("limited use: ad_personalization denied by the person");
  expect(told).toContain('"behaviour":"limited"');
});

test("a rule holds everything back from one state, and no more than that", async () => {
  await buy("california-1", { country: "US", region: "CA" }, GRANTED);
  await buy("nevada-1", { country: "US", region: "NV" }, GRANTED);
  await arrived("meta", { event_id: "nevada-1" });
  await arrived("webhook", { event_id: "california-1" });
  expect(await sandbox.received({ platform: "meta", event_id: "california-1" })).toEqual([]);
  expect(JSON.stringify(await app.trace("california-1"))).toContain("held back by consentRules not-in-california");
});

test("an event goes out as one of nobody where that was asked for", async () => {
  await buy("nobody-1", { country: "US", region: "NV" }, { ...GRANTED, ad_storage: "denied" });
  const taken = await arrived("webhook", { about: /anonymous-[0-9a-f]{32}/ });
  expect(taken).not.toMatch(/nobody-1|198\.51\.100\.7|Mozilla/);
  expect(JSON.stringify(await app.trace("nobody-1"))).toContain('"behaviour":"without_identifiers"');
});

test("an override is told with the decision that it touches, and with the destination", async () => {
  await buy("override-1", { country: "CA" }, { ...GRANTED, analytics_storage: "denied" });
  await eventually("the event at ga4", async () => {
    const story = await app.story("override-1");
    return story?.deliveries.some(({ lane, state }) => lane === "ga4" && state === "delivered");
  });
  expect(JSON.stringify(await app.trace("override-1"))).toContain("loosened by override own-analytics");
  const health = await app.ops<DestinationHealth>("GET", "destinations/ga4");
  expect(health.consent_overrides).toEqual([
    { name: "own-analytics", because: "The tests show that an override is told wherever it counts." },
  ]);
});

describe("in a browser", () => {
  const BROWSER = { origin: "https://shop.example.com", "user-agent": "Mozilla/5.0 Chrome/142.0", "sec-gpc": "0" };

  async function visit(id: string, consent: object, headers: Record<string, string> = {}): Promise<void> {
    const sender = { source: "shop-web", headers: { ...BROWSER, ...headers } };
    await app.send(purchaseInput(id, { user: { email: `${id}@example.com` }, consent }), sender);
  }

  /** Every event reaches the webhook, if only as one of nobody: what is not at Meta by then is not on its way. */
  async function heldBackFromMeta(id: string): Promise<string> {
    const told = await eventually(`${id} at the webhook`, async () => {
      const story = await app.story(id);
      return story?.deliveries.some(({ lane, state }) => lane === "webhook" && state === "delivered") && story;
    });
    expect(await sandbox.received({ platform: "meta", event_id: id })).toEqual([]);
    return JSON.stringify(told);
  }

  test("a TC string without purpose 7 keeps the purchase from Meta, and trace says so; with it, it goes", async () => {
    await visit("tcf-refused", { tcf: tcString({ purposes: [1, 2, 3, 4] }) });
    await visit("tcf-granted", { tcf: tcString({ purposes: [1, 2, 3, 4, 7] }) }, { "cloudfront-viewer-country": "DE" });
    await arrived("meta", { event_id: "tcf-granted" });
    expect(JSON.stringify(await app.trace("tcf-granted"))).toContain("granted by the TCF string");
    expect(await heldBackFromMeta("tcf-refused")).toContain("ad_user_data denied by the TCF string");
  });

  test("a company that the TC string leaves out gets nothing of what it grants to the others", async () => {
    const analytics_storage = "granted";
    await visit("tcf-vendor", { tcf: tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [32] } }), analytics_storage });
    await arrived("meta", { event_id: "tcf-vendor" });
    expect(JSON.stringify(await app.trace("tcf-vendor"))).toContain("not granted to this vendor by the TCF string");
    // Nor of a later event of the same person that says nothing: the others hear of it by what was granted before.
    await buy("tcf-vendor-later", { country: "DE" }, {}, "tcf-vendor");
    await arrived("meta", { event_id: "tcf-vendor-later" });
    const later = JSON.stringify(await app.trace("tcf-vendor-later"));
    expect(later).toContain("granted by the person earlier");
    expect(later).toContain("not granted to this vendor by the TCF string");
  });

  test("a string that does not decode is no answer, and trace shows that", async () => {
    await visit("tcf-broken", { tcf: "CPX-cut-off" }, { "cloudfront-viewer-country": "DE" });
    const told = await heldBackFromMeta("tcf-broken");
    expect(told).toContain("consent.tcf is no whole TC string of TCF 2");
    expect(told).toContain("not answered; denied by default in DE");
  });

  test("where nobody answered, the country of a believed header decides", async () => {
    await visit("geo-de", {}, { "cloudfront-viewer-country": "DE", "cloudfront-viewer-country-region": "BE" });
    await visit("geo-us", {}, { "cloudfront-viewer-country": "US", "cloudfront-viewer-country-region": "NV" });
    await arrived("meta", { event_id: "geo-us" });
    expect(await heldBackFromMeta("geo-de")).toContain("denied by default in DE-BE");
  });
});
