import fc from "fast-check";
import { ingestWorld, quarantined, queuedEvents, SERVER_KEY, send } from "../support/ingest-world.ts";

const GOOD = { event_name: "lead", event_id: "good" };
const FIELDS = [
  "event_name",
  "event_id",
  "event_time",
  "user",
  "items",
  "value",
  "properties",
  "click_ids",
  "__proto__",
  "constructor",
];
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()),
  fc.record({ event_name: fc.constantFrom("purchase", "lead", "x"), value: fc.anything(), order_id: fc.jsonValue() }),
);

test("whatever stands beside it, a good event is accepted, and every other one is accepted or kept in quarantine", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (others) => {
      const world = ingestWorld();
      const events = JSON.parse(
        JSON.stringify([...others, GOOD], (_key, value) => (typeof value === "bigint" ? 0 : value)),
      );
      const { status, json } = await send(world, { body: { events } });
      expect(status).toBe(202);
      expect(json.results).toHaveLength(events.length);
      expect(json.results.at(-1)).toMatchObject({ event_id: "good", status: "accepted" });
      expect(json.accepted + json.rejected).toBe(events.length);
      expect(queuedEvents(world).some((event) => event.event_id === "good")).toBe(true);
      expect(quarantined(world).length).toBeLessThanOrEqual(json.rejected);
      expect(json.rejected > 0).toBe(quarantined(world).length > 0);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
  );
});

test("any SDK batch is taken whole: each event is queued, quarantined or of a type that is none", async () => {
  const sdkFields = [
    "type",
    "event",
    "messageId",
    "userId",
    "timestamp",
    "context",
    "properties",
    "traits",
    "integrations",
  ];
  const sdkEvent = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...sdkFields), fc.jsonValue()),
    fc.record({
      type: fc.constantFrom("track", "page", "identify", "alias"),
      event: fc.constantFrom("Order Completed", "Product Added", "Mine"),
      properties: fc.dictionary(
        fc.constantFrom("revenue", "products", "price", "quantity", "currency"),
        fc.jsonValue(),
      ),
      context: fc.dictionary(fc.constantFrom("traits", "page", "consent", "library", "campaign", "ip"), fc.jsonValue()),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(sdkEvent, { minLength: 1, maxLength: 5 }), async (batch) => {
      const world = ingestWorld();
      const headers = { authorization: `Basic ${Buffer.from(`${SERVER_KEY}:`).toString("base64")}` };
      const good = { type: "track", event: "Lead", messageId: "good" };
      const { status, json } = await send(world, { path: "/v1/batch", headers, body: { batch: [...batch, good] } });
      expect([status, json]).toEqual([200, { success: true }]);
      expect(queuedEvents(world).at(-1)?.event_id).toBe("good");
      for (const event of queuedEvents(world)) expect(event.event_time).toBeLessThanOrEqual(event.received_at);
    }),
  );
});

test("any bytes at any path get an answer that is not a redirect", async () => {
  const path = fc.oneof(
    fc.array(fc.string()).map((parts) => `/${parts.join("/")}`),
    fc.constantFrom("/v1/events", "/v1/batch", "/v1/t", "//", "/v1/projects/%ff/settings"),
  );
  const headers = fc.dictionary(fc.constantFrom("authorization", "origin", "referer", "x-tracklayer-key"), fc.string());
  const method = fc.constantFrom("GET", "POST", "HEAD", "PUT", "OPTIONS");
  await fc.assert(
    fc.asyncProperty(method, path, headers, fc.uint8Array(), async (verb, where, given, body) => {
      const { status } = await send(ingestWorld(), { method: verb, path: where, headers: given, body });
      expect([200, 204, 400, 401, 403, 404, 405, 413]).toContain(status);
    }),
  );
});

test("half a million brackets inside one event cost only that event", async () => {
  const world = ingestWorld();
  const deep = `{"event_name":"lead","properties":{"a":${"[".repeat(400_000)}${"]".repeat(400_000)}}}`;
  const { json } = await send(world, { body: `{"events":[${JSON.stringify(GOOD)},${deep}]}` });
  expect(json).toMatchObject({ accepted: 1, rejected: 1 });
  expect(json.results[1].errors).toMatchObject([{ rule: "too_deep" }]);
  expect(quarantined(world)[0]?.raw.length).toBeLessThan(1000);
});

test("what is queued is within the characters that SQS takes", async () => {
  const world = ingestWorld();
  const first_name = "a\u0000\u0008\ufffe\ud800b";
  await send(world, { body: { event_name: "x\u0001y", user: { first_name }, properties: { "k\uffff": "\u009f!" } } });
  expect(queuedEvents(world)[0]).toMatchObject({
    custom_name: "xy",
    user: { first_name: "ab" },
    properties: { k: "!" },
  });
  expect(world.queue.messages[0]?.body).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
});

test("an event over the size limit is refused beside a small one and kept cut", async () => {
  const world = ingestWorld();
  const big = { ...GOOD, event_id: "big", properties: { pad: Array(10).fill("ü".repeat(8000)) } };
  const { json } = await send(world, { body: { events: [big, GOOD] } });
  expect(json.results.map((result: { status: string }) => result.status)).toEqual(["rejected", "accepted"]);
  expect(quarantined(world)[0]?.raw).toHaveLength(32 * 1024);
});

test.each([
  ["from last year", "2025-11-20T12:00:00Z", "accepted"],
  ["an hour ahead", "2026-11-20T13:00:00Z", "accepted"],
  ["a year ahead", "2027-11-20T12:00:00Z", "rejected"],
  ["in microseconds", 1_795_000_000_000_000, "rejected"],
])("an event %s is %s", async (_name, event_time, status) => {
  const { json } = await send(ingestWorld(), { body: { ...GOOD, event_time } });
  expect(json.results[0].status).toBe(status);
});
