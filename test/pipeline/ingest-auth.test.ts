import {
  APP_KEY,
  BROWSER_KEY,
  FROM_PAGE,
  ingestWorld,
  NOW,
  ORIGIN,
  PURCHASE,
  quarantined,
  queuedEvents,
  SERVER_KEY,
  send,
} from "../support/ingest-world.ts";

describe("who may send", () => {
  test.each([
    ["Bearer", { authorization: `Bearer ${SERVER_KEY}` }],
    ["Basic", { authorization: `Basic ${Buffer.from(`${SERVER_KEY}:""`).toString("base64")}` }],
    ["Basic without its colon", { authorization: `Basic ${Buffer.from(SERVER_KEY).toString("base64")}` }],
    ["its own header", { "x-tracklayer-key": SERVER_KEY }],
  ])("a server's key is taken as %s", async (_name, headers) => {
    expect((await send(ingestWorld(), { headers, body: PURCHASE })).status).toBe(202);
  });

  test("a beacon has its key in the query", async () => {
    const headers = { origin: ORIGIN, "content-type": "text/plain;charset=UTF-8" };
    const { status } = await send(ingestWorld(), {
      headers,
      query: { key: BROWSER_KEY },
      body: { event_name: "lead" },
    });
    expect(status).toBe(202);
  });

  test.each([
    [401, "key_missing", {}, {}],
    [401, "key_unknown", { authorization: "Bearer nobody" }, {}],
    [401, "secret_key_in_browser", { authorization: `Bearer ${SERVER_KEY}`, origin: ORIGIN }, {}],
    [401, "secret_key_in_url", {}, { key: SERVER_KEY }],
    [403, "origin_not_allowed", { authorization: `Bearer ${BROWSER_KEY}`, origin: "https://evil.example" }, {}],
    [403, "origin_not_allowed", { authorization: `Bearer ${BROWSER_KEY}`, origin: "null" }, {}],
    [403, "origin_not_allowed", { authorization: `Bearer ${BROWSER_KEY}`, origin: `${ORIGIN}.evil.example` }, {}],
    [403, "origin_not_allowed", { authorization: `Bearer ${BROWSER_KEY}` }, {}],
  ])("%i %s", async (status, error, headers, query) => {
    const world = ingestWorld();
    const response = await send(world, { headers, query, body: PURCHASE });
    expect([response.status, response.json.error]).toEqual([status, error]);
    expect(world.queue.messages).toEqual([]);
    expect(JSON.stringify(world.warnings)).not.toContain(SERVER_KEY);
    expect(world.warnings).toHaveLength(error.startsWith("secret_") ? 1 : 0);
  });

  test("a page that only shows its Referer is known by it", async () => {
    const headers = { authorization: `Bearer ${BROWSER_KEY}`, referer: `${ORIGIN}/cart?x=1` };
    expect((await send(ingestWorld(), { headers, body: { event_name: "lead" } })).status).toBe(202);
  });

  test("a browser cannot take back revenue", async () => {
    const world = ingestWorld();
    const { json } = await send(world, { headers: FROM_PAGE, body: { event_name: "refund", order_id: "A-1" } });
    expect(json.results[0]).toMatchObject({ status: "rejected", errors: [{ field: "event_name" }] });
    expect(quarantined(world)).toHaveLength(1);
  });

  test("a key that cannot be checked now is not called wrong", async () => {
    const world = ingestWorld();
    world.keys = { find: () => Promise.reject(new Error("throttled")) };
    const response = await send(world, { body: PURCHASE });
    expect([response.status, response.headers["retry-after"]]).toEqual([503, "5"]);
  });
});

describe("an app's public key", () => {
  const headers = { authorization: `Bearer ${APP_KEY}`, "user-agent": "okhttp/4" };
  const app = { platform: "android", id: "com.example.shop" };

  test("is taken without an origin, and the connection is the person's", async () => {
    const world = ingestWorld();
    const { json } = await send(world, {
      headers,
      body: {
        sent_at: NOW + 3_600_000,
        events: [
          {
            ...PURCHASE,
            app,
            device: { os_version: "14" },
            event_time: NOW + 3_600_000 - 60_000,
            user: { ip: "1.1.1.1", user_agent: "Mozilla/5.0 (Linux; Android 14)" },
          },
        ],
      },
    });
    expect(json.results[0].warnings).toEqual([
      { field: "user.ip", rule: "ignored: an app's own connection is used", got: "string of 7 characters" },
    ]);
    expect(queuedEvents(world)).toMatchObject([
      {
        action_source: "app",
        event_time: NOW - 60_000,
        source: { kind: "app" },
        app,
        device: { os_version: "14" },
        user: { ip: "93.184.216.34", user_agent: "Mozilla/5.0 (Linux; Android 14)" },
      },
    ]);
  });

  test("without a user agent of its own, its HTTP library's is not the person's", async () => {
    const world = ingestWorld();
    await send(world, { headers, body: PURCHASE });
    expect(queuedEvents(world)[0]?.user).toEqual({ email: "Ada@Example.com", ip: "93.184.216.34" });
  });

  test("cannot take back revenue", async () => {
    const { json } = await send(ingestWorld(), { headers, body: { event_name: "refund", order_id: "A-1" } });
    expect(json.results[0]).toMatchObject({ status: "rejected", errors: [{ field: "event_name", got: "app key" }] });
  });

  test("is of no use to a page", async () => {
    for (const origin of [ORIGIN, "null"]) {
      const answer = await send(ingestWorld(), { headers: { ...headers, origin }, body: PURCHASE });
      expect([answer.status, answer.json.error]).toEqual([403, "origin_not_allowed"]);
    }
  });
});
