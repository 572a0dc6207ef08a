import { gzipSync } from "node:zlib";
import { CLOUDFRONT_HEADERS } from "../../src/core/geo-headers.ts";
import { gppString, tcString } from "../support/consent-strings.ts";
import {
  APP_KEY,
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

describe("what an event becomes", () => {
  test("a purchase without an id gets one made of its order id, and the answer says so", async () => {
    const world = ingestWorld();
    const { status, json } = await send(world, { body: PURCHASE });
    expect(status).toBe(202);
    expect(json).toEqual({
      results: [{ index: 0, event_id: "purchase-A-1", event_id_origin: "order_id", status: "accepted" }],
      accepted: 1,
      rejected: 0,
      request_id: "request-1",
    });
    expect(queuedEvents(world)).toEqual([
      {
        schema_version: 1,
        event_id: "purchase-A-1",
        event_id_origin: "order_id",
        event_name: "purchase",
        event_time: NOW,
        received_at: NOW,
        source: { id: "shop-server", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
        action_source: "other",
        user: { email: "Ada@Example.com" },
        order_id: "A-1",
        value: "149.85",
        currency: "EUR",
      },
    ]);
  });

  test("parts of one order refunded at different times are different events", async () => {
    const world = ingestWorld();
    const refund = { event_name: "refund", order_id: "A-1", value: "-10.00", event_time: NOW - 5000 };
    await send(world, { body: { events: [refund, { ...refund, event_time: NOW - 1000 }, { ...refund, value: 10 }] } });
    expect(queuedEvents(world).map(({ event_id, value }) => [event_id, value])).toEqual([
      [`refund-A-1-10-${NOW / 1000 - 5}`, "10"],
      [`refund-A-1-10-${NOW / 1000 - 1}`, "10"],
    ]);
  });

  test("an event with nothing natural to name it gets a generated id", async () => {
    const world = ingestWorld();
    const { json } = await send(world, { body: { event_name: "generate_lead" } });
    expect(json.results[0]).toMatchObject({ event_id_origin: "generated", status: "accepted" });
    expect(queuedEvents(world)[0]).toMatchObject({ event_name: "lead", event_id: json.results[0].event_id });
  });

  test("a browser's own connection, cookies and page fill in who and where", async () => {
    const world = ingestWorld();
    await send(world, {
      headers: { ...FROM_PAGE, "sec-gpc": "1" },
      cookies: [
        "_fbp=fb.1.1700000000000.123",
        "_ga=GA1.1.111.222",
        "_ttp=2LyPzYvMVsaS9IJnxNdf; _scid=not%20one; __obref=a%2Bb==",
        "_uetmsclkid=_uetdd4afcccb1c94a4cad9544dd7e5006ab",
      ],
      body: {
        event_name: "page_view",
        page: { url: "https://shop.example.com/?fbclid=AbC&gclid=Xy" },
        user: { ip: "1.1.1.1", user_agent: "someone else" },
      },
    });
    expect(queuedEvents(world)[0]).toMatchObject({
      action_source: "website",
      user: { ip: "93.184.216.34", user_agent: "Mozilla/5.0 (a visitor)" },
      click_ids: {
        fbclid: { value: "AbC", seen_at: NOW },
        gclid: { value: "Xy", seen_at: NOW },
        msclkid: { value: "dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab", seen_at: NOW },
      },
      consent: { gpc: true },
    });
    expect(queuedEvents(world)[0]?.browser_ids).toEqual({
      fbp: "fb.1.1700000000000.123",
      ga_client_id: "111.222",
      ttp: "2LyPzYvMVsaS9IJnxNdf",
      obref: "a%2Bb==",
    });
  });

  test("a server may name the visitor's address, but not a private one", async () => {
    const world = ingestWorld();
    const { json } = await send(world, {
      body: {
        events: [
          { event_name: "lead", user: { ip: "8.8.8.8" } },
          { event_name: "lead", user: { ip: "10.0.0.7" } },
        ],
      },
    });
    expect(queuedEvents(world).map(({ user }) => user.ip)).toEqual(["8.8.8.8", undefined]);
    expect(json.results[1].warnings).toEqual([
      { field: "user.ip", rule: "ignored: not a public address", got: "string of 8 characters" },
    ]);
  });

  test("a browser's wrong clock is corrected by what it said when it sent", async () => {
    const world = ingestWorld();
    const ahead = 48 * 3_600_000;
    await send(world, {
      headers: FROM_PAGE,
      body: { sent_at: NOW + ahead, events: [{ event_name: "lead", event_time: NOW + ahead - 60_000 }] },
    });
    expect(queuedEvents(world)[0]).toMatchObject({ event_time: NOW - 60_000, clock: { corrected_by_ms: -ahead } });
  });

  test("events of one person share a group, copies share a deduplication id", async () => {
    const world = ingestWorld();
    const user = { user_id: "u1" };
    await send(world, {
      body: {
        events: [
          { ...PURCHASE, user },
          { event_name: "lead", event_id: "l", user },
        ],
      },
    });
    await send(world, { headers: FROM_PAGE, body: { ...PURCHASE, user: { anonymous_id: "a" } } });
    const [purchase, lead, copy] = world.queue.messages;
    expect(lead?.groupId).toBe(purchase?.groupId);
    expect(copy?.groupId).not.toBe(purchase?.groupId);
    expect(copy?.deduplicationId).toBe(purchase?.deduplicationId);
    expect(JSON.stringify([purchase?.groupId, purchase?.deduplicationId])).not.toContain("u1");
  });
});

test("what guests share does not put them into one group", async () => {
  const world = ingestWorld();
  const guests = ["guest", "0", "anonymous", "NULL"].flatMap((user_id) => [
    { user_id },
    { user_id, anonymous_id: "undefined", email: "guest@example.com" },
    { user_id, email: "noreply@shop.example" },
  ]);
  const people = [
    { user_id: "guest", anonymous_id: "a1" },
    { user_id: "guest", anonymous_id: "a1", email: "x@example.com" },
    { user_id: "0", email: "Ada@example.com" },
    { user_id: "n/a", email: "ada@example.com " },
  ];
  const events = [...guests, ...people].map((user) => ({ event_name: "lead", user }));
  await send(world, { body: { events } });
  const groups = world.queue.messages.map((message) => message.groupId);
  expect(new Set(groups.slice(0, guests.length)).size).toBe(guests.length);
  const [anonymous, same, email, sameEmail] = groups.slice(guests.length);
  expect([anonymous, email]).toEqual([same, sameEmail]);
  expect(anonymous).not.toBe(email);
});

test("a tag that does not name its page is on the one that the browser names", async () => {
  const pageOf = async (headers: Record<string, string>) => {
    const world = ingestWorld();
    await send(world, { headers: { ...FROM_PAGE, ...headers }, body: { event_name: "lead" } });
    return queuedEvents(world)[0]?.page?.url;
  };
  expect(await pageOf({ referer: `${ORIGIN}/cart?x=1` })).toBe(`${ORIGIN}/cart?x=1`);
  expect(await pageOf({ referer: "https://elsewhere.example/" })).toBe(ORIGIN);
  expect(await pageOf({ referer: "no url" })).toBe(ORIGIN);
  expect(await pageOf({})).toBe(ORIGIN);
});

describe("bodies", () => {
  test("gzip is inflated, announced or not", async () => {
    const world = ingestWorld();
    const { status } = await send(world, { body: gzipSync(JSON.stringify(PURCHASE)) });
    expect(status).toBe(202);
    expect(queuedEvents(world)).toHaveLength(1);
  });

  test.each([
    [400, "invalid_json", "{"],
    [400, "invalid_json", ""],
    [400, "not_an_object", "[1]"],
    [400, "not_an_object", "null"],
    [400, "no_events", '{"events":[]}'],
    [400, "events_not_a_list", '{"events":{}}'],
    [400, "sent_at", '{"events":[{}],"sent_at":"soon"}'],
    [400, "not_readable", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    [413, "too_many_events", JSON.stringify({ events: Array(501).fill({}) })],
    [413, "too_large", Buffer.alloc(1024 * 1024 + 1, " ")],
    [413, "too_large", gzipSync(Buffer.alloc(50 * 1024 * 1024))],
  ])("%i %s", async (status, error, body) => {
    const world = ingestWorld();
    const response = await send(world, { body });
    expect([response.status, response.json.error]).toEqual([status, error]);
    expect(world.queue.messages).toEqual([]);
  });
});

describe("answers", () => {
  test("sensitive data is warned of by place and kind, never by name or value, and the event goes on as it came", async () => {
    const world = ingestWorld();
    const page = { url: "https://shop.example.com/?jane_mail=jane@example.com&x=jane@example.com" };
    const properties = { jane: "4111 1111 1111 1111", doe: "4111 1111 1111 1111" };
    const event = { event_name: "lead", event_id: "l-1", event_time: new Date(NOW).toISOString(), page, properties };
    const { json, body } = await send(world, { body: { events: [event] } });
    const rule = "sensitive: taken out before it is sent anywhere";
    expect(json.results[0]).toMatchObject({
      status: "accepted",
      warnings: [
        { field: "page.url", rule, got: "email" },
        { field: "properties", rule, got: "card" },
      ],
    });
    expect(body).not.toMatch(/jane|4111/);
    expect(queuedEvents(world)[0]?.page).toEqual(page);
  });

  test("a bad event does not touch its neighbours and is kept with the reason, without its values in the answer", async () => {
    const world = ingestWorld();
    const bad = { event_name: "lead", event_id: "bad", user: { user_id: { secret: "ada@example.com" } } };
    const events = [...Array(499).keys()].map((n) => ({ event_name: "lead", event_id: `e${n}` }));
    const { json, body } = await send(world, {
      body: { events: [...events.slice(0, 250), bad, ...events.slice(250)] },
    });
    expect(json).toMatchObject({ accepted: 499, rejected: 1 });
    expect(json.results[250]).toEqual({
      index: 250,
      event_id: "bad",
      status: "rejected",
      errors: [{ field: "user.user_id", rule: "string or number", got: "object" }],
    });
    expect(body).not.toContain("ada@example.com");
    expect(quarantined(world)).toMatchObject([
      { event_id: "bad", event_name: "lead", reasons: [{ field: "user.user_id" }] },
    ]);
    expect(world.metricsAdded).toEqual([
      { name: "EventsAccepted", value: 499, dimensions: { source: "shop-server" } },
      { name: "EventsRejected", value: 1, dimensions: { source: "shop-server" } },
      { name: "EventsRejectedBy", value: 1, dimensions: { field: "user" } },
    ]);
  });

  test("ids used twice in a request are both answered and sent once", async () => {
    const world = ingestWorld();
    const { json } = await send(world, { body: { events: [PURCHASE, PURCHASE] } });
    expect(json.accepted).toBe(2);
    expect(json.results[1].warnings).toMatchObject([{ rule: "duplicate_in_request" }]);
    expect(queuedEvents(world)).toHaveLength(1);
    // Taken twice and queued once: counted as a copy, or the queue's accounts would miss it.
    const counted = world.metricsAdded.map(({ name, value }) => [name, value]);
    expect(counted).toEqual(
      expect.arrayContaining([
        ["EventsAccepted", 2],
        ["EventsDuplicate", 1],
      ]),
    );
  });

  test("what the queue refused is told per event, with the id to send again", async () => {
    const world = ingestWorld();
    world.queue.refuse = (message) => (message.body.includes('"e1"') ? "InternalError" : undefined);
    const events = ["e0", "e1", "e1"].map((event_id) => ({ event_name: "lead", event_id }));
    const { status, json } = await send(world, { body: { events } });
    expect(status).toBe(202);
    expect(json.results.map((result: { status: string }) => result.status)).toEqual([
      "accepted",
      "unavailable",
      "unavailable",
    ]);
    expect(json.accepted).toBe(1);
  });

  test("a queue that takes nothing is a 503 with whole seconds to wait", async () => {
    const world = ingestWorld();
    world.queue.refuse = () => "InternalError";
    const { status, json, headers } = await send(world, { body: PURCHASE });
    expect([status, json.error, headers["retry-after"]]).toEqual([503, "queue_unavailable", "5"]);
    expect(json.results).toMatchObject([{ event_id: "purchase-A-1", status: "unavailable" }]);
    expect(world.metricsAdded).toEqual([]);
  });

  test.each([
    ["POST", "/v1/nothing", 404],
    ["GET", "/v1/events", 405],
    ["DELETE", "/v1/events", 405],
    ["HEAD", "/pixel/v1/track", 405],
    ["HEAD", "/pixel/v1/page", 405],
    ["HEAD", "/v1/health", 200],
    ["GET", "/v1/health", 200],
    ["OPTIONS", "/v1/events", 204],
    ["POST", "//v1//events/", 202],
    ["POST", "/ingest/v1/events", 202],
  ])("%s %s is %i", async (method, path, status) => {
    expect((await send(ingestWorld(), { method, path, body: PURCHASE })).status).toBe(status);
  });
});

describe("where a visitor is", () => {
  const headers = {
    "cloudfront-viewer-country": "DE",
    "cloudfront-viewer-country-region": "BE",
    "cloudfront-viewer-address": "198.51.100.10:46532",
  };
  const lead = { event_name: "lead", event_id: "l-1" };

  test("is what headers say that the config believes: country and region, and the address behind the proxy", async () => {
    const world = ingestWorld({ geoHeaders: CLOUDFRONT_HEADERS });
    await send(world, { body: lead, headers: { ...FROM_PAGE, ...headers } });
    await send(world, {
      body: { ...lead, event_id: "l-2" },
      headers: { authorization: `Bearer ${APP_KEY}`, ...headers },
    });
    for (const { location, user } of queuedEvents(world)) {
      expect(location).toEqual({ country: "DE", region: "BE" });
      expect(user.ip).toBe("198.51.100.10");
    }
    expect(queuedEvents(world)).toHaveLength(2);
  });

  test("is not known by headers that nobody believes: whoever sends a request writes them", async () => {
    const world = ingestWorld();
    await send(world, { body: lead, headers: { ...FROM_PAGE, ...headers } });
    const [event] = queuedEvents(world);
    expect(event?.location).toBeUndefined();
    expect(event?.user.ip).not.toBe("198.51.100.10");
  });

  test("is not where a server is", async () => {
    const world = ingestWorld({ geoHeaders: CLOUDFRONT_HEADERS });
    await send(world, { body: lead, headers: { authorization: `Bearer ${SERVER_KEY}`, ...headers } });
    expect(queuedEvents(world)).toHaveLength(1);
    expect(queuedEvents(world)[0]?.location).toBeUndefined();
  });

  test("is not the event's to say", async () => {
    const world = ingestWorld();
    const { json } = await send(world, { body: { ...lead, location: { country: "US" } } });
    expect(queuedEvents(world)[0]?.location).toBeUndefined();
    expect(JSON.stringify(json)).toContain("unknown, ignored");
  });
});

describe("consent strings", () => {
  const lead = { event_name: "lead", event_id: "l-1" };

  test("travel as they came: enrich reads them", async () => {
    const world = ingestWorld();
    const consent = { tcf: tcString({ purposes: [1, 7] }), gpp: gppString({ 6: "1YNN" }), us_privacy: "1YNN" };
    const { json } = await send(world, { body: { ...lead, consent: { ...consent, gpp_sid: "6_7" } } });
    expect(queuedEvents(world)[0]?.consent).toEqual({ ...consent, gpp_sid: [6, 7] });
    expect(json).toMatchObject({ accepted: 1 });
    expect(JSON.stringify(json)).not.toContain("warnings");
  });

  test.each([
    [{ tcf: "CPX" }, "consent.tcf", "no answer: it is no whole TC string of TCF 2"],
    [{ gpp: "DBA" }, "consent.gpp", "no answer: it is no whole GPP string"],
    [{ us_privacy: "no" }, "consent.us_privacy", "no answer: it is no US Privacy string of version 1"],
    [{ gpp_sid: "seven" }, "consent.gpp_sid", "ignored: numbers of sections, such as [7, 8]"],
    [
      { gpp_sid: Array.from({ length: 101 }, () => 7) },
      "consent.gpp_sid",
      "ignored: numbers of sections, such as [7, 8]",
    ],
    [{ tcf: 5 }, "consent.tcf", "ignored: string, required"],
  ])("that say nothing cost no event, and the sender is told: %j", async (consent, field, rule) => {
    const world = ingestWorld();
    const { json } = await send(world, { body: { ...lead, consent } });
    expect(json).toMatchObject({ accepted: 1, results: [{ warnings: [{ field, rule }] }] });
    expect(JSON.stringify(json)).not.toContain("CPX");
  });

  test("which string answered what, and to whom, is not the sender's to say", async () => {
    const world = ingestWorld();
    const whose = {
      answered_by: { ad_storage: "tcf" },
      answered_at: { ad_storage: 1 },
      refused_to: { ad_storage: [1] },
    };
    const consent = { ad_storage: "granted", ...whose };
    await send(world, { body: { ...lead, consent } });
    expect(queuedEvents(world)[0]?.consent).toEqual({ ad_storage: "granted" });
  });
});
