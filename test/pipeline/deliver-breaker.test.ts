import type { PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { close, pause, probe, stop } from "../../src/core/breaker.ts";
import type { Destination } from "../../src/core/destination.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { LaneControl } from "../../src/core/lane-control.ts";
import type { DeliverDeps, ReceivedMessage } from "../../src/pipeline/lane.ts";
import { createLaneBreaker, type LaneBreaker } from "../../src/pipeline/lane-breaker.ts";
import type { LaneControlStore } from "../../src/pipeline/lane-control-ports.ts";
import { SecretError } from "../../src/pipeline/ports.ts";
import {
  answered,
  fakeDestination,
  idsOf,
  LANE,
  laneMessage,
  laneWorld,
  NOW,
  purchase,
  takesAll,
} from "../support/lane-world.ts";

const WINDOW_MS = DAY_MS;
const DOWN: PlatformAnswer = () => ({ status: 503, headers: {}, body: "" });
const given = { now: NOW - 60_000, retryWindowMs: WINDOW_MS, reason: "status 503" };
const OPEN = stop(LANE, undefined, { ...given, cause: "failures" });

interface Options {
  readonly platform?: PlatformAnswer;
  readonly destination?: Partial<Destination>;
  readonly deps?: Partial<DeliverDeps>;
  readonly control?: LaneControl;
}

/** A lane with a breaker, whose store counts; `platform` can be changed, and `restart` makes a new container. */
async function breakerWorld(options: Options = {}) {
  const inner = createMemoryLaneControls();
  const calls = { read: 0, save: 0 };
  const failing = { read: false, save: false };
  const controls: LaneControlStore = {
    async read(lanes) {
      calls.read += 1;
      if (failing.read) throw new Error("no table");
      return inner.read(lanes);
    },
    async save(control) {
      calls.save += 1;
      if (failing.save) throw new Error("no table");
      return inner.save(control);
    },
  };
  if (options.control !== undefined) await inner.save({ ...options.control, version: 1 });
  let breaker: LaneBreaker | undefined;
  const container = (): LaneBreaker =>
    createLaneBreaker({
      lane: { id: LANE, retryWindowMs: WINDOW_MS },
      store: controls,
      clock: { now: () => world.time.now },
      random: { fraction: () => 0.5 },
      log: { info() {}, warn: (...line) => logged.push(line), error: (...line) => logged.push(line), step() {} },
    });
  const logged: unknown[][] = [];
  const platform = { answer: options.platform ?? takesAll };
  const world = laneWorld({
    platform: (request, how) => platform.answer(request, how),
    destination: fakeDestination({
      limits: { ...fakeDestination().limits, batchSize: 1 },
      ...options.destination,
    }),
    deps: {
      concurrentRequests: 1,
      breaker: {
        gate(remainingMs) {
          breaker ??= container();
          return breaker.gate(remainingMs);
        },
      },
      ...options.deps,
    },
  });
  return {
    ...world,
    calls,
    failing,
    logged,
    platform,
    controls: inner,
    control: async () => (await inner.read([LANE]))[0],
    restart() {
      breaker = undefined;
    },
    held: (message: ReceivedMessage) => world.queue.postponed.get(message.receiptHandle),
  };
}

function batch(count: number, prefix = "e"): ReceivedMessage[] {
  return Array.from({ length: count }, (_, index) => laneMessage(purchase(`${prefix}${index + 1}`)));
}

describe("opening", () => {
  test("ten failed requests stop the lane, and the rest of the batch is put off without a request or a receipt", async () => {
    const world = await breakerWorld({ platform: DOWN });
    const messages = batch(14);
    const { failures } = await world.deliver(messages);
    expect(failures).toHaveLength(14);
    expect(world.http.sent).toHaveLength(10);
    expect(await world.control()).toMatchObject({ state: "open", cause: "failures", probe_at: NOW + 30_000 });
    expect(world.store.records()).toHaveLength(10);
    for (const message of messages.slice(9)) expect(world.held(message)).toBeGreaterThanOrEqual(30);
  });

  test("what other invocations of the container sent in the last minute counts too, and what is older does not", async () => {
    const world = await breakerWorld({ platform: DOWN });
    await world.deliver(batch(5, "a"));
    world.time.now += 61_000;
    await world.deliver(batch(5, "b"));
    expect(await world.control()).toBeUndefined();
    world.time.now += 30_000;
    await world.deliver(batch(5, "c"));
    expect(await world.control()).toMatchObject({ state: "open" });
  });

  test("refused events are the platform at work, however many", async () => {
    const world = await breakerWorld({ platform: () => ({ status: 400, headers: {}, body: "bad" }) });
    await world.deliver(batch(30));
    expect(world.http.sent).toHaveLength(30);
    expect(await world.control()).toBeUndefined();
  });

  test("a request of which one row passed is none that failed", async () => {
    const mixed: PlatformAnswer = (request) =>
      answered(
        idsOf(request).map((id) => (id.endsWith("1") ? { kind: "delivered" } : { kind: "retry", reason: "busy" })),
      );
    const { limits } = fakeDestination();
    const world = await breakerWorld({ platform: mixed, destination: { limits } });
    for (let round = 0; round < 12; round += 1) await world.deliver(batch(3, `round${round}-`));
    expect(await world.control()).toBeUndefined();
  });

  test("credentials that are refused stop it at once, and what tripped it comes back for the probe", async () => {
    const world = await breakerWorld({ platform: () => ({ status: 401, headers: {}, body: "" }) });
    const [first, second] = batch(2) as [ReceivedMessage, ReceivedMessage];
    await world.deliver([first, second]);
    expect(world.http.sent).toHaveLength(1);
    expect(await world.control()).toMatchObject({ state: "open", cause: "unauthorized", reason: "bad token" });
    expect(await world.state(purchase("e1"))).toBe("unauthorized");
    expect(await world.state(purchase("e2"))).toBeUndefined();
    expect(world.held(first)).toBeLessThan(60);
  });

  test("credentials that are renewed in time stop nothing", async () => {
    const platform: PlatformAnswer = (request, how) =>
      request.headers.authorization === "new" ? takesAll(request, how) : { status: 401, headers: {}, body: "" };
    const credentials = { get: async () => ({ token: "old" }), refresh: async () => ({ token: "new" }) };
    const world = await breakerWorld({ platform, deps: { credentials } });
    expect(await world.deliver(batch(1))).toEqual({ failures: [] });
    expect(world.calls.save).toBe(0);
  });

  test("a secret that a person has to mend stops the lane without a request; one that AWS did not give does not", async () => {
    const refuse = (error: Error) => ({ get: async () => Promise.reject(error), refresh: async () => ({}) });
    const unfilled = await breakerWorld({ deps: { credentials: refuse(new SecretError("secret lacks token")) } });
    await unfilled.deliver(batch(1));
    expect(unfilled.http.sent).toHaveLength(0);
    expect(await unfilled.control()).toMatchObject({ state: "open", cause: "unauthorized" });
    const unreachable = await breakerWorld({ deps: { credentials: refuse(new Error("timeout")) } });
    for (let round = 0; round < 12; round += 1) await unreachable.deliver(batch(1));
    expect(await unreachable.control()).toBeUndefined();
  });

  test("a platform that asks for more than a minute is left alone for as long, by the whole lane", async () => {
    const destination: Partial<Destination> = {
      classify: (_, events) => events.map(() => ({ kind: "retry", reason: "busy", afterMs: 600_000 })),
    };
    const world = await breakerWorld({ destination, platform: () => ({ status: 429, headers: {}, body: "" }) });
    const messages = batch(2);
    await world.deliver(messages);
    expect(world.http.sent).toHaveLength(1);
    expect(await world.control()).toMatchObject({ cause: "throttled", probe_at: NOW + 600_000 });
    for (const message of messages) expect(world.held(message)).toBeGreaterThanOrEqual(600);
  });
});

describe("a stopped lane", () => {
  const stopped = { ...OPEN, probe_at: NOW + 120_000 };

  test("sends nothing, reads no receipts, writes nothing, and puts all off until its probe", async () => {
    const world = await breakerWorld({ control: stopped });
    const messages = batch(20);
    expect((await world.deliver(messages)).failures).toHaveLength(20);
    expect(world.http.sent).toHaveLength(0);
    expect(world.store.records()).toEqual([]);
    expect(world.calls).toEqual({ read: 1, save: 0 });
    for (const message of messages) expect(world.held(message)).toBe(125);
    expect(world.counted).toEqual({});
  });

  test("is known within five seconds to a container that is at work, also between two requests", async () => {
    const world = await breakerWorld();
    world.platform.answer = async (request, how) => {
      if (idsOf(request)[0] === "e2") await world.controls.save(pause(LANE, undefined, { ...given, by: "key:1" }));
      world.time.now += 3_000;
      return takesAll(request, how);
    };
    const { failures } = await world.deliver(batch(6));
    expect(world.http.sent.flatMap(idsOf)).toEqual(["e1", "e2"]);
    expect(failures).toHaveLength(4);
    expect(await world.control()).toMatchObject({ state: "paused" });
  });

  test("costs a busy container one read in five seconds", async () => {
    const world = await breakerWorld();
    for (let second = 0; second < 20; second += 1) {
      await world.deliver(batch(2, `s${second}-`));
      world.time.now += 1_000;
    }
    expect(world.calls).toEqual({ read: 4, save: 0 });
  });

  test("that cannot be read counts as closed", async () => {
    const world = await breakerWorld({ control: stopped });
    world.failing.read = true;
    expect(await world.deliver(batch(2))).toEqual({ failures: [] });
    expect(world.logged).toHaveLength(1);
  });

  test("that cannot be written goes on: nothing is lost but the stop", async () => {
    const world = await breakerWorld({ platform: DOWN });
    world.failing.save = true;
    expect((await world.deliver(batch(14))).failures).toHaveLength(14);
    expect(world.http.sent).toHaveLength(14);
    world.failing.save = false;
    await world.deliver(batch(1, "later"));
    expect(await world.control()).toMatchObject({ state: "open" });
  });

  test("does not use up receives: twelve days of it are less than half of what SQS allows", async () => {
    // A short queue, whose every message comes by at every probe, at a platform that is down all the time.
    const limits = { ...fakeDestination().limits, maxAgeMs: () => Number.POSITIVE_INFINITY };
    const world = await breakerWorld({ platform: DOWN, control: OPEN, destination: { limits } });
    const events = ["e1", "e2", "e3"].map((id) => ({
      message: laneMessage(purchase(id, { event_time: NOW }), { enqueued_at: NOW }),
      receives: 0,
      visibleAt: NOW,
    }));
    const nextAt = () => Math.min(...events.map(({ visibleAt }) => visibleAt));
    while (nextAt() < NOW + 12 * DAY_MS) {
      world.time.now = nextAt();
      const due = events.filter(({ visibleAt }) => visibleAt <= world.time.now);
      const messages = due.map(({ message, receives }) => ({ ...message, sentAt: NOW, receiveCount: receives + 1 }));
      const { failures } = await world.deliver(messages);
      for (const event of due) {
        event.receives += 1;
        const seconds = world.held(event.message) ?? 725;
        const isBack = failures.includes(event.message.messageId);
        event.visibleAt = isBack ? world.time.now + seconds * 1_000 : Number.POSITIVE_INFINITY;
      }
    }
    for (const { receives } of events) expect(receives).toBeLessThan(500);
    expect(world.http.sent.length).toBeGreaterThan(200);
    expect(world.queue.deadLetters).toEqual([]);
  });
});

describe("a probe", () => {
  test("is one request of one worker, and what it says decides over the rest of its batch", async () => {
    const world = await breakerWorld({ platform: DOWN, control: OPEN });
    const messages = batch(8);
    await world.deliver(messages);
    expect(world.http.sent).toHaveLength(1);
    expect(await world.control()).toMatchObject({ state: "open", failed_probes: 1, probe_at: NOW + 60_000 });
    for (const message of messages) expect(world.held(message)).toBeGreaterThanOrEqual(60);

    world.platform.answer = takesAll;
    world.time.now += 60_000;
    expect(await world.deliver(messages)).toEqual({ failures: [] });
    expect(await world.control()).toMatchObject({ state: "closed", resumed_at: world.time.now, failed_probes: 0 });
  });

  test("is made by one of many workers who see that it is time", async () => {
    const world = await breakerWorld({ control: OPEN });
    const other = createLaneBreaker({
      lane: { id: LANE, retryWindowMs: WINDOW_MS },
      store: world.controls,
      clock: { now: () => world.time.now },
      random: { fraction: () => 0.5 },
      log: { info() {}, warn() {}, error() {}, step() {} },
    });
    const gate = await other.gate(() => 60_000);
    expect(gate.admits).toBe("probe");
    world.platform.answer = async (request, how) => {
      expect(await gate.enter()).toBe(false);
      return takesAll(request, how);
    };
    await world.deliver(batch(1));
    expect(world.http.sent).toHaveLength(1);
    expect(await world.control()).toMatchObject({ state: "closed" });
  });

  test("whose worker died is made again when its time is over, and not before", async () => {
    const world = await breakerWorld({ control: probe(OPEN, NOW, 180_000) });
    await world.deliver(batch(1));
    expect(world.http.sent).toHaveLength(0);
    world.time.now += 180_000;
    world.restart();
    expect(await world.deliver(batch(1))).toEqual({ failures: [] });
  });

  test("that found nothing to send leaves the lane as it was", async () => {
    const world = await breakerWorld({ control: OPEN });
    const denied = laneMessage(purchase("e1", { consent: { ad_user_data: "denied" } }));
    expect(await world.deliver([denied])).toEqual({ failures: [] });
    expect(await world.control()).toMatchObject({ state: "open", version: 1 });
  });

  test("that could not be made gives its turn back", async () => {
    const broken: Partial<Destination> = {
      buildRequest: () => {
        throw new Error("no");
      },
    };
    const world = await breakerWorld({ control: OPEN, destination: broken });
    await world.deliver(batch(3));
    expect(world.http.sent).toHaveLength(0);
    expect(await world.control()).toMatchObject({ state: "open", failed_probes: 0, version: 3 });
  });

  test("a person's pause meanwhile stands, whatever the probe said", async () => {
    const world = await breakerWorld({ control: OPEN });
    world.platform.answer = async (request, how) => {
      const control = await world.control();
      await world.controls.save(pause(LANE, control, { ...given, by: "key:1" }));
      return takesAll(request, how);
    };
    const { failures } = await world.deliver(batch(3));
    expect(world.http.sent).toHaveLength(1);
    expect(failures).toHaveLength(2);
    expect(await world.control()).toMatchObject({ state: "paused" });
  });
});

describe("the retry window", () => {
  const old = (id: string, sentAt: number) => ({
    ...laneMessage(purchase(id, { event_time: NOW - 60_000 }), { enqueued_at: sentAt }),
    sentAt,
  });

  test("does not run while the lane is stopped, and begins anew when it is over", async () => {
    const sentAt = NOW - 3 * DAY_MS;
    const probed = await breakerWorld({ control: OPEN });
    expect(await probed.deliver([old("e1", sentAt)])).toEqual({ failures: [] });
    expect(await probed.state(purchase("e1"))).toBe("delivered");

    const resumed = await breakerWorld({ control: close(OPEN, { now: NOW - 23 * HOUR_MS, reason: "" }) });
    await resumed.deliver([old("e1", sentAt)]);
    expect(await resumed.state(purchase("e1"))).toBe("delivered");

    const over = await breakerWorld({ control: close(OPEN, { now: NOW - 25 * HOUR_MS, reason: "" }) });
    await over.deliver([old("e1", sentAt)]);
    expect(await over.state(purchase("e1"))).toBe("expired");
  });

  test("of what trips the breaker at its very end does not end there", async () => {
    const world = await breakerWorld({ platform: () => ({ status: 401, headers: {}, body: "" }) });
    const late = old("e1", NOW - WINDOW_MS + 90_000);
    expect((await world.deliver([late])).failures).toHaveLength(1);
    expect(await world.state(purchase("e1"))).toBe("unauthorized");
  });

  test("a platform's own age goes on", async () => {
    const world = await breakerWorld({ control: OPEN });
    const event = purchase("e1", { event_time: NOW - 8 * DAY_MS, received_at: NOW - 8 * DAY_MS });
    await world.deliver([laneMessage(event, { enqueued_at: NOW - 8 * DAY_MS })]);
    expect(world.http.sent).toHaveLength(0);
    expect(await world.state(event)).toBe("expired");
  });

  test("what the queue is about to forget is dead-lettered, also from a lane that a person holds", async () => {
    const control = pause(LANE, undefined, { ...given, by: "key:1" });
    const world = await breakerWorld({ control });
    const forgotten = old("e1", NOW - 13 * DAY_MS);
    const kept = old("e2", NOW - 13 * DAY_MS + 60_000);
    const { failures } = await world.deliver([forgotten, kept]);
    expect(failures).toEqual([kept.messageId]);
    expect(world.http.sent).toHaveLength(0);
    expect(world.queue.deadLetters).toHaveLength(1);
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "expired",
      reason: expect.stringContaining("13 days"),
    });
    expect(await world.state(purchase("e2"))).toBeUndefined();
  });
});
