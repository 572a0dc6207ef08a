import { createMemoryTombstones } from "../../src/adapters/memory/tombstones.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { ERASURE_REACH_MS, tombstoneOf } from "../../src/core/erasure.ts";
import { createErasures } from "../../src/pipeline/erasures.ts";
import { laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

const SECRET = "secret";
const ofAnn = purchase("e1", { known: { person_id: "ann" } });
const ofBob = purchase("e2", { known: { person_id: "bob" } });
const SKIP = { code: "erased", detail: "the person was erased after the event came" };

/** A lane whose table knows that Ann was erased, a moment after her event was received unless told. */
async function worldWithAnnErased(erasedAt = ofAnn.received_at + 1, more: Parameters<typeof laneWorld>[0] = {}) {
  const stones = createMemoryTombstones();
  await stones.secret(SECRET, NOW + DAY_MS);
  await stones.put([tombstoneOf("person#ann", { secret: SECRET })], { erasedAt, until: NOW + DAY_MS });
  await stones.announce({ secret: SECRET, last_at: erasedAt });
  const asked: string[][] = [];
  const counting = {
    head: stones.head,
    erasedAt(names: readonly string[]) {
      asked.push([...names]);
      return stones.erasedAt(names);
    },
  };
  const erasures = createErasures(counting, { now: () => NOW });
  return { ...laneWorld({ ...more, deps: { erasures, ...more.deps } }), asked };
}

test.each([
  ["just came from enrich", laneMessage(ofAnn)],
  ["is tried again", { ...laneMessage(ofAnn), receiveCount: 3 }],
  ["was redriven", laneMessage(ofAnn, { dead_lettered_at: NOW - 1 })],
  ["is replayed", laneMessage(ofAnn, { replay: { job: "j", requested_at: NOW, force: true } })],
  ["is too old to be sent", laneMessage(ofAnn, { enqueued_at: NOW - 40 * DAY_MS })],
])("G22: an event of somebody who was erased that %s is dropped, and says why", async (_, message) => {
  const world = await worldWithAnnErased();
  expect(await world.deliver([message, laneMessage(ofBob)])).toEqual({ failures: [] });
  expect(world.http.sent).toHaveLength(1);
  expect(await world.record(ofAnn)).toMatchObject({ state: "skipped", skip: SKIP });
  expect(await world.state(ofBob)).toBe("delivered");
  expect(world.queue.deadLetters).toEqual([]);
});

test("what was delivered before stays delivered", async () => {
  const world = await worldWithAnnErased();
  const { dedup_scope } = ofAnn.source;
  await world.store.writeRecords([
    {
      key: { dedup_scope, event_name: "purchase", event_id: "e1" },
      lane: (JSON.parse(laneMessage(ofAnn).body) as { lane: string }).lane,
      state: "delivered",
      attempts: [],
      attempt_count: 1,
      updated_at: NOW - 1,
    },
  ]);
  await world.deliver([laneMessage(ofAnn)]);
  expect(await world.state(ofAnn)).toBe("delivered");
});

test("who comes back is somebody new, and costs no look-up", async () => {
  const world = await worldWithAnnErased(ofAnn.received_at - ERASURE_REACH_MS - 1);
  await world.deliver([laneMessage(ofAnn)]);
  expect(await world.state(ofAnn)).toBe("delivered");
  expect(world.asked).toEqual([]);
});

test("where nobody can tell who was erased nothing is sent, and all of it comes back", async () => {
  const erasures = createErasures(
    { head: () => Promise.reject(new Error("ThrottlingException")), erasedAt: async () => [] },
    { now: () => NOW },
  );
  const world = laneWorld({ deps: { erasures } });
  const messages = [laneMessage(ofAnn), laneMessage(ofBob)];
  expect(await world.deliver(messages)).toEqual({ failures: messages.map(({ messageId }) => messageId) });
  expect(world.http.sent).toEqual([]);
  expect(await world.record(ofAnn)).toBeUndefined();
});
