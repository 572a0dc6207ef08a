import { gzipSync } from "node:zlib";
import { appFacts } from "../../src/core/extinfo.ts";
import {
  APP_KEY,
  BROWSER_KEY,
  ingestWorld,
  NOW,
  ORIGIN,
  quarantined,
  queuedEvents,
  SERVER_KEY,
  send,
} from "../support/ingest-world.ts";

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` });
const track = (changes: object = {}) => ({
  type: "track",
  event: "Order Completed",
  messageId: "m1",
  userId: "u1",
  ...changes,
});

describe("routes", () => {
  test.each([
    ["/v1/batch", { batch: [track()] }],
    ["/v1/b", { batch: [track()] }],
    ["/v1/import", { batch: [track()] }],
    ["/beacon/v1/batch", { batch: [track()] }],
    ["/v1/t", track({ type: undefined })],
    ["/v1/track/", track({ type: undefined })],
    ["//v1//track", track({ type: undefined })],
  ])("POST %s", async (path, body) => {
    const world = ingestWorld();
    const { status, body: text } = await send(world, { path, headers: basic(SERVER_KEY), body });
    expect([status, text]).toEqual([200, '{"success":true}']);
    expect(queuedEvents(world)).toMatchObject([{ event_name: "purchase", event_id: "m1" }]);
  });

  test.each([
    ["i", "identify", "identify"],
    ["p", "page", "page_view"],
    ["s", "screen", "page_view"],
    ["g", "group", "identify"],
    ["a", "alias", "identify"],
  ])("/v1/%s is %s", async (letter, type, name) => {
    const world = ingestWorld();
    for (const path of [`/v1/${letter}`, `/v1/${type}`]) {
      await send(world, {
        path,
        headers: basic(SERVER_KEY),
        body: { userId: "u1", previousId: "a1", messageId: path },
      });
    }
    expect(queuedEvents(world).map((event) => event.event_name)).toEqual([name, name]);
  });

  test.each(["/v1/m", "/rsaMetrics"])("POST %s is taken and forgotten", async (path) => {
    const world = ingestWorld();
    expect((await send(world, { path, headers: {}, body: { series: [] } })).status).toBe(200);
    expect(world.queue.messages).toEqual([]);
  });

  test("the pixel answers with an image", async () => {
    const world = ingestWorld();
    const query = {
      writeKey: BROWSER_KEY,
      event: "Lead",
      anonymousId: "a1",
      "properties.currency": "EUR",
      "__proto__.x": "1",
    };
    const response = await send(world, {
      method: "GET",
      path: "/pixel/v1/track",
      headers: { referer: `${ORIGIN}/` },
      query,
    });
    expect([response.status, response.headers["content-type"], response.base64]).toEqual([200, "image/gif", true]);
    expect(Buffer.from(response.body, "base64").subarray(0, 3).toString()).toBe("GIF");
    expect(queuedEvents(world)).toMatchObject([{ event_name: "lead", currency: "EUR", user: { anonymous_id: "a1" } }]);
    expect({}).not.toHaveProperty("x");
  });

  test("browser SDKs find the settings that they load first", async () => {
    const get = { method: "GET", headers: { origin: ORIGIN } };
    const segment = await send(ingestWorld(), { ...get, path: `/v1/projects/${BROWSER_KEY}/settings` });
    expect(segment.json).toEqual({ integrations: { "Segment.io": { apiKey: BROWSER_KEY } } });
    const rudder = await send(ingestWorld(), { ...get, path: "/sourceConfig/", headers: basic(BROWSER_KEY) });
    expect(rudder.json.source).toMatchObject({ writeKey: BROWSER_KEY, enabled: true, destinations: [] });
    expect((await send(ingestWorld(), { ...get, path: `/v1/projects/${SERVER_KEY}/settings` })).status).toBe(401);
  });
});

describe("keys", () => {
  test.each([
    ["Basic without a colon", { authorization: `Basic ${Buffer.from(SERVER_KEY).toString("base64")}` }, {}],
    ["top level of the body", {}, { writeKey: SERVER_KEY }],
    ["first event of the body", {}, { batch: [track({ writeKey: SERVER_KEY })] }],
    ["body, beside Segment's own Bearer token", { authorization: "Bearer oauth-token" }, { writeKey: SERVER_KEY }],
  ])("%s", async (_name, headers, body) => {
    const { status } = await send(ingestWorld(), { path: "/v1/batch", headers, body: { batch: [track()], ...body } });
    expect(status).toBe(200);
  });

  test("the query, as the beacon does", async () => {
    const beacon = { path: "/beacon/v1/batch", query: { writeKey: BROWSER_KEY }, headers: { origin: ORIGIN } };
    expect((await send(ingestWorld(), { ...beacon, body: { batch: [track()] } })).status).toBe(200);
  });

  test.each([
    ["key_missing", {}, {}],
    ["key_missing", { authorization: "Bearer oauth-token" }, {}],
    ["key_unknown", basic("nobody"), {}],
    ["key_mismatch", basic(SERVER_KEY), { writeKey: BROWSER_KEY }],
    ["secret_key_in_browser", { ...basic(SERVER_KEY), origin: ORIGIN }, {}],
  ])("401 %s", async (error, headers, body) => {
    const response = await send(ingestWorld(), { path: "/v1/batch", headers, body: { batch: [track()], ...body } });
    expect([response.status, response.json.error]).toEqual([401, error]);
  });
});

test("a mobile SDK under an app's key finds its settings, and its connection and clock are the device's", async () => {
  const world = ingestWorld();
  const settings = await send(world, { method: "GET", path: `/v1/projects/${APP_KEY}/settings`, headers: {} });
  expect(settings.json).toEqual({ integrations: { "Segment.io": { apiKey: APP_KEY } } });
  const hour = 3_600_000;
  const times = { timestamp: new Date(NOW - 2 * hour).toISOString(), sentAt: new Date(NOW - hour).toISOString() };
  const body = track({ ...times, context: { ip: "1.1.1.1", userAgent: "App/1" } });
  await send(world, { path: "/v1/t", headers: basic(APP_KEY), body });
  expect(queuedEvents(world)).toMatchObject([
    { action_source: "app", event_time: NOW - hour, user: { ip: "93.184.216.34", user_agent: "App/1" } },
  ]);
});

describe("bodies", () => {
  test.each([
    [400, "invalid_json", "webhook_id=1"],
    [400, "invalid_json", ""],
    [400, "invalid_batch", "[]"],
    [400, "invalid_batch", '{"batch":[]}'],
    [400, "invalid_batch", '{"batch":"x"}'],
    [413, "too_large", gzipSync(Buffer.alloc(5 * 1024 * 1024))],
  ])("%i %s", async (status, error, body) => {
    const response = await send(ingestWorld(), { path: "/v1/batch", headers: basic(SERVER_KEY), body });
    expect([response.status, response.json.error]).toEqual([status, error]);
  });

  test("what is wrong inside a valid batch is quarantined, and the answer is still success", async () => {
    const world = ingestWorld();
    const batch = [
      7,
      null,
      track({ event: undefined }),
      { type: "dance" },
      track({ properties: { revenue: "12,50" } }),
      track({ properties: { pad: Array(20).fill("x".repeat(4000)) } }),
      { type: "record" },
      track({ messageId: "good" }),
    ];
    const { status } = await send(world, { path: "/v1/batch", headers: basic(SERVER_KEY), body: { batch } });
    expect(status).toBe(200);
    expect(queuedEvents(world).map((event) => event.event_id)).toEqual(["good"]);
    expect(quarantined(world).map((entry) => entry.reasons[0]?.field)).toEqual(["", "", "event", "type", "value", ""]);
  });

  test("one message that the queue refuses sends the whole batch back", async () => {
    const world = ingestWorld();
    world.queue.refuse = (message) => (message.body.includes("m2") ? "InternalError" : undefined);
    const body = { batch: [track(), track({ messageId: "m2" })] };
    const response = await send(world, { path: "/v1/batch", headers: basic(SERVER_KEY), body });
    expect([response.status, response.headers["retry-after"]]).toEqual([503, "5"]);
  });

  test("events without an id of their own get the same one when a batch comes again, and no other event does", async () => {
    const world = ingestWorld();
    const at = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();
    const bare = (changes: object) => track({ messageId: undefined, timestamp: at(9), ...changes });
    const batch = [bare({}), bare({ userId: "u2" }), bare({ timestamp: at(8) })];
    const post = (sentAt: string) =>
      send(world, {
        path: "/v1/batch",
        headers: basic(SERVER_KEY),
        body: { batch: batch.map((event) => ({ ...event, sentAt })), sentAt },
      });
    world.queue.refuse = (message) => (message.body.includes('"u2"') ? "InternalError" : undefined);
    expect((await post(at(2))).status).toBe(503);
    world.queue.refuse = () => undefined;
    expect((await post(at(1))).status).toBe(200);
    const events = queuedEvents(world);
    expect(events).toHaveLength(3);
    expect(new Set(events.map((event) => event.event_id)).size).toBe(3);
    for (const { event_id_origin } of events) expect(event_id_origin).toBe("generated");
  });

  test("the same content without a time of its own is another event each time: nothing says that it is a copy", async () => {
    const world = ingestWorld();
    const post = () =>
      send(world, {
        path: "/v1/t",
        headers: basic(SERVER_KEY),
        body: track({ messageId: undefined, type: undefined }),
      });
    await post();
    await post();
    expect(queuedEvents(world)).toHaveLength(2);
  });
});

describe("mapping", () => {
  async function mapped(event: object, changes: Parameters<typeof ingestWorld>[0] = {}, envelope: object = {}) {
    const world = ingestWorld(changes);
    await send(world, { path: "/v1/batch", headers: basic(SERVER_KEY), body: { batch: [event], ...envelope } });
    expect(quarantined(world)).toEqual([]);
    return queuedEvents(world)[0];
  }

  test("the batch's context and integrations lie under the event's own; its timestamp is nobody's", async () => {
    const event = await mapped(
      track({ context: { ip: "8.8.8.8" } }),
      {},
      {
        context: { ip: "9.9.9.9", userAgent: "UA" },
        integrations: { All: false, "Facebook Conversions API": true },
        timestamp: "2020-01-01T00:00:00Z",
      },
    );
    expect(event).toMatchObject({
      event_time: NOW,
      user: { ip: "8.8.8.8", user_agent: "UA" },
      destinations: { all: false, meta: true },
    });
  });

  test("a device's connection stands in for an address that its SDK does not know; a server's never", async () => {
    const ios = { library: { name: "analytics-ios", version: "4" }, userAgent: "App/1" };
    const event = await mapped(track({ context: ios }));
    expect(event).toMatchObject({ action_source: "app", user: { ip: "93.184.216.34", user_agent: "App/1" } });
    expect((await mapped(track({ context: { direct: true } })))?.user.ip).toBe("93.184.216.34");
    expect((await mapped(track()))?.user).toEqual({ user_id: "u1" });
    const relayed = await mapped(track({ context: { library: { name: "analytics.js" } }, request_ip: "8.8.4.4" }));
    expect(relayed?.user).toEqual({ user_id: "u1", ip: "8.8.4.4" });
    expect((await mapped(track({ context: { library: { name: "analytics.js" } } })))?.user).toEqual({ user_id: "u1" });
  });

  test("a device's clock is corrected, a server's queueing is not taken for a wrong clock", async () => {
    const hour = 3_600_000;
    const times = { timestamp: new Date(NOW - 2 * hour).toISOString(), sentAt: new Date(NOW - hour).toISOString() };
    const phone = { library: { name: "analytics-ios", version: "4" } };
    expect((await mapped(track({ ...times, context: phone })))?.event_time).toBe(NOW - hour);
    expect((await mapped(track(times)))?.event_time).toBe(NOW - 2 * hour);
    // Under a server's key a browser's event is relayed, and `receivedAt` says that somebody took it before us.
    const browser = { library: { name: "analytics.js", version: "next-1.84.3" } };
    expect((await mapped(track({ ...times, context: browser })))?.event_time).toBe(NOW - 2 * hour);
    const replayed = track({ ...times, context: phone, receivedAt: times.sentAt });
    expect((await mapped(replayed))?.event_time).toBe(NOW - 2 * hour);
    const world = ingestWorld();
    const headers = { ...basic(BROWSER_KEY), origin: ORIGIN };
    await send(world, { path: "/v1/t", headers, body: track({ ...times, context: browser }) });
    expect(queuedEvents(world)[0]?.event_time).toBe(NOW - hour);
  });

  test("RudderStack's identify has its traits in the context only, and an empty user id is none", async () => {
    const event = await mapped({
      type: "identify",
      channel: "web",
      userId: "",
      anonymousId: "a1",
      originalTimestamp: new Date(NOW - 1000).toISOString(),
      context: {
        traits: { email: "ada@example.com", address: { postal_code: 12345 } },
        library: { name: "RudderLabs JavaScript SDK" },
      },
    });
    expect(event).toMatchObject({
      event_name: "identify",
      event_time: NOW - 1000,
      source: { dialect: "rudderstack" },
      user: { anonymous_id: "a1", email: "ada@example.com", postal_code: "12345" },
    });
    expect(event?.user).not.toHaveProperty("user_id");
  });

  test("a group's traits are not the person's", async () => {
    const event = await mapped({ type: "group", userId: "u1", groupId: "g", traits: { email: "office@example.com" } });
    expect(event?.user).toEqual({ user_id: "u1" });
  });

  test.each([
    ["node-next-1795441507296-a5c08c6a-4913-4fd3-9d52-363b02a44b87", "purchase-A-1"],
    ["ajs-next-1795441507296-a5c08c6a-4913-4fd3-9d52-363b02a44b87", "purchase-A-1"],
    ["a5c08c6a-4913-4fd3-9d52-363b02a44b87", "purchase-A-1"],
    ["order-A-1-thanks-page", "order-A-1-thanks-page"],
  ])("the order's id takes the place of a message id that an SDK made up: %s → %s", async (messageId, expected) => {
    const event = track({ messageId, properties: { order_id: "A-1", revenue: 1 } });
    expect((await mapped(event))?.event_id).toBe(expected);
    expect((await mapped(event, { server: { purchaseEventId: "message_id" } }))?.event_id).toBe(messageId);
  });

  test("click ids are found wherever senders put them", async () => {
    const event = await mapped(
      track({
        context: {
          page: { url: "https://shop.example.com/", search: "?msclkid=M" },
          campaign: { gclid: "G" },
          referrer: { type: "facebook", id: "F" },
        },
        properties: { ttclid: "T" },
        integrations: { "Facebook Conversions API": { fbc: "fb.1.1700000000000.Q" }, Other: { twclid: "X" } },
      }),
    );
    const values = Object.entries(event?.click_ids ?? {}).map(([name, seen]) => [name, seen.value]);
    expect(Object.fromEntries(values)).toEqual({ msclkid: "M", gclid: "G", fbclid: "F", ttclid: "T", twclid: "X" });
    expect(event?.browser_ids).toEqual({ fbc: "fb.1.1700000000000.Q" });
  });

  test("consent categories of the sender's CMP become purposes", async () => {
    const categories = { ads: ["ad_storage", "ad_user_data"], stats: ["analytics_storage"] } as const;
    const event = track({ context: { consent: { categoryPreferences: { ads: true } } } });
    expect((await mapped(event, { categories }))?.consent).toEqual({
      ad_storage: "granted",
      ad_user_data: "granted",
      analytics_storage: "denied",
    });
    expect(await mapped(track({ context: { consent: {} } }), { categories })).not.toHaveProperty("consent");
  });

  test("a Segment event that RudderStack or a replay passes on keeps the person's no", async () => {
    const categories = { ads: ["ad_storage", "ad_user_data"] } as const;
    const denied = { consent: { categoryPreferences: { ads: false } } };
    for (const marks of [{ originalTimestamp: "2026-11-20T11:00:00Z" }, { channel: "server" }, {}]) {
      const event = await mapped(track({ ...marks, context: denied }), { categories });
      expect(event?.consent).toEqual({ ad_storage: "denied", ad_user_data: "denied" });
    }
  });

  test("a phone's app and device come along", async () => {
    const context = {
      library: { name: "analytics-ios", version: "4.1.8" },
      app: { name: "Shop", namespace: "com.example.shop", version: "5.1", build: "512" },
      os: { name: "iOS", version: "17.2" },
      device: { type: "ios", id: "IDFV-1", model: "iPhone15,2", advertisingId: "ABC", adTrackingEnabled: true },
      screen: { width: 390, height: 844, density: 3 },
      network: { carrier: "Telekom" },
      locale: "de-DE",
      timezone: "Europe/Berlin",
    };
    const event = await mapped(track({ context }));
    expect(event && appFacts(event)).toMatchObject({ advertiser_tracking_enabled: 1 });
    expect(event).toMatchObject({
      action_source: "app",
      app: { platform: "ios", id: "com.example.shop", name: "Shop", version: "5.1", build: "512" },
      device: {
        os_version: "17.2",
        model: "iPhone15,2",
        locale: "de-DE",
        timezone_name: "Europe/Berlin",
        carrier: "Telekom",
        screen_width: "390",
        screen_height: "844",
        screen_density: "3",
        advertising_id: "ABC",
        advertising_tracking_allowed: true,
        vendor_id: "IDFV-1",
      },
    });
  });

  test("an amount that is none costs a purchase and nothing else; the key stays out of quarantine", async () => {
    const world = ingestWorld();
    const batch = [
      track({ event: "Mood Chosen", messageId: "mood", properties: { value: "red", currency: "points" } }),
      track({ messageId: "bad-amount", writeKey: SERVER_KEY, properties: { revenue: "red" } }),
      track({ messageId: "bad-currency", properties: { revenue: 5, currency: "Bitcoin" } }),
      track({ messageId: "bad-name", event: undefined, properties: { "ada@example.com": 1 } }),
      track({
        messageId: "wide",
        properties: { "ada@example.com": Object.fromEntries([...Array(600).keys()].map((n) => [n, 1])) },
      }),
    ];
    await send(world, { path: "/v1/batch", headers: basic(SERVER_KEY), body: { batch } });
    expect(queuedEvents(world)).toMatchObject([{ event_id: "mood", properties: { value: "red", currency: "points" } }]);
    expect(quarantined(world).map((entry) => [entry.event_id, entry.reasons[0]?.field])).toEqual([
      ["bad-amount", "value"],
      ["bad-currency", "currency"],
      ["bad-name", "event"],
      ["wide", "properties.*"],
    ]);
    expect(JSON.stringify(quarantined(world))).not.toContain(SERVER_KEY);
  });
});
