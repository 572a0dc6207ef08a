import type { Destination } from "../../src/core/destination.ts";
import { eventKey } from "../../src/core/event.ts";
import { SendError } from "../../src/pipeline/ports.ts";
import { fakeDestination, LANE, laneMessage, laneWorld, NOW, purchase, takesAll } from "../support/lane-world.ts";

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

test("an event is marked once, however often it has to go out in one invocation", async () => {
  const written: string[] = [];
  const { readRecords } = laneWorld().store;
  const world = laneWorld({
    destination: countsCopies(),
    platform: (request, options) =>
      request.headers.authorization === "new" ? takesAll(request, options) : { status: 401, headers: {}, body: "" },
    deps: {
      credentials: { get: async () => ({ token: "old" }), refresh: async () => ({ token: "new" }) },
      store: { readRecords, writeRecords: async (records) => void written.push(...records.map(({ state }) => state)) },
    },
  });
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(world.http.sent).toHaveLength(2);
  expect(written).toEqual(["attempting", "delivered"]);
});

test("without the mark nothing is sent", async () => {
  const store = {
    readRecords: async () => [undefined],
    writeRecords: async () => Promise.reject(new Error("throttled")),
  };
  const world = laneWorld({ destination: countsCopies(), deps: { store } });
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  expect(world.http.sent).toEqual([]);
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

test("G6: after a crash, `send_again` sends one more copy with the same event id", async () => {
  const world = laneWorld({ destination: countsCopies() });
  await crashedAt(world, NOW - 66_000);
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: [] });
  expect(world.http.sent.map(({ body }) => body)).toEqual(['["e1"]']);
});

test("G6: after a crash, `give_up` sends nothing and says why", async () => {
  const world = laneWorld({ destination: countsCopies({ unknownOutcome: "give_up" }) });
  await crashedAt(world, NOW - 66_000);
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: [] });
  expect(world.http.sent).toEqual([]);
  expect(await world.record(purchase("e1"))).toMatchObject({
    state: "rejected",
    reason: expect.stringContaining("given up"),
  });
});

test.each([
  ["send_again", true, "retry"],
  ["give_up", true, "rejected"],
  ["give_up", false, "retry"],
] as const)("%s, no answer, request maybe received %s → %s", async (unknownOutcome, maybeReceived, state) => {
  const repeatable: unknown[] = [];
  const world = laneWorld({
    destination: countsCopies({ unknownOutcome }),
    platform(_, options) {
      repeatable.push(options.repeatable);
      throw new SendError("connection", "platform.example: ECONNRESET", maybeReceived);
    },
  });
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(await world.state(purchase("e1"))).toBe(state);
  expect(repeatable).toEqual([unknownOutcome === "send_again"]);
});

test("`give_up` means nothing where the platform drops copies", async () => {
  const world = laneWorld({
    destination: fakeDestination({ unknownOutcome: "give_up" }),
    platform: () => Promise.reject(new SendError("timeout", "platform.example did not answer in time")),
  });
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(await world.state(purchase("e1"))).toBe("retry");
});
