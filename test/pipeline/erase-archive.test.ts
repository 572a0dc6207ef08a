import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import type { PrivacyJob } from "../../src/core/privacy-job.ts";
import { eraseFromArchive } from "../../src/pipeline/erase-archive.ts";
import { newPrivacyJob } from "../../src/pipeline/privacy-jobs.ts";
import { hashedEvent } from "../support/events.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
/** How long the tables take for the fifty events that are forgotten together, ms. */
const TABLES_TAKE_MS = SECOND_MS;
const SLICE_MS = 30 * SECOND_MS;

function line(event: CanonicalEvent): string {
  const decisions = [{ lane: "meta", send: true }];
  const at = NOW - DAY_MS;
  const copy = { v: 1, archived_at: at, copy_id: event.event_id, merge_until: at + SECOND_MS };
  return JSON.stringify({ ...copy, event, consent: {}, decisions });
}

function eventOf(id: string, changes: Partial<CanonicalEvent>): CanonicalEvent {
  return { ...hashedEvent({ user: {} }), event_id: id, received_at: NOW - DAY_MS, ...changes };
}

/** An archive of one object, and the erasure of `ann`, slice by slice. */
function world(events: readonly CanonicalEvent[], more: { gone?: true } = {}) {
  const archive = createMemoryEventArchive({ now: () => NOW });
  archive.plant(NOW - DAY_MS, events.map(line));
  if (more.gone) archive.lines = createMemoryEventArchive({ now: () => NOW }).lines;
  const identities = createMemoryIdentityStore({ now: () => NOW });
  const time = { now: NOW };
  const forgotten: string[] = [];
  const deps = {
    archive,
    identities,
    clock: { now: () => time.now },
    deliveries: {
      async forgetEvents(keys: readonly EventKey[]) {
        time.now += TABLES_TAKE_MS;
        forgotten.push(...keys.map(({ event_id }) => event_id));
        return keys.length;
      },
    },
  };
  const first = newPrivacyJob({ id: "j", kind: "erase", person_keys: ["person#ann"], by: "k", step: "archive" }, NOW);
  /** Answers how long the longest slice took, ms, and what all of them counted. */
  async function run() {
    let job: PrivacyJob = first;
    let longest = 0;
    const counts: Record<string, number> = {};
    for (;;) {
      const startedAt = time.now;
      const done = await eraseFromArchive(job, { from: NOW - 2 * DAY_MS, to: NOW }, startedAt + SLICE_MS, deps);
      longest = Math.max(longest, time.now - startedAt);
      for (const [store, count] of Object.entries(done.counts ?? {})) counts[store] = (counts[store] ?? 0) + count;
      if (done.cursor === undefined) return { counts, longest };
      job = { ...job, ...done.changes, cursor: done.cursor };
    }
  }
  return { archive, identities, forgotten, run, time };
}

test("more events of one person in an object than a run has time for are forgotten in several, each once", async () => {
  const mine = Array.from({ length: 4_000 }, (_, index) => eventOf(`e${index}`, { known: { person_id: "ann" } }));
  const it = world([...mine.slice(0, 9), eventOf("b", { known: { person_id: "bob" } }), ...mine.slice(9)]);
  const { counts, longest } = await it.run();
  expect(longest).toBeLessThanOrEqual(SLICE_MS);
  expect(it.forgotten).toEqual(mine.map(({ event_id }) => event_id));
  expect(counts).toMatchObject({ archive_objects: 1, archive_events: 4_000, delivery: 4_000, "sent_to/meta": 4_000 });
  expect(it.archive.events().map(({ event }) => event.event_id)).toEqual(["b"]);
});

test("what an identifier leads to that is learned from the object itself is forgotten in the tables as well", async () => {
  const address = hashedEvent({ user: { email: "ann.old@example.dev" } });
  const { hashes = {}, user } = address;
  const [identifier] = graphIdentifiers(address);
  const it = world([
    eventOf("before", { hashes, user }),
    eventOf("known", { hashes, user, known: { person_id: "ann" } }),
  ]);
  const pointer = { key: identifier?.key ?? "", person_id: "ann", seen_with: [], beside: [], expires_at: NOW + DAY_MS };
  await it.identities.savePointer(pointer, undefined);
  const { counts } = await it.run();
  expect(it.archive.events()).toEqual([]);
  expect([...it.forgotten].sort()).toEqual(["before", "known"]);
  expect(counts).toMatchObject({ archive_events: 2, delivery: 2, identity: 1 });
  expect(it.identities.contents().pointers).toEqual([]);
});

test("the copy of an action that names nobody goes with the one that names the person, and no other event", async () => {
  const named = hashedEvent({ user: { user_id: "u-bob" } });
  const browser = { known: { person_id: "visitor" } };
  const it = world([
    eventOf("a", browser),
    eventOf("a", { known: { person_id: "ann" } }),
    eventOf("b", browser),
    eventOf("c", { known: { person_id: "ann" } }),
    eventOf("c", { ...named, event_id: "c", received_at: NOW - DAY_MS }),
  ]);
  const { counts } = await it.run();
  expect(it.archive.events().map(({ event }) => [event.event_id, event.user.user_id])).toEqual([
    ["b", undefined],
    ["c", "u-bob"],
  ]);
  expect(it.forgotten).toEqual(["a", "c"]);
  expect(counts).toMatchObject({ archive_events: 3 });
});

describe("copies of one action in different objects", () => {
  const MOMENT = NOW - DAY_MS;
  const browser = eventOf("a", { known: { person_id: "visitor" } });
  const server = eventOf("a", { known: { person_id: "ann" } });
  const later = (event: CanonicalEvent, at = MOMENT + SECOND_MS) => {
    const { merge_until: _, ...copy } = JSON.parse(line(event)) as Record<string, unknown>;
    return JSON.stringify({ ...copy, archived_at: at, copy_of: { received_at: event.received_at, source: "web" } });
  };
  const left = (it: ReturnType<typeof world>) =>
    it.archive.events().map(({ event }) => [event.event_id, event.known?.person_id]);

  test("go together: a first one that names nobody by the later one, and the other way around", async () => {
    const it = world([browser, eventOf("b", { known: { person_id: "visitor" } })]);
    it.archive.plant(MOMENT + SECOND_MS, [later(server)]);
    expect((await it.run()).counts).toMatchObject({ archive_objects: 2, archive_events: 2 });
    expect(left(it)).toEqual([["b", "visitor"]]);
    const other = world([server]);
    other.archive.plant(MOMENT + SECOND_MS, [later(browser), later(eventOf("b", {}))]);
    await other.run();
    expect(left(other)).toEqual([["b", undefined]]);
  });

  test("go together however long the later one waited on its queue, and not where another action has the same id", async () => {
    const waited = world([browser]);
    waited.archive.plant(MOMENT + HOUR_MS, [later(server, MOMENT + HOUR_MS)]);
    await waited.run();
    expect(left(waited)).toEqual([]);
    const another = world([browser]);
    another.archive.plant(MOMENT + HOUR_MS, [later({ ...server, received_at: MOMENT + HOUR_MS }, MOMENT + HOUR_MS)]);
    await another.run();
    expect(left(another)).toEqual([["a", "visitor"]]);
  });

  test("that name somebody else stay", async () => {
    const bob = hashedEvent({ user: { user_id: "u-bob" } });
    const it = world([{ ...browser, ...bob, event_id: "a", received_at: MOMENT }]);
    it.archive.plant(MOMENT + SECOND_MS, [later(server)]);
    await it.run();
    expect(it.archive.events().map(({ event }) => event.user.user_id)).toEqual(["u-bob"]);
  });

  test("are found in any number of objects, a portion at a time, also where a worker dies before the one that tells", async () => {
    const it = world([server]);
    for (let index = 0; index < 40; index += 1) it.archive.plant(MOMENT + index * SECOND_MS, [later(browser)]);
    const { lines } = it.archive;
    // Each takes as long as a large one does.
    it.archive.lines = (key) => {
      it.time.now += 2 * SECOND_MS;
      return lines(key);
    };
    const { rewrite } = it.archive;
    let lives = 20;
    it.archive.rewrite = (key, lineFor) => {
      lives -= 1;
      return lives === 0 ? Promise.reject(new Error("died")) : rewrite(key, lineFor);
    };
    await expect(it.run()).rejects.toThrow("died");
    expect(it.archive.events().length).toBeGreaterThan(1);
    const { longest } = await it.run();
    expect(longest).toBeLessThanOrEqual(SLICE_MS);
    expect(left(it)).toEqual([]);
  });
});

test("an object whose days are over between the list and the look is none to rewrite", async () => {
  const it = world([eventOf("a", { known: { person_id: "ann" } })], { gone: true });
  expect((await it.run()).counts).toMatchObject({ archive_objects: 0, archive_events: 0 });
});
