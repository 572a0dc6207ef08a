import type { Destination } from "../../src/core/destination.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { SendError } from "../../src/pipeline/ports.ts";
import {
  fakeDestination,
  idsOf,
  LANE,
  laneMessage,
  laneWorld,
  NOW,
  purchase,
  takesAll,
} from "../support/lane-world.ts";

const countsCopies = (more: Partial<Destination> = {}) => fakeDestination({ dedupsByEventId: false, ...more });

type World = ReturnType<typeof laneWorld>;

/** What the table holds after a worker died between the platform's answer and its receipt. */
async function crashedAt(world: World, at: number): Promise<void> {
  const key = eventKey(purchase("e1"));
  await world.store.writeRecords([
    { key, lane: LANE, state: "attempting", attempts: [], attempt_count: 0, updated_at: at },
  ]);
}

test("an event is marked as under way before a platform that counts copies sees it, and not for one that drops them", async () => {
  for (const dedupsByEventId of [true, false]) {
    const seen: (string | undefined)[] = [];
    const world = laneWorld({
      destination: fakeDestination({ dedupsByEventId }),
      async platform(request, options) {
        seen.push(await world.state(purchase("e1")));
        return takesAll(request, options);
      },
    });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(seen).toEqual([dedupsByEventId ? undefined : "attempting"]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "delivered", attempt_count: 1 });
  }
});

test("where the platform drops copies of some events only, those of the others are marked, and all go together", async () => {
  const seen: unknown[] = [];
  const world = laneWorld({
    destination: fakeDestination({ dedupsByEventId: (event) => event.action_source !== "physical_store" }),
    async platform(request, options) {
      seen.push(idsOf(request), await world.state(purchase("web")), await world.state(purchase("store")));
      return takesAll(request, options);
    },
  });
  const store = purchase("store", { action_source: "physical_store" });
  await world.deliver([laneMessage(purchase("web")), laneMessage(store)]);
  expect(seen).toEqual([["web", "store"], undefined, "attempting"]);
  expect(await world.state(store)).toBe("delivered");
});

test("an event is marked once, however often it has to go out in one invocation", async () => {
  const written: string[] = [];
  const { readRecords } = laneWorld().store;
  const world = laneWorld({
    destination: countsCopies(),
    platform: (request, options) =>
      request.headers.authorization === "new" ? takesAll(request, options) : { status: 401, headers: {}, body: "" },
    deps: {
      credentials: { get: async () => ({ token: "old" }), refresh: async () => ({ token: "new" }) },
      store: {
        readRecords,
        readCopies: async (_, keys) => keys.map(() => []),
        writeRecords: async (records) => void written.push(...records.map(({ state }) => state)),
        async claimAttempts(claims) {
          written.push(...claims.map(({ record }) => record.state));
          return claims.map(() => ({ result: "won" }));
        },
      },
    },
  });
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(world.http.sent).toHaveLength(2);
  expect(written).toEqual(["attempting", "delivered"]);
});

test("without the mark nothing is sent, and the failure share sees it; a claim lost to another worker is no failure", async () => {
  const store = {
    readRecords: async () => [undefined, undefined],
    writeRecords: async () => {},
    readCopies: async () => [],
    claimAttempts: async () => [
      { result: "failed", error: "ThrottlingException" } as const,
      { result: "lost" } as const,
    ],
  };
  const world = laneWorld({ destination: countsCopies(), deps: { store } });
  const batch = [laneMessage(purchase("e1")), laneMessage(purchase("e2"))];
  expect(await world.deliver(batch)).toEqual({ failures: ["m-e1", "m-e2"] });
  expect(world.http.sent).toEqual([]);
  expect(world.counted["Deliveries fake retry"]).toBe(1);
});

test("G5: while another worker may still be sending, the message waits until that worker cannot live any more", async () => {
  const world = laneWorld({ destination: countsCopies() });
  await crashedAt(world, NOW - 20_000);
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  expect(world.http.sent).toEqual([]);
  // The invocation has 60 s, so any worker of this lane has; 5 s of margin; 20 s are over.
  expect([...world.queue.postponed.values()]).toEqual([45]);
  expect(await world.state(purchase("e1"))).toBe("attempting");
});

test("G6: after a crash one more copy goes out, with the same event id", async () => {
  const world = laneWorld({ destination: countsCopies() });
  await crashedAt(world, NOW - 66_000);
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: [] });
  expect(world.http.sent.map(({ body }) => body)).toEqual(['["e1"]']);
});

test("a request without an answer is tried again, claimed or not", async () => {
  for (const destination of [countsCopies(), fakeDestination()]) {
    const world = laneWorld({
      destination,
      platform: () => Promise.reject(new SendError("connection", "platform.example: ECONNRESET")),
    });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(await world.state(purchase("e1"))).toBe("retry");
  }
});

test("G5: two workers with the same message send it once", async () => {
  const world = laneWorld({ destination: countsCopies() });
  const batch = [laneMessage(purchase("e1")), laneMessage(purchase("e2"))];
  const answers = await Promise.all([world.deliver(batch), world.deliver(batch)]);
  expect(world.http.sent.flatMap(idsOf).sort()).toEqual(["e1", "e2"]);
  expect(answers.map(({ failures }) => failures.length).sort()).toEqual([0, 2]);
  expect([...world.queue.postponed.values()]).toEqual([30, 30]);
  // The copies come back and find it done.
  expect(await world.deliver(batch)).toEqual({ failures: [] });
  expect(world.http.sent).toHaveLength(1);
});

test("G5: a worker that could not send does not take away the mark of one that is sending", async () => {
  const secret = Promise.withResolvers<Record<string, string>>();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const secrets = [secret.promise, Promise.resolve({ token: "t" }), Promise.resolve({ token: "t" })];
  const get = () => secrets.shift() ?? Promise.reject(new Error("asked too often"));
  const world = laneWorld({
    destination: countsCopies(),
    deps: { credentials: { get, refresh: get } },
    async platform(request, options) {
      asked.resolve();
      await answer.promise;
      return takesAll(request, options);
    },
  });
  const batch = [laneMessage(purchase("e1"))];
  const first = world.deliver(batch);
  const second = world.deliver(batch);
  await asked.promise;
  secret.reject(new Error("TimeoutError"));
  expect(await first).toEqual({ failures: ["m-e1"] });
  expect(await world.state(purchase("e1"))).toBe("attempting");
  expect(await world.deliver(batch)).toEqual({ failures: ["m-e1"] });
  expect(world.http.sent).toHaveLength(1);
  answer.resolve();
  expect(await second).toEqual({ failures: [] });
  expect(await world.state(purchase("e1"))).toBe("delivered");
});

test("G5: a batch of which another worker has a part goes out without that part", async () => {
  const world = laneWorld({ destination: countsCopies() });
  const both = [laneMessage(purchase("e1")), laneMessage(purchase("e2"))];
  const answers = await Promise.all([world.deliver([both[0] ?? laneMessage(purchase("e1"))]), world.deliver(both)]);
  expect(world.http.sent.map(idsOf).sort()).toEqual([["e1"], ["e2"]]);
  expect(answers).toEqual([{ failures: [] }, { failures: ["m-e1"] }]);
});

test("a claim is one write, and the time that it may take is not the request's", async () => {
  let claims = 0;
  const waits: number[] = [];
  const world = laneWorld({
    destination: countsCopies(),
    platform(request, options) {
      waits.push(options.timeoutMs);
      return takesAll(request, options);
    },
    deps: {
      store: {
        readRecords: async () => [undefined],
        readCopies: async (_, keys) => keys.map(() => []),
        writeRecords: async () => {},
        async claimAttempts(batch) {
          claims += batch.length;
          world.time.remainingMs -= 9_000;
          return batch.map(() => ({ result: "won" }));
        },
      },
    },
  });
  world.time.remainingMs = 47_000;
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(claims).toBe(1);
  expect(waits).toEqual([6_000]);
});
