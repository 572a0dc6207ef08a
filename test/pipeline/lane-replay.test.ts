import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventKey } from "../../src/core/event-key.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import type { ReceivedMessage } from "../../src/pipeline/lane.ts";
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

const JOB = { job: "j1", requested_at: NOW - 1_000 };
const E1 = purchase("e1");

function ended(state: DeliveryState, more: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    key: eventKey(E1),
    lane: LANE,
    state,
    attempts: [{ at: NOW - 9_000, status: 400, outcome: state, reason: "no", batch: 1, took_ms: 5 }],
    attempt_count: 1,
    updated_at: NOW - 9_000,
    reason: "no",
    ...(state === "delivered" ? { delivered_at: NOW - 9_000 } : {}),
    ...(state === "skipped" ? { skip: { code: "incomplete", detail: "no e-mail" } } : {}),
    ...more,
  };
}

const replayed = (
  event: CanonicalEvent = E1,
  replay: LaneMessage["replay"] = JOB,
  id = "replayed",
): ReceivedMessage => ({
  ...laneMessage(event, { enqueued_at: NOW - 500, replay }),
  messageId: id,
});

describe("G17: a replay takes back", () => {
  test.each(["rejected", "skipped", "expired"] as const)("%s that is older than it", async (state) => {
    const world = laneWorld();
    await world.store.writeRecords([ended(state)]);
    expect(await world.deliver([replayed()])).toEqual({ failures: [] });
    expect(world.http.sent.map(idsOf)).toEqual([["e1"]]);
    const record = await world.record(E1);
    expect(record).toMatchObject({ state: "delivered", attempt_count: 2, replay: "j1", delivered_at: NOW });
    expect(record?.skip).toBeUndefined();
  });

  test("nothing that ended after it, nothing that it ended itself, and no delivery", async () => {
    for (const record of [
      ended("rejected", { updated_at: NOW - 500 }),
      ended("rejected", { replay: "j1" }),
      ended("delivered"),
      ended("rejected", { delivered_at: NOW - 10_000 }),
    ]) {
      const world = laneWorld();
      await world.store.writeRecords([record]);
      expect(await world.deliver([replayed()])).toEqual({ failures: [] });
      expect(world.http.sent).toEqual([]);
      expect(await world.record(E1)).toEqual(record);
    }
  });

  test("a delivery when forced, once, however often its message is handed out", async () => {
    const world = laneWorld();
    await world.store.writeRecords([ended("delivered")]);
    const message = replayed(E1, { ...JOB, force: true });
    for (let receive = 1; receive <= 3; receive += 1) await world.deliver([{ ...message, receiveCount: receive }]);
    expect(world.http.sent).toHaveLength(1);
    expect(await world.record(E1)).toMatchObject({ state: "delivered", attempt_count: 2, replay: "j1" });
  });
});

test("a forced copy that is refused does not hide that the event arrived before", async () => {
  const world = laneWorld({ platform: () => answered([{ kind: "rejected", reason: "a copy" }]) });
  await world.store.writeRecords([ended("delivered")]);
  await world.deliver([replayed(E1, { ...JOB, force: true })]);
  expect(await world.record(E1)).toMatchObject({ state: "rejected", reason: "a copy", delivered_at: NOW - 9_000 });
  await world.deliver([replayed(E1, { job: "j2", requested_at: NOW + 1 }, "again")]);
  expect(world.http.sent).toHaveLength(1);
});

test("what a replayed event comes to is written over the end that was taken back", async () => {
  const platform = { answer: "retry" as "retry" | "rejected" };
  const world = laneWorld({ platform: () => answered([{ kind: platform.answer, reason: "hm" }]) });
  await world.store.writeRecords([ended("rejected")]);
  expect(await world.deliver([replayed()])).toEqual({ failures: ["replayed"] });
  expect(await world.record(E1)).toMatchObject({ state: "retry", reason: "hm", attempt_count: 2 });
  platform.answer = "rejected";
  world.time.now += HOUR_MS;
  expect(await world.deliver([{ ...replayed(), receiveCount: 2 }])).toEqual({ failures: [] });
  expect(await world.record(E1)).toMatchObject({ state: "rejected", attempt_count: 3 });
  // Its deletion got lost: the end is the replay's own.
  await world.deliver([{ ...replayed(), receiveCount: 3 }]);
  expect(world.http.sent).toHaveLength(2);
});

test("at a platform that counts copies, two messages of one replay send once", async () => {
  const world = laneWorld({ destination: fakeDestination({ dedupsByEventId: false }) });
  await world.store.writeRecords([ended("rejected")]);
  await Promise.all([world.deliver([replayed(E1, JOB, "a")]), world.deliver([replayed(E1, JOB, "b")])]);
  expect(world.http.sent).toHaveLength(1);
});

test("an end that somebody else changed meanwhile, or a table that fails, sends the message back", async () => {
  for (const result of [{ result: "lost" }, { result: "failed", error: "X" }] as const) {
    const store = {
      readRecords: async () => [ended("rejected")],
      readCopies: async () => [],
      writeRecords: async () => {},
      claimAttempts: async () => [result],
    };
    const world = laneWorld({ deps: { store } });
    expect(await world.deliver([replayed()])).toEqual({ failures: ["replayed"] });
    expect(world.http.sent).toEqual([]);
    expect(world.queue.postponed.get("handle of m-e1")).toBe(30);
  }
});

test("a replayed event that expires goes to the dead-letter queue, and a redrive of it is delivered", async () => {
  const platform = { isUp: false };
  const world = laneWorld({
    platform: (request, options) =>
      platform.isUp ? takesAll(request, options) : { status: 503, headers: {}, body: "" },
  });
  await world.store.writeRecords([ended("rejected")]);
  await world.deliver([replayed()]);
  // The window is the replay's, not that of the event's first time on the lane.
  world.time.now = NOW + 23 * HOUR_MS;
  expect(await world.deliver([{ ...replayed(), receiveCount: 2 }])).toEqual({ failures: ["replayed"] });
  world.time.now = NOW + 25 * HOUR_MS;
  expect(await world.deliver([{ ...replayed(), receiveCount: 3 }])).toEqual({ failures: [] });
  expect(await world.record(E1)).toMatchObject({ state: "expired", replay: "j1" });
  platform.isUp = true;
  world.time.now += HOUR_MS;
  const body = world.queue.deadLetters[0]?.body ?? "";
  expect(await world.deliver([{ ...rawMessage(body, "redriven"), firstReceivedAt: world.time.now }])).toEqual({
    failures: [],
  });
  expect(await world.state(E1)).toBe("delivered");
});

describe("two copies in one batch", () => {
  test("of a live message and a replayed one the replayed one speaks", async () => {
    const world = laneWorld();
    await world.store.writeRecords([ended("rejected")]);
    expect(await world.deliver([laneMessage(E1), replayed()])).toEqual({ failures: [] });
    expect(world.http.sent).toHaveLength(1);
    expect(await world.state(E1)).toBe("delivered");
  });

  test("a dead letter does not use up a replay that revives more than it does", async () => {
    const world = laneWorld();
    await world.store.writeRecords([ended("rejected")]);
    const dead = { ...laneMessage(E1, { dead_lettered_at: NOW - 20_000 }), messageId: "dead" };
    const { failures } = await world.deliver([dead, replayed()]);
    expect(failures).toEqual(["replayed"]);
    expect(world.http.sent).toEqual([]);
    await world.deliver([{ ...replayed(), receiveCount: 2 }]);
    expect(await world.state(E1)).toBe("delivered");
  });

  test("of two replays the later one speaks, and a forced one is not used up by one that is not", async () => {
    const world = laneWorld();
    await world.store.writeRecords([ended("delivered")]);
    const forced = replayed(E1, { ...JOB, force: true }, "forced");
    const later = {
      ...laneMessage(E1, { enqueued_at: NOW, replay: { job: "j2", requested_at: NOW - 10 } }),
      messageId: "later",
    };
    expect(await world.deliver([forced, later])).toEqual({ failures: ["forced"] });
    await world.deliver([{ ...forced, receiveCount: 2 }]);
    expect(world.http.sent).toHaveLength(1);
  });
});
