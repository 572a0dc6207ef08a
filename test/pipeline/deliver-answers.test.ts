import { HOUR_MS } from "../../src/core/durations.ts";
import { SendError } from "../../src/pipeline/ports.ts";
import { answered, LANE, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

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
    const reason = "near ttp-4711-abcdef, clickAbC4711xyz, graphScid4711, kept4711@intern, +491761234567";
    const world = laneWorld({ platform: () => answered([{ kind: "rejected", reason }]) });
    const event = purchase("e1", {
      phone_e164: "+491761234567",
      browser_ids: { ttp: "ttp-4711-abcdef" },
      known: {
        person_id: "p",
        contacts: { email: "kept4711@intern" },
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
