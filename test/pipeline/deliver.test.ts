import { HOUR_MS } from "../../src/core/durations.ts";
import {
  fakeDestination,
  idsOf,
  LANE,
  laneMessage,
  laneWorld,
  NOW,
  purchase,
  rawMessage,
} from "../support/lane-world.ts";

/** JSON that can be read but not written again. */
function bottomless(depth: number): string {
  return `${"[".repeat(depth)}${"]".repeat(depth)}`;
}

describe("what never reaches the platform", () => {
  test("an event that is already final is acknowledged without a request", async () => {
    const world = laneWorld();
    const event = purchase("e1");
    await world.deliver([laneMessage(event)]);
    expect(await world.deliver([laneMessage(event)])).toEqual({ failures: [] });
    expect(world.http.sent).toHaveLength(1);
    expect(world.counted["Deliveries fake delivered"]).toBe(1);
  });

  test("two messages of one event in a batch are one delivery", async () => {
    const world = laneWorld();
    const twin = { ...laneMessage(purchase("e1")), messageId: "m-twin" };
    expect(await world.deliver([laneMessage(purchase("e1")), twin])).toEqual({ failures: [] });
    expect(world.http.sent.map(idsOf)).toEqual([["e1"]]);
  });

  test("events that share an id under different names or scopes are different events", async () => {
    const world = laneWorld({ lane: { events: { refund: { name: "Refund" } } } });
    const other = { id: "b", kind: "server", dialect: "tracklayer", dedup_scope: "other" } as const;
    await world.deliver([
      laneMessage(purchase("e1")),
      laneMessage(purchase("e1", { event_name: "refund" })),
      laneMessage(purchase("e1", { source: other })),
    ]);
    expect(world.http.sent.map(idsOf)).toEqual([["e1", "e1", "e1"]]);
  });

  test.each([
    ["not JSON", "text"],
    ["unknown message version undefined", "[]"],
    ["not an object", "null"],
    ["nested too deep", laneMessage(purchase("e")).body.replace('"event":{', `"event":{"x":${bottomless(20_000)},`)],
    ["unknown message version 2", JSON.stringify({ v: 2 })],
    ["meant for another lane", JSON.stringify({ v: 1, lane: "other" })],
    ["event is not an object", JSON.stringify({ v: 1, lane: LANE, enqueued_at: NOW })],
    ["unknown event version 9", laneMessage({ ...purchase("e"), schema_version: 9 as 1 }).body],
    ["event.event_id is not a text", laneMessage({ ...purchase("e"), event_id: 5 as unknown as string }).body],
    ["event.event_time is not a number", laneMessage({ ...purchase("e"), event_time: Number.NaN }).body],
  ])("G10: a body that is %s is kept on the DLQ with the reason, and its neighbours pass", async (reason, body) => {
    const world = laneWorld();
    const batch = [rawMessage(body, "m-poison"), laneMessage(purchase("e1"))];
    expect(await world.deliver(batch)).toEqual({ failures: [] });
    expect(world.queue.deadLetters).toEqual([{ body, reason }]);
    expect(world.logged.find(({ level }) => level === "error")?.fields).toMatchObject({
      event_ids: "message m-poison",
      reason: `not a lane message: ${reason}`,
    });
    expect(await world.state(purchase("e1"))).toBe("delivered");
  });

  test("poison that the DLQ does not take stays on the lane", async () => {
    const queue = { postpone: async () => {}, deadLetter: async () => Promise.reject(new Error("DLQ is full")) };
    const world = laneWorld({ deps: { queue } });
    expect(await world.deliver([rawMessage("x", "m-poison")])).toEqual({ failures: ["m-poison"] });
  });

  test("a test event is skipped by a lane that is not in test mode, and sent by one that is", async () => {
    const world = laneWorld();
    await world.deliver([laneMessage(purchase("e1", { test: true }))]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "skipped", skip: { code: "test_event" } });
    expect(world.counted["DeliveriesSkipped fake test_event"]).toBe(1);
    const testing = laneWorld({ lane: { testMode: true } });
    await testing.deliver([laneMessage(purchase("e1", { test: true }))]);
    expect(await testing.state(purchase("e1"))).toBe("delivered");
  });

  test("a platform with a test mode gets test events as tests, and never together with real ones", async () => {
    const made: { ids: string[]; testMode: boolean }[] = [];
    const fake = fakeDestination();
    const world = laneWorld({
      destination: {
        ...fake,
        catalogue: { ...fake.catalogue, testMode: "a flag" },
        buildRequest(events, context) {
          made.push({ ids: events.map(({ event_id }) => event_id), testMode: context.testMode });
          return fake.buildRequest(events, context);
        },
      },
    });
    await world.deliver([purchase("e1"), purchase("t1", { test: true }), purchase("e2")].map((it) => laneMessage(it)));
    expect(made).toEqual([
      { ids: ["e1", "e2"], testMode: false },
      { ids: ["t1"], testMode: true },
    ]);
  });

  test("the lane's conditions look at the event as it came, and its value goes out", async () => {
    const values: unknown[] = [];
    const fake = fakeDestination();
    const world = laneWorld({
      lane: { events: { purchase: { onlyIf: [{ field: "value", atLeast: "100" }], value: { percent: "10" } } } },
      destination: {
        ...fake,
        buildRequest(events, context) {
          values.push(...events.map(({ value }) => value));
          return fake.buildRequest(events, context);
        },
      },
    });
    const cheap = purchase("cheap", { value: "99.99", currency: "EUR" });
    await world.deliver([laneMessage(purchase("dear", { value: "100", currency: "EUR" })), laneMessage(cheap)]);
    expect(values).toEqual(["10"]);
    expect(await world.record(cheap)).toMatchObject({
      state: "skipped",
      skip: { code: "not_configured", detail: "sent to this destination only if value is at least 100" },
    });
  });

  test("what the configuration no longer allows is decided at the last moment", async () => {
    const world = laneWorld({ lane: { events: { purchase: { drop: true } } } });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "skipped", skip: { code: "not_configured" } });
    const strict = laneWorld({ lane: { consent: ["analytics_storage"] } });
    await strict.deliver([
      laneMessage(purchase("e1", { consent: { analytics_storage: "denied", ad_user_data: "granted" } })),
    ]);
    expect(await strict.record(purchase("e1"))).toMatchObject({ state: "skipped", skip: { code: "consent" } });
    expect(strict.http.sent).toEqual([]);
  });

  test("the destination's own reason to skip is recorded, and the others are sent", async () => {
    const destination = fakeDestination({
      skipReason: (event) => (event.event_id === "e1" ? { code: "incomplete", detail: "no value" } : undefined),
    });
    const world = laneWorld({ destination });
    expect(await world.deliver([laneMessage(purchase("e1")), laneMessage(purchase("e2"))])).toEqual({ failures: [] });
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "skipped",
      skip: { code: "incomplete", detail: "no value" },
    });
    expect(world.http.sent.map(idsOf)).toEqual([["e2"]]);
  });

  test("an event past the retry window expires with its body on the DLQ and the platform's last words", async () => {
    const world = laneWorld({ platform: () => ({ status: 503, headers: {}, body: "" }) });
    const message = laneMessage(purchase("e1"));
    expect(await world.deliver([message])).toEqual({ failures: ["m-e1"] });
    world.time.now = NOW + 25 * HOUR_MS;
    expect(await world.deliver([message])).toEqual({ failures: [] });
    const reason = "not delivered within 24 h; last: status 503";
    const marked = { ...JSON.parse(message.body), dead_lettered_at: world.time.now };
    expect(world.queue.deadLetters).toEqual([{ body: JSON.stringify(marked), reason }]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "expired", reason, attempt_count: 1 });
    expect(world.http.sent).toHaveLength(1);
  });

  test("an event that grew too old with us is expired, although the destination would call it too old", async () => {
    const destination = fakeDestination({ skipReason: () => ({ code: "too_old", detail: "8 days" }) });
    const world = laneWorld({ destination });
    const event_time = NOW - 200 * HOUR_MS;
    await world.deliver([laneMessage(purchase("e1", { event_time, received_at: event_time + HOUR_MS }))]);
    expect(await world.state(purchase("e1"))).toBe("expired");
    expect(world.queue.deadLetters).toHaveLength(1);
  });

  test("an event that was too old when it came is skipped, and nobody is alarmed by the DLQ", async () => {
    const skip = { code: "too_old", detail: "8 days" } as const;
    const world = laneWorld({ destination: fakeDestination({ skipReason: () => skip }) });
    const event_time = NOW - 200 * HOUR_MS;
    await world.deliver([laneMessage(purchase("e1", { event_time, received_at: NOW - HOUR_MS }))]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "skipped", skip });
    expect(world.queue.deadLetters).toEqual([]);
  });

  test("an expired event that the DLQ does not take is neither recorded nor lost", async () => {
    const queue = { postpone: async () => {}, deadLetter: async () => Promise.reject(new Error("no")) };
    const world = laneWorld({ deps: { queue } });
    const old = purchase("e1", { event_time: NOW - 200 * HOUR_MS });
    expect(await world.deliver([laneMessage(old)])).toEqual({ failures: ["m-e1"] });
    expect(await world.state(old)).toBeUndefined();
  });
});

test("receipts are read consistently as soon as one message was handed out before", async () => {
  const reads: unknown[] = [];
  const { store } = laneWorld();
  const world = laneWorld({
    deps: {
      store: {
        ...store,
        async readRecords(lane, keys, options) {
          reads.push(options?.mayBeStale);
          return store.readRecords(lane, keys, options);
        },
      },
    },
  });
  await world.deliver([laneMessage(purchase("e1")), laneMessage(purchase("e2"))]);
  await world.deliver([laneMessage(purchase("e3")), { ...laneMessage(purchase("e4")), receiveCount: 2 }]);
  expect(reads).toEqual([true, false]);
});
