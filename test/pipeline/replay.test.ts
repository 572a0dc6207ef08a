import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { ReplayJob } from "../../src/core/replay-job.ts";
import type { ArchiveReader } from "../../src/pipeline/archive-ports.ts";
import type { LaneQueues } from "../../src/pipeline/ports.ts";
import { runReplaySlice } from "../../src/pipeline/replay.ts";
import { GRANTED, GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { testLane } from "../support/lanes.ts";
import { order, replayWorld, START } from "../support/replay-world.ts";

const ALL = { from: START - HOUR_MS };
const ids = (count: number, first = 1) => Array.from({ length: count }, (_, index) => `e${first + index}`);
const last = async (world: ReturnType<typeof replayWorld>) => (await world.replays.list({ limit: 1 }))[0];

describe("G17: a replay sends what is missing, and only that", () => {
  test("at every destination by what is stored there", async () => {
    const world = replayWorld();
    const events = ids(6).map((id) => order(id));
    const [e1, e2, e3, e4, e5] = events as [(typeof events)[0], ...typeof events] & Record<number, (typeof events)[0]>;
    await world.enrich(events);
    await world.end(e1, "meta", "delivered");
    await world.end(e2 ?? e1, "meta", "rejected");
    await world.end(e3 ?? e1, "meta", "expired");
    await world.end(e4 ?? e1, "meta", "skipped");
    await world.end(e5 ?? e1, "meta", "retry");
    for (const event of events) await world.end(event, "ga4", "delivered");
    world.clock.set(START + HOUR_MS);
    const job = await world.replay(ALL);
    expect(world.sent("meta")).toEqual(["e2", "e3", "e4"]);
    expect(world.sent("ga4")).toEqual([]);
    expect(job).toMatchObject({
      state: "done",
      by_destination: { meta: 3 },
      // e5 is being tried, and of e6 nothing is stored yet.
      counts: { events: 6, sent: 3, delivered_already: 7, on_its_way: 2, too_old: 0, not_allowed: 0, unreadable: 0 },
      progress: { done: 1, of: 1 },
    });
  });

  test("marked as a replay, in its own group, with everything of the event as it was", async () => {
    const world = replayWorld();
    await world.enrich([order("e1")]);
    await world.end(order("e1"), "meta", "expired");
    world.clock.set(START + 30 * HOUR_MS);
    await world.replay({ ...ALL, destinations: ["meta"] });
    const [message] = world.queues.messages("meta");
    const now = START + 30 * HOUR_MS;
    expect(message).toMatchObject({ enqueued_at: now, replay: { job: "job-1", requested_at: now } });
    expect(message?.replay).not.toHaveProperty("force");
    expect(message?.event).toMatchObject({ event_id: "e1", event_time: order("e1").event_time, value: "149.85" });
    // Only hashes where the platform takes no raw contact.
    expect(JSON.stringify(message)).not.toContain("lovelace");
  });

  test("a second replay of the same sends nothing once the first one's events have arrived", async () => {
    const world = replayWorld();
    await world.enrich([order("e1"), order("e2")]);
    world.clock.set(START + 2 * DAY_MS);
    await world.replay({ ...ALL, destinations: ["meta"] });
    for (const id of ["e1", "e2"]) await world.end(order(id), "meta", "delivered");
    const again = await world.replay({ ...ALL, destinations: ["meta"] });
    expect(world.sent("meta")).toEqual(["e1", "e2"]);
    expect(again.counts).toMatchObject({ sent: 0, delivered_already: 2 });
  });

  test("a destination that was added later gets the days that its platform takes", async () => {
    const world = replayWorld();
    const late = testLane("late", {}, { limits: { ...testLane("x").destination.limits, maxAgeMs: () => 3 * DAY_MS } });
    for (let day = 0; day < 6; day += 1) {
      const at = START + day * DAY_MS;
      world.clock.set(at);
      await world.enrich([order(`e${day}`, { event_time: at, received_at: at })]);
    }
    world.rules.lanes.push(late);
    world.clock.set(START + 5 * DAY_MS + HOUR_MS);
    const job = await world.replay({ ...ALL, destinations: ["late"] });
    expect(world.sent("late")).toEqual(["e3", "e4", "e5"]);
    expect(job.counts).toMatchObject({ events: 6, sent: 3, too_old: 3, on_its_way: 0 });
  });

  test("what is so old that its receipt is gone is not sent where it was meant to go, but is to a new destination", async () => {
    const world = replayWorld({}, { limits: { ...testLane("x").destination.limits, maxAgeMs: () => 1_000 * DAY_MS } });
    await world.enrich([order("e1")]);
    await world.end(order("e1"), "meta", "delivered");
    world.rules.lanes.push(testLane("late", {}, { limits: world.rules.lanes[0]?.destination.limits as never }));
    world.clock.set(START + 40 * DAY_MS);
    const job = await world.replay(ALL);
    expect(world.sent("meta")).toEqual([]);
    expect(world.sent("late")).toEqual(["e1"]);
    expect(job.counts).toMatchObject({ sent: 1, delivered_already: 2 });
  });

  test("a dry run counts the same and sends nothing", async () => {
    const world = replayWorld();
    await world.enrich(ids(30).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    const dry = await world.replay(ALL, { dry_run: true, pace: 1 });
    expect(world.sent("meta")).toEqual([]);
    expect(world.clock.now()).toBe(START + 2 * DAY_MS);
    const real = await world.replay(ALL);
    expect(dry.counts).toEqual(real.counts);
    expect(dry.by_destination).toEqual({ meta: 30, ga4: 30 });
    expect(dry.cost_usd).toBeCloseTo(real.cost_usd, 12);
    expect(world.sent("meta")).toHaveLength(30);
  });

  test("what was delivered is sent again when forced, and not what was delivered since", async () => {
    const world = replayWorld();
    await world.enrich([order("e1"), order("e2"), order("e3")]);
    await world.end(order("e1"), "meta", "delivered");
    await world.end(order("e2"), "meta", "delivered", { replay: "job-1" });
    world.clock.set(START + HOUR_MS);
    const job = await world.create({ ...ALL, destinations: ["meta"] }, { force: true });
    world.clock.set(START + HOUR_MS + 1);
    await world.end(order("e3"), "meta", "delivered");
    expect((await runReplaySlice(job, START + 2 * HOUR_MS, world.deps)).counts.sent).toBe(1);
    expect(world.queues.messages("meta").map(({ event, replay }) => [event.event_id, replay?.force])).toEqual([
      ["e1", true],
    ]);
  });
});

describe("a replay decides with what holds today", () => {
  test("an event name that was turned off, and a purpose that was added, hold events back", async () => {
    const world = replayWorld();
    const silent = { user: { user_id: "u-2" }, browser_ids: {}, consent: { ad_storage: "granted" } } as const;
    await world.enrich([order("e1"), order("e2", silent)]);
    world.clock.set(START + 2 * DAY_MS);
    world.rules.lanes[0] = testLane("meta", { events: { purchase: { drop: true } } });
    world.rules.lanes[1] = testLane("ga4", { consent: ["ad_personalization"] });
    const purposes = { ...GRANTED, ad_personalization: "denied" } as const;
    world.rules.consent = { ...GRANTED_BY_DEFAULT, defaults: [{ countries: ["*"], purposes }] };
    const job = await world.replay(ALL);
    expect(world.sent("meta")).toEqual([]);
    expect(world.sent("ga4")).toEqual(["e1"]);
    expect(job.counts).toMatchObject({ sent: 1, not_allowed: 3 });
  });

  test("consent that was withdrawn since holds events back, a refusal of that day stands, and a later grant frees none", async () => {
    const world = replayWorld();
    const consent = { ad_storage: "granted", ad_user_data: "granted" } as const;
    const by = (id: string, user: string, changes = {}) =>
      order(id, { user: { user_id: user, country: "DE" }, browser_ids: {}, consent, ...changes });
    await world.enrich([
      by("withdrew", "u-1"),
      by("stayed", "u-2"),
      by("refused", "u-3", { consent: { ...consent, ad_user_data: "denied" } }),
      by("opted-out", "u-4"),
    ]);
    const later = START + HOUR_MS;
    world.clock.set(later);
    const answer = (id: string, user: string, said: object) =>
      by(id, user, { event_name: "identify", event_time: later, received_at: later, consent: said });
    await world.enrich([
      answer("i-1", "u-1", { ad_user_data: "denied" }),
      answer("i-3", "u-3", consent),
      answer("i-4", "u-4", { gpc: true }),
    ]);
    world.clock.set(START + 2 * DAY_MS);
    const job = await world.replay({ ...ALL, destinations: ["meta"], event_names: ["purchase"] });
    expect(world.sent("meta")).toEqual(["stayed"]);
    expect(job.counts).toMatchObject({ events: 4, sent: 1, not_allowed: 3 });
  });

  test("test events go where tests go: nowhere, without a test mode", async () => {
    const world = replayWorld();
    await world.enrich([order("e1", { test: true })]);
    world.clock.set(START + 2 * DAY_MS);
    expect((await world.replay(ALL)).counts).toMatchObject({ sent: 0, not_allowed: 2 });
  });
});

describe("a slice", () => {
  test("ends at its deadline with its place written down, and the next one goes on there", async () => {
    const world = replayWorld();
    await world.enrich(ids(40).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    // 10 a second, two destinations: pages of 25 events take 5 s.
    let job = await world.create(ALL, { pace: 10 });
    const began = world.clock.now();
    job = await runReplaySlice(job, began + 3_000, world.deps);
    expect(job).toMatchObject({ state: "running", counts: { sent: 50 }, progress: { done: 0, of: 1 } });
    expect(job.cursor?.line).toBe(25);
    // The pace holds over slices: nobody goes on before its time.
    expect(job.lease_until).toBe(began + 5_000);
    world.clock.set(began + 4_000);
    expect((await runReplaySlice(job, began + 60_000, world.deps)).version).toBe(job.version);
    world.clock.set(job.lease_until);
    job = await runReplaySlice(job, began + 60_000, world.deps);
    expect(job).toMatchObject({ state: "done", counts: { sent: 80 }, progress: { done: 1, of: 1 } });
    expect(job).not.toHaveProperty("cursor");
    expect(world.sent("meta")).toEqual(ids(40));
  });

  test("keeps the pace inside of it", async () => {
    const world = replayWorld();
    await world.enrich(ids(40).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    const began = world.clock.now();
    const job = await world.replay({ ...ALL, destinations: ["meta"] }, { pace: 4 });
    expect(job.counts.sent).toBe(40);
    expect(world.clock.now() - began).toBe(10_000);
  });

  test("is one worker's: a second one with the same job does nothing, and one whose lease was lost stops", async () => {
    const world = replayWorld();
    await world.enrich(ids(4).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    const job = await world.create(ALL);
    const both = await Promise.all([1, 2].map(() => runReplaySlice(job, world.clock.now() + 9_000, world.deps)));
    expect(both.map(({ state }) => state).sort()).toEqual(["done", "running"]);
    expect(world.sent("meta")).toEqual(ids(4));
  });

  test("a cancelled job stops at its next page", async () => {
    const world = replayWorld();
    await world.enrich(ids(40).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    const job = await world.create(ALL, { pace: 10 });
    const lanes: LaneQueues = {
      async send(lane, messages) {
        const stored = await world.replays.read(job.id);
        if (stored !== undefined && stored.state === "running") {
          await world.replays.save({ ...stored, state: "cancelled", version: stored.version + 1 });
        }
        return world.queues.send(lane, messages);
      },
    };
    await runReplaySlice(job, world.clock.now() + 60_000, { ...world.deps, lanes });
    expect(world.sent("meta")).toHaveLength(25);
    expect(await last(world)).toMatchObject({ state: "cancelled" });
  });

  test("a crash repeats a page at most, and counts it once", async () => {
    const world = replayWorld();
    await world.enrich(ids(50).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    const job = await world.create({ ...ALL, destinations: ["meta"] }, { pace: 2 });
    let saves = 0;
    // The third page is sent, and then the worker is gone.
    const replays = {
      ...world.replays,
      save: (it: ReplayJob) => (++saves === 4 ? new Promise<boolean>(() => {}) : world.replays.save(it)),
    };
    void runReplaySlice(job, world.clock.now() + 60_000, { ...world.deps, replays });
    for (let turn = 0; turn < 500; turn += 1) await Promise.resolve();
    expect(world.sent("meta")).toHaveLength(30);
    let left = (await last(world)) ?? job;
    expect(left).toMatchObject({ counts: { sent: 20 }, state: "running" });
    world.clock.set(left.lease_until);
    while (left.state === "running") {
      left = await runReplaySlice(left, world.clock.now() + 60_000, world.deps);
      world.clock.set(Math.max(world.clock.now(), left.lease_until));
    }
    expect(left.counts).toMatchObject({ events: 50, sent: 50 });
    expect(world.sent("meta")).toHaveLength(60);
    expect(new Set(world.sent("meta")).size).toBe(50);
  });

  test("an archive or a queue that does not answer interrupts it, and it goes on from the last page", async () => {
    const world = replayWorld();
    await world.enrich(ids(3).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    let job = await world.create(ALL);
    const archive: ArchiveReader = { ...world.archive, objects: () => Promise.reject(new RangeError("away")) };
    job = await runReplaySlice(job, world.clock.now() + 9_000, { ...world.deps, archive });
    expect(job).toMatchObject({ state: "running", lease_until: 0, reason: expect.stringContaining("RangeError") });
    const lanes: LaneQueues = { send: async (_, them) => them.map(() => ({ sent: false, reason: "Throttled" })) };
    job = await runReplaySlice(job, world.clock.now() + 9_000, { ...world.deps, lanes });
    expect(job).toMatchObject({
      state: "running",
      counts: { sent: 0 },
      reason: expect.stringContaining("interrupted"),
    });
    job = await runReplaySlice(job, world.clock.now() + 9_000, world.deps);
    expect(job).toMatchObject({ state: "done", counts: { sent: 6 } });
    expect(job).not.toHaveProperty("reason");
  });

  test("what a queue refuses in part is sent again, and only that", async () => {
    const world = replayWorld();
    await world.enrich(ids(3).map((id) => order(id)));
    world.clock.set(START + 2 * DAY_MS);
    const tries = new Map<string, number>();
    const lanes: LaneQueues = {
      async send(lane, messages) {
        const taken = messages.filter(({ body }) => {
          const key = `${lane} ${body.includes('"e2"')}`;
          tries.set(key, (tries.get(key) ?? 0) + 1);
          return !body.includes('"e2"') || (tries.get(key) ?? 0) > 1;
        });
        const results = await world.queues.send(lane, taken);
        return messages.map((message) => results[taken.indexOf(message)] ?? { sent: false, reason: "InternalError" });
      },
    };
    const job = await runReplaySlice(await world.create(ALL), world.clock.now() + 60_000, { ...world.deps, lanes });
    expect(job).toMatchObject({ state: "done", counts: { sent: 6 } });
    expect(world.sent("meta")).toEqual(["e1", "e3", "e2"]);
  });
});

test("the second line of an event is dropped, lines that nobody can read are counted, and neither stops the walk", async () => {
  const world = replayWorld();
  await world.enrich([order("e1")]);
  const [line] = world.archive.events();
  world.archive.plant(START, ["the object ends before its end", JSON.stringify(line), "[]", '{"v":2}', '{"v":1}']);
  await world.enrich([order("e2")]);
  world.clock.set(START + 2 * DAY_MS);
  const job = await world.replay({ ...ALL, destinations: ["meta"] });
  expect(world.sent("meta")).toEqual(["e1", "e2"]);
  expect(job.counts).toMatchObject({ events: 2, sent: 2, unreadable: 4 });
});

test("an event that today's code fails on costs itself alone, at the destinations that fail on it", async () => {
  const { limits } = testLane("x").destination;
  const maxAgeMs = ({ event_id: id }: CanonicalEvent) => {
    if (id === "e2") throw new TypeError("no such time");
    return 7 * DAY_MS;
  };
  const world = replayWorld();
  world.rules.lanes[0] = testLane("meta", {}, { limits: { ...limits, maxAgeMs } });
  await world.enrich(ids(3).map((id) => order(id)));
  const [line] = world.archive.events();
  world.archive.plant(START, [JSON.stringify({ ...line, event: { ...line?.event, event_id: "e0", user: null } })]);
  world.clock.set(START + 2 * DAY_MS);
  const job = await world.replay(ALL);
  expect(world.sent("meta")).toEqual(["e1", "e3"]);
  expect(world.sent("ga4")).toEqual(["e1", "e2", "e3"]);
  expect(job).toMatchObject({ state: "done", counts: { events: 3, sent: 5, unreadable: 2 } });
  expect(JSON.stringify(world.log.lines)).toContain("TypeError");
});

test("an object that is deleted meanwhile counts as unreadable, and the others are read", async () => {
  const world = replayWorld();
  await world.enrich([order("e1")]);
  world.clock.set(START + HOUR_MS);
  await world.enrich([order("e2")]);
  world.clock.set(START + 2 * DAY_MS);
  const [first] = await world.archive.objects(START - HOUR_MS, START + 1);
  const archive: ArchiveReader = {
    ...world.archive,
    lines(key) {
      if (key === first?.key) throw Object.assign(new Error("gone"), { name: "NoSuchKey" });
      return world.archive.lines(key);
    },
  };
  const job = await runReplaySlice(await world.create(ALL), world.clock.now() + 60_000, { ...world.deps, archive });
  expect(job.counts).toMatchObject({ events: 1, sent: 2, unreadable: 1 });
});
