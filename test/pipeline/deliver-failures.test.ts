import { FINAL_STATES } from "../../src/core/outcome.ts";
import { answered, fakeDestination, idsOf, laneMessage, laneWorld, purchase, takesAll } from "../support/lane-world.ts";

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
