import fc from "fast-check";
import type { PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import type { Destination } from "../../src/core/destination.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { answered, fakeDestination, idsOf, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

const { limits } = fakeDestination();

function withLimits(more: Partial<Destination["limits"]>, rest: Partial<Destination> = {}): Destination {
  return fakeDestination({ ...rest, limits: { ...limits, ...more } });
}

/** Refuses the whole request when any of these is in it. */
function refusesWith(culprits: ReadonlySet<string>): PlatformAnswer {
  return (request) => {
    const ids = idsOf(request);
    return ids.some((id) => culprits.has(id))
      ? { status: 400, headers: {}, body: "one of these is wrong" }
      : answered(ids.map(() => ({ kind: "delivered" })));
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

function batchOf(size: number): CanonicalEvent[] {
  return Array.from({ length: size }, (_, index) => purchase(`e${index}`));
}

test("a batch is cut into requests of the platform's size, in order", async () => {
  const world = laneWorld({ destination: withLimits({ batchSize: 3 }) });
  await world.deliver(batchOf(8).map((event) => laneMessage(event)));
  expect(world.http.sent.map((request) => idsOf(request).length).toSorted()).toEqual([2, 3, 3]);
  expect(world.http.sent.flatMap(idsOf)).toEqual(batchOf(8).map((event) => event.event_id));
});

describe("a request that fails as a whole over rows which the platform names", () => {
  /** Names the first `named` culprits of a request, as platforms do that stop looking. */
  const naming =
    (culprits: ReadonlySet<string>, named: number): PlatformAnswer =>
    (request) => {
      const ids = idsOf(request);
      const guilty = ids.filter((id) => culprits.has(id)).slice(0, named);
      return answered(
        ids.map((id): Outcome => {
          if (guilty.length === 0) return { kind: "delivered" };
          return guilty.includes(id)
            ? { kind: "rejected", reason: "named" }
            : { kind: "retry", reason: "together with another", afterMs: 0 };
        }),
      );
    };
  const events = batchOf(16);

  test("the others go again at once, without them", async () => {
    const world = laneWorld({
      destination: withLimits({ batchFailure: "whole" }),
      platform: naming(new Set(["e3", "e7"]), 2),
    });
    expect(await world.deliver(events.map((event) => laneMessage(event)))).toEqual({ failures: [] });
    expect(world.http.sent.map((request) => idsOf(request).length)).toEqual([16, 14]);
    expect(await world.state(purchase("e3"))).toBe("rejected");
    expect(await world.state(purchase("e4"))).toBe("delivered");
  });

  test("with more culprits than calls allowed, the rest comes back later and nobody is wrongly rejected", async () => {
    const culprits = new Set(events.slice(0, 12).map(({ event_id }) => event_id));
    const world = laneWorld({ destination: withLimits({ batchFailure: "whole" }), platform: naming(culprits, 1) });
    const { failures } = await world.deliver(events.map((event) => laneMessage(event)));
    // The first call, and twice the halvings of sixteen.
    expect(world.http.sent).toHaveLength(1 + 2 * 4);
    expect(failures).toHaveLength(16 - 9);
    for (const event of events.slice(12)) expect(await world.state(event)).toBe("retry");
    for (const { event_id } of events.slice(0, 9)) expect(await world.state(purchase(event_id))).toBe("rejected");
  });

  test("a row told to wait waits, whoever else was refused", async () => {
    const world = laneWorld({
      destination: withLimits({ batchFailure: "whole" }),
      platform: () =>
        answered([
          { kind: "rejected", reason: "bad" },
          { kind: "retry", reason: "later", afterMs: 9000 },
        ]),
    });
    await world.deliver([laneMessage(purchase("e0")), laneMessage(purchase("e1"))]);
    expect(world.http.sent).toHaveLength(1);
    expect(await world.state(purchase("e1"))).toBe("retry");
  });
});

describe("a success that refuses every row", () => {
  const refusesEach: PlatformAnswer = (request) =>
    answered(idsOf(request).map((id) => ({ kind: "rejected", reason: `no ${id}` })));
  const events = batchOf(8);

  test("is final where successes answer row by row", async () => {
    const destination = withLimits({ batchFailure: "whole", rowsInSuccess: true });
    const world = laneWorld({ destination, platform: refusesEach });
    expect(await world.deliver(events.map((event) => laneMessage(event)))).toEqual({ failures: [] });
    expect(world.http.sent).toHaveLength(1);
    for (const event of events) {
      expect(await world.record(event)).toMatchObject({ state: "rejected", reason: `no ${event.event_id}` });
    }
  });

  test("may be over one of them elsewhere, which is looked for", async () => {
    const world = laneWorld({ destination: withLimits({ batchFailure: "whole" }), platform: refusesEach });
    await world.deliver(events.map((event) => laneMessage(event)));
    expect(world.http.sent.length).toBeGreaterThan(1);
  });

  test("says nothing of requests that are refused: those are halved all the same", async () => {
    const destination = withLimits({ batchFailure: "whole", rowsInSuccess: true });
    const world = laneWorld({ destination, platform: refusesWith(new Set(["e5"])) });
    await world.deliver(events.map((event) => laneMessage(event)));
    expect(await world.state(purchase("e5"))).toBe("rejected");
    expect(await world.state(purchase("e4"))).toBe("delivered");
  });
});

test("a request over the platform's bytes is halved until it fits, and an event that never fits is rejected", async () => {
  const destination = withLimits({ bodyBytes: 40 });
  const world = laneWorld({ destination });
  const events = [...batchOf(8), purchase("x".repeat(50))];
  expect(await world.deliver(events.map((event) => laneMessage(event)))).toEqual({ failures: [] });
  for (const request of world.http.sent) expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(40);
  expect(world.http.sent.flatMap(idsOf)).toEqual(batchOf(8).map((event) => event.event_id));
  expect(await world.record(purchase("x".repeat(50)))).toMatchObject({
    state: "rejected",
    reason: "the request has 54 bytes, the platform takes 40",
  });
});

test("events share a request only with the same batch key", async () => {
  const destination = fakeDestination({ batchKey: (event) => event.user.user_id ?? "nobody" });
  const world = laneWorld({ destination });
  const people = ["ann", "bob", "ann", "bob", undefined];
  const events = people.map((person, index) =>
    purchase(`e${index}`, { user: person === undefined ? {} : { user_id: person } }),
  );
  await world.deliver(events.map((event) => laneMessage(event)));
  expect(world.http.sent.map(idsOf).toSorted()).toEqual([["e0", "e2"], ["e1", "e3"], ["e4"]]);
});

test("an event that no request can be built of waits for better code, and its neighbours are delivered", async () => {
  const destination = fakeDestination({
    buildRequest(events, context) {
      if (events.some((event) => event.event_id === "e3")) throw new RangeError("Invalid time value");
      return fakeDestination().buildRequest(events, context);
    },
  });
  const world = laneWorld({ destination });
  expect(await world.deliver(batchOf(8).map((event) => laneMessage(event)))).toEqual({ failures: ["m-e3"] });
  expect(await world.record(purchase("e3"))).toMatchObject({
    state: "retry",
    reason: "the request cannot be built: Invalid time value",
    attempt_count: 0,
  });
  expect(world.queue.postponed.get("handle of m-e3")).toBeGreaterThanOrEqual(15 * 60);
});

test("no more requests are under way at once than allowed", async () => {
  let open = 0;
  let most = 0;
  const world = laneWorld({
    destination: withLimits({ batchSize: 1 }),
    deps: { concurrentRequests: 3 },
    async platform(request) {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return answered(idsOf(request).map(() => ({ kind: "delivered" })));
    },
  });
  await world.deliver(batchOf(20).map((event) => laneMessage(event)));
  expect(most).toBe(3);
});

test("receipts are written request by request, so that a crash repeats only what was under way", async () => {
  const states: (string | undefined)[] = [];
  const world = laneWorld({
    destination: withLimits({ batchSize: 1 }),
    deps: { concurrentRequests: 1 },
    async platform(request) {
      if (idsOf(request)[0] === "e1") states.push(await world.state(purchase("e0")));
      return answered([{ kind: "delivered" }]);
    },
  });
  await world.deliver(batchOf(2).map((event) => laneMessage(event)));
  expect(states).toEqual(["delivered"]);
});

const size = fc.integer({ min: 1, max: 60 });
const ids = (count: number) => batchOf(count).map((event) => event.event_id);
const someOf = (count: number) => fc.subarray(ids(count));

test("G11: every verdict of a per-event platform reaches the event it is about", async () => {
  const kinds = fc.constantFrom<Outcome["kind"]>("delivered", "rejected", "retry", "unauthorized");
  const batch = size.chain((count) =>
    fc.record({
      // The lane's order is not the order in which events were made.
      order: fc.shuffledSubarray(ids(count), { minLength: count }),
      kinds: fc.array(kinds, { minLength: count, maxLength: count }),
      skipped: someOf(count),
      batchSize: fc.integer({ min: 1, max: 20 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(batch, async ({ order, kinds: drawn, skipped, batchSize }) => {
      const verdict = (id: string) => drawn[Number(id.slice(1))] ?? "delivered";
      const destination = withLimits(
        { batchSize },
        {
          skipReason: (event) => (skipped.includes(event.event_id) ? { code: "incomplete", detail: "" } : undefined),
        },
      );
      const world = laneWorld({
        destination,
        platform: (request) =>
          answered(
            idsOf(request).map(
              (id) =>
                (verdict(id) === "delivered"
                  ? { kind: "delivered" }
                  : { kind: verdict(id), reason: `about ${id}` }) as Outcome,
            ),
          ),
      });
      const { failures } = await world.deliver(order.map((id) => laneMessage(purchase(id))));
      for (const id of order) {
        const record = await world.record(purchase(id));
        const state = skipped.includes(id) ? "skipped" : verdict(id);
        expect([id, record?.state]).toEqual([id, state]);
        if (state === "rejected") expect(record?.reason).toBe(`about ${id}`);
        expect(failures.includes(`m-${id}`)).toBe(state === "retry" || state === "unauthorized");
      }
      expect(world.http.sent.flatMap(idsOf).toSorted()).toEqual(order.filter((id) => !skipped.includes(id)).toSorted());
    }),
    { numRuns: 60 },
  );
});

test("G12: one culprit in a batch that is refused whole is found within 2·log2 extra requests, all others delivered", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 300 }), fc.nat(), async (count, pick) => {
      const culprit = `e${pick % count}`;
      const destination = withLimits({ batchFailure: "whole", batchSize: 1_000 });
      const world = laneWorld({ destination, platform: refusesWith(new Set([culprit])) });
      expect(await world.deliver(batchOf(count).map((event) => laneMessage(event)))).toEqual({ failures: [] });
      expect(world.http.sent.length - 1).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(count)));
      for (const id of ids(count)) {
        const expected = id === culprit ? "rejected" : "delivered";
        expect([id, await world.state(purchase(id))]).toEqual([id, expected]);
      }
    }),
    { numRuns: 40 },
  );
});

test("G12: any number of culprits: none is delivered, no innocent is ever rejected, and all is settled in a few rounds", async () => {
  const scenario = fc
    .integer({ min: 1, max: 64 })
    .chain((count) => fc.record({ count: fc.constant(count), bad: someOf(count) }));
  await fc.assert(
    fc.asyncProperty(scenario, async ({ count, bad }) => {
      const culprits = new Set(bad);
      const destination = withLimits({ batchFailure: "whole" });
      const world = laneWorld({
        destination,
        platform: refusesWith(culprits),
        lane: { retryWindowMs: 9_999 * HOUR_MS },
      });
      let waiting = batchOf(count).map((event) => laneMessage(event));
      for (let round = 0; waiting.length > 0 && round < 70; round += 1) {
        const before = world.http.sent.length;
        const { failures } = await world.deliver(waiting);
        const bound = 1 + 2 * Math.ceil(Math.log2(Math.max(1, waiting.length)));
        expect(world.http.sent.length - before).toBeLessThanOrEqual(bound);
        // Every round settles something, so that nothing circles until its deadline.
        expect(failures.length).toBeLessThan(waiting.length);
        waiting = waiting.filter((message) => failures.includes(message.messageId));
      }
      for (const id of ids(count)) {
        expect([id, await world.state(purchase(id))]).toEqual([id, culprits.has(id) ? "rejected" : "delivered"]);
      }
    }),
    { numRuns: 30 },
  );
});

test("an event refused only in company is not blamed for it", async () => {
  const culprits = new Set(["e0", "e5"]);
  const world = laneWorld({ destination: withLimits({ batchFailure: "whole" }), platform: refusesWith(culprits) });
  const { failures } = await world.deliver(batchOf(8).map((event) => laneMessage(event)));
  expect(await world.state(purchase("e0"))).toBe("rejected");
  expect(failures).toEqual(["m-e4", "m-e5", "m-e6", "m-e7"]);
  expect(await world.record(purchase("e6"))).toMatchObject({
    state: "retry",
    reason: "refused together with others: one of these is wrong",
  });
});

test("a platform that answers per event is believed, however bad the batch", async () => {
  const world = laneWorld({
    platform: (request) => answered(idsOf(request).map(() => ({ kind: "rejected", reason: "no" }))),
  });
  await world.deliver(batchOf(5).map((event) => laneMessage(event)));
  expect(world.http.sent).toHaveLength(1);
});

test("G28: nothing of one batch shows in the next, and neither settings nor events are touched", async () => {
  const lane = deepFreeze({
    id: "fake",
    settings: { pixel: "1" },
    secretName: "s",
    testMode: false,
    retryWindowMs: HOUR_MS,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
      async (batches) => {
        const world = laneWorld({
          destination: deepFreeze(fakeDestination()),
          lane,
          deps: { credentials: { get: async () => deepFreeze({ token: "t" }), refresh: async () => ({ token: "t" }) } },
        });
        for (const batch of batches) {
          const from = world.http.sent.length;
          await world.deliver(batch.map((id) => deepFreeze(laneMessage(purchase(`e${id}`)))));
          const sent = world.http.sent.slice(from).flatMap(idsOf);
          for (const id of sent) expect(batch.map((it) => `e${it}`)).toContain(id);
        }
        // Each of them once, whatever company and order it came in.
        const sent = world.http.sent.flatMap(idsOf);
        expect(sent.length).toBe(new Set(sent).size);
        expect(new Set(sent)).toEqual(new Set(batches.flat().map((id) => `e${id}`)));
      },
    ),
    { numRuns: 50 },
  );
});

test("two lanes of one λ's life keep apart: what failed in one invocation does not fail in the next", async () => {
  let status = 500;
  const world = laneWorld({
    platform: (request) =>
      status === 500 ? { status, headers: {}, body: "" } : answered(idsOf(request).map(() => ({ kind: "delivered" }))),
  });
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  status = 200;
  world.time.now = NOW + 60_000;
  expect(await world.deliver([laneMessage(purchase("e1")), laneMessage(purchase("e2"))])).toEqual({ failures: [] });
});
