import { HOUR_MS } from "../../src/core/durations.ts";
import { FINAL_STATES } from "../../src/core/outcome.ts";
import { SendError } from "../../src/pipeline/ports.ts";
import {
  answered,
  fakeDestination,
  idsOf,
  LANE,
  laneMessage,
  laneWorld,
  NOW,
  purchase,
  rawMessage,
  takesAll,
} from "../support/lane-world.ts";

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

describe("after the platform's answer", () => {
  test("delivered is recorded with its attempt, and the latency counts from receipt", async () => {
    const world = laneWorld();
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "delivered",
      delivered_at: NOW,
      attempt_count: 1,
      attempts: [{ at: NOW, status: 200, outcome: "delivered", batch: 1, took_ms: 0 }],
    });
    expect(world.counted).toMatchObject({ "DeliveryLatency fake": 50_000, "DeliveryAttempts fake": 1 });
  });

  test("retry hides the message for the backoff and returns it", async () => {
    const world = laneWorld({ platform: () => ({ status: 500, headers: {}, body: "" }) });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect([...world.queue.postponed]).toEqual([["handle of m-e1", 5]]);
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "retry",
      reason: "status 500",
      attempt_count: 1,
    });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect([...world.queue.postponed]).toEqual([["handle of m-e1", 10]]);
    expect(await world.record(purchase("e1"))).toMatchObject({ attempt_count: 2 });
  });

  test("G14: Retry-After is a floor", async () => {
    const world = laneWorld({ platform: () => answered([{ kind: "retry", reason: "slow down", afterMs: 600_000 }]) });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect([...world.queue.postponed.values()]).toEqual([630]);
  });

  test("G14: receives without an attempt change nothing", async () => {
    const world = laneWorld();
    const thrown = { ...laneMessage(purchase("e1")), receiveCount: 900 };
    expect(await world.deliver([thrown])).toEqual({ failures: [] });
    expect(await world.state(purchase("e1"))).toBe("delivered");
  });

  test("a retry whose platform asks for more time than is left expires now, with its body kept", async () => {
    const platform = () => answered([{ kind: "retry", reason: "quota", afterMs: 11 * HOUR_MS }]);
    const world = laneWorld({ platform, lane: { retryWindowMs: 10 * HOUR_MS } });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: [] });
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "expired",
      attempts: [{ outcome: "retry", status: 200 }],
    });
    expect(world.queue.deadLetters).toHaveLength(1);
  });

  test("no answer is a retry for every event of the request", async () => {
    const platform = () => Promise.reject(new SendError("timeout", "platform.example did not answer in time"));
    const world = laneWorld({ platform });
    const batch = [laneMessage(purchase("e1")), laneMessage(purchase("e2"))];
    expect(await world.deliver(batch)).toEqual({ failures: ["m-e1", "m-e2"] });
    const record = await world.record(purchase("e2"));
    expect(record).toMatchObject({ state: "retry", reason: "timeout: platform.example did not answer in time" });
    expect(record?.attempts[0]).not.toHaveProperty("status");
  });

  test("G27: an answer without a verdict per event, or one that cannot be read, delivers nothing", async () => {
    for (const body of ["[]", "<html>login</html>", JSON.stringify([{ kind: "delivered" }])]) {
      const world = laneWorld({ platform: () => ({ status: 200, headers: {}, body }) });
      const batch = [laneMessage(purchase("e1")), laneMessage(purchase("e2"))];
      expect(await world.deliver(batch)).toEqual({ failures: ["m-e1", "m-e2"] });
      expect(await world.state(purchase("e1"))).toBe("retry");
    }
  });

  test("attempts are kept up to a limit: how it began and where it stands", async () => {
    const world = laneWorld({
      platform: () => ({ status: 500, headers: {}, body: "" }),
      lane: { retryWindowMs: 999 * HOUR_MS },
    });
    for (let attempt = 0; attempt < 12; attempt += 1) {
      world.time.now = NOW + attempt * HOUR_MS;
      await world.deliver([laneMessage(purchase("e1"))]);
    }
    const record = await world.record(purchase("e1"));
    expect(record?.attempt_count).toBe(12);
    expect(record?.attempts.map(({ at }) => (at - NOW) / HOUR_MS)).toEqual([0, 1, 2, 3, 4, 5, 6, 11]);
  });

  test("the platform's words are logged with the event id, without what looks personal or secret", async () => {
    const words = "Bad e-mail ada@example.com for Lovelace, token t-0ld-token";
    const world = laneWorld({ platform: () => answered([{ kind: "rejected", reason: words }]) });
    await world.deliver([laneMessage(purchase("e1", { user: { last_name: "Lovelace" } }))]);
    const reason = "Bad e-mail [e-mail] for [hidden], token [hidden]";
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "rejected", reason });
    expect(world.logged).toContainEqual({
      level: "error",
      message: "not delivered",
      fields: { lane: LANE, outcome: "rejected", reason, events: 1, event_ids: "e1" },
    });
    expect(JSON.stringify(world.logged)).not.toMatch(/ada@|Lovelace|t-0ld-token/);
  });

  test("what a platform says of one event never tells of another one of its request", async () => {
    const reason = "near Lovelace, cust-4711: bad row";
    const world = laneWorld({
      platform: () =>
        answered([
          { kind: "rejected", reason },
          { kind: "delivered", note: reason },
        ]),
    });
    const other = { user_id: "cust-4711", last_name: "Lovelace" };
    await world.deliver([laneMessage(purchase("e1")), laneMessage(purchase("e2", { user: other }))]);
    const clean = "near [hidden], [hidden]: bad row";
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "rejected", reason: clean });
    expect(await world.record(purchase("e2"))).toMatchObject({ state: "delivered", reason: clean });
    expect(JSON.stringify(world.logged)).not.toMatch(/Lovelace|4711/);
  });

  test("what a platform quotes of ids and of the number that enrich read is hidden, whoever knew it", async () => {
    const reason = "near ttp-4711-abcdef, clickAbC4711xyz, graphScid4711, +491761234567";
    const world = laneWorld({ platform: () => answered([{ kind: "rejected", reason }]) });
    const event = purchase("e1", {
      phone_e164: "+491761234567",
      browser_ids: { ttp: "ttp-4711-abcdef" },
      known: {
        person_id: "p",
        browser_ids: { scid: "graphScid4711" },
        click_ids: { ttclid: { value: "clickAbC4711xyz", seen_at: NOW } },
      },
    });
    await world.deliver([laneMessage(event)]);
    expect(JSON.stringify([await world.record(event), world.logged])).not.toMatch(/4711|4917612/);
  });

  test("a batch is one log line of counts", async () => {
    const world = laneWorld();
    await world.deliver([laneMessage(purchase("e1")), laneMessage(purchase("e2"))]);
    expect(world.logged).toEqual([
      { level: "info", message: "lane batch", fields: { lane: LANE, messages: 2, returned: 0, delivered: 2 } },
    ]);
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

describe("when our own services fail", () => {
  test("without the receipts nothing is sent, because nobody knows what was delivered", async () => {
    const { store: whole } = laneWorld();
    const store = { ...whole, readRecords: async () => Promise.reject(new Error("throttled")) };
    const world = laneWorld({ deps: { store } });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect(world.http.sent).toEqual([]);
    // The failure share sees it, or nobody would.
    expect(world.counted["Deliveries fake retry"]).toBe(1);
  });

  test.each([
    [true, ["m-e1"]],
    [false, []],
  ])(
    "a delivery whose receipt cannot be written: dropped copies %s → failures %j",
    async (dedupsByEventId, failures) => {
      const { store: whole } = laneWorld();
      const store = { ...whole, writeRecords: async () => Promise.reject(new Error("throttled")) };
      const world = laneWorld({ destination: fakeDestination({ dedupsByEventId }), deps: { store } });
      expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures });
      expect(world.http.sent).toHaveLength(1);
    },
  );

  test("messages that cannot be postponed still come back", async () => {
    const queue = { postpone: async () => Promise.reject(new Error("no")), deadLetter: async () => {} };
    const world = laneWorld({ platform: () => ({ status: 500, headers: {}, body: "" }), deps: { queue } });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  });

  test("a destination whose code fails on one event holds back that event only, without quoting it", async () => {
    const destination = fakeDestination({
      skipReason(event) {
        if (event.event_id === "bad") throw new TypeError("cannot read ada@example.com");
        return undefined;
      },
    });
    const world = laneWorld({ destination });
    const batch = [laneMessage(purchase("bad")), laneMessage(purchase("e2"))];
    expect(await world.deliver(batch)).toEqual({ failures: ["m-bad"] });
    expect(await world.record(purchase("bad"))).toMatchObject({
      state: "retry",
      reason: "the destination's code failed on this event: TypeError",
    });
    expect(await world.state(purchase("e2"))).toBe("delivered");
  });
});

describe("G13: the invocation's own deadline", () => {
  test("with little time left nothing is started, nothing is recorded, and the messages come back at once", async () => {
    const world = laneWorld();
    world.time.remainingMs = 33_000;
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect(world.http.sent).toEqual([]);
    expect(await world.record(purchase("e1"))).toBeUndefined();
    expect([...world.queue.postponed.values()]).toEqual([0]);
  });

  test("what follows the slowest answer fits: secret, dead-letter queue, receipts and visibility, none of which answers", async () => {
    let sends = 0;
    const world = laneWorld({
      platform(_, { timeoutMs }) {
        sends += 1;
        world.time.remainingMs -= timeoutMs;
        return answered([{ kind: "rejected", reason: "r" }]);
      },
    });
    world.time.remainingMs = 37_000;
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(sends).toBe(1);
    expect(world.time.remainingMs).toBeGreaterThan(6_000 + 6_000 + 10_000 + 6_000);
  });

  test("what is finished when the time runs out is not redelivered", async () => {
    const destination = fakeDestination({ limits: { ...fakeDestination().limits, batchSize: 1 } });
    const world = laneWorld({
      destination,
      deps: { concurrentRequests: 1 },
      platform(request, options) {
        world.time.remainingMs -= 6_000;
        return takesAll(request, options);
      },
    });
    world.time.remainingMs = 43_000;
    const batch = ["e1", "e2", "e3", "e4"].map((id) => laneMessage(purchase(id)));
    expect(await world.deliver(batch)).toEqual({ failures: ["m-e3", "m-e4"] });
    expect(await world.state(purchase("e2"))).toBe("delivered");
    world.time.remainingMs = 60_000;
    await world.deliver(batch);
    expect(world.http.sent.flatMap(idsOf)).toEqual(["e1", "e2", "e3", "e4"]);
  });

  test("a request never waits longer than the invocation has", async () => {
    const waits: number[] = [];
    const world = laneWorld({
      platform(request, options) {
        waits.push(options.timeoutMs);
        return takesAll(request, options);
      },
    });
    await world.deliver([laneMessage(purchase("e1"))]);
    world.time.remainingMs = 37_000;
    await world.deliver([laneMessage(purchase("e2"))]);
    expect(waits).toEqual([10_000, 5_000]);
  });
});

test("no outcome leaves a message both acknowledged and unfinished", async () => {
  const outcomes = [
    { kind: "delivered" },
    { kind: "rejected", reason: "r" },
    { kind: "retry", reason: "r" },
    { kind: "unauthorized", reason: "r" },
  ] as const;
  const world = laneWorld({ platform: () => answered(outcomes) });
  const events = ["e0", "e1", "e2", "e3"].map((id) => purchase(id));
  const { failures } = await world.deliver(events.map((event) => laneMessage(event)));
  for (const event of events) {
    const state = (await world.record(event))?.state ?? "pending";
    expect(failures.includes(`m-${event.event_id}`)).toBe(!FINAL_STATES.has(state));
  }
});

/** JSON that can be read but not written again. */
function bottomless(depth: number): string {
  return `${"[".repeat(depth)}${"]".repeat(depth)}`;
}
