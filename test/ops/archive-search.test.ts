import fc from "fast-check";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { type SearchPosition, type SearchResult, searchArchive } from "../../src/ops/archive-search.ts";
import { purchaseEvent } from "../support/events.ts";

const START = Date.UTC(2026, 10, 20, 12);

function archived(id: string, at: number): ArchivedEvent {
  return {
    v: 1,
    archived_at: at,
    copy_id: `copy-${id}`,
    event: purchaseEvent({ event_id: id }),
    consent: {},
    decisions: [],
  };
}

interface Walk {
  readonly from?: number;
  readonly to: number;
  readonly limit?: number;
  readonly bytes?: number;
  readonly matches?: (event: ArchivedEvent) => boolean;
  readonly now?: () => number;
}

async function walk(archive: ReturnType<typeof createMemoryEventArchive>, options: Walk): Promise<SearchResult[]> {
  const { from = START, to, limit = 1_000, bytes = 1e9, matches = () => true, now = () => 0 } = options;
  const results: SearchResult[] = [];
  let position: SearchPosition | undefined = { to, end: to };
  while (position !== undefined) {
    // Through JSON, as it travels in a cursor.
    const given = JSON.parse(JSON.stringify(position)) as SearchPosition;
    const budget = { deadline: now() + 1, bytes };
    const result: SearchResult = await searchArchive({ from, position: given, limit, matches }, budget, archive, now);
    results.push(result);
    ({ position } = result);
    expect(results.length).toBeLessThan(5_000);
  }
  return results;
}

const ids = (results: readonly SearchResult[]) =>
  results.flatMap(({ found }) => found.map(({ event }) => event.event_id));

test("every event of the range is found once, however small the steps are", async () => {
  const minutes = fc.array(fc.integer({ min: -90, max: 60 * 30 }), { maxLength: 5 });
  const objects = fc.array(minutes, { maxLength: 12 });
  const steps = fc.record({
    limit: fc.integer({ min: 1, max: 7 }),
    bytes: fc.constantFrom(1, 3_000, 1e9),
    hours: fc.integer({ min: 1, max: 25 }),
  });
  await fc.assert(
    fc.asyncProperty(objects, steps, async (times, { hours, ...step }) => {
      const archive = createMemoryEventArchive({ now: () => START });
      let id = 0;
      const wanted: string[] = [];
      const to = START + hours * HOUR_MS;
      for (const object of times) {
        const events = object.map((minute) => archived(`e-${id++}`, START + minute * 60_000));
        await archive.put(events);
        for (const it of events) {
          if (it.archived_at >= START && it.archived_at < to) wanted.push(it.event.event_id);
        }
      }
      const results = await walk(archive, { to, ...step });
      expect(ids(results).sort()).toEqual(wanted.sort());
      // What is said to have been looked at has been.
      let reached = to;
      for (const [index, { searchedTo }] of results.entries()) {
        expect(searchedTo).toBeLessThanOrEqual(reached);
        reached = searchedTo;
        const later = results.slice(index + 1).flatMap(({ found }) => found);
        expect(later.filter((it) => it.archived_at >= searchedTo)).toEqual([]);
      }
      expect(results.at(-1)?.searchedTo).toBe(START);
    }),
    { numRuns: 200 },
  );
});

test("objects come newest first", async () => {
  const archive = createMemoryEventArchive();
  for (const hour of [3, 9, 1, 20]) await archive.put([archived(`h-${hour}`, START + hour * HOUR_MS)]);
  expect(ids(await walk(archive, { to: START + 24 * HOUR_MS }))).toEqual(["h-20", "h-9", "h-3", "h-1"]);
});

test("a broken line costs itself, and an event that was archived twice is found once", async () => {
  const archive = createMemoryEventArchive();
  const twice = archived("twice", START + 5);
  archive.plant(START + 5, ["{", JSON.stringify(twice), '{"v":2}', "null", JSON.stringify(twice), ""]);
  const [result] = await walk(archive, { to: START + HOUR_MS });
  expect(result).toMatchObject({ unreadable: 4, searchedTo: START });
  expect(result?.found).toEqual([twice]);
});

test("time ends a request in the middle of an object, and the next one goes on there", async () => {
  const archive = createMemoryEventArchive();
  await archive.put(Array.from({ length: 1_000 }, (_, n) => archived(`e-${n}`, START + n)));
  let ticks = 0;
  const results = await walk(archive, { to: START + HOUR_MS, now: () => ticks++, matches: () => true });
  expect(results.length).toBeGreaterThan(2);
  expect(new Set(ids(results)).size).toBe(1_000);
  expect(ids(results)).toHaveLength(1_000);
});

test("an object that is deleted between two requests breaks nothing", async () => {
  const archive = createMemoryEventArchive();
  for (const hour of [1, 2]) await archive.put([archived(`h-${hour}`, START + hour * HOUR_MS)]);
  const to = START + 3 * HOUR_MS;
  const gone = { to, end: to, object: { to: START + 2 * HOUR_MS, key: "events/2026/11/20/14/gone.gz", lines: 7 } };
  const search = { from: START, position: gone, limit: 10, matches: () => true };
  const result = await searchArchive(search, { deadline: 1, bytes: 1e9 }, archive, () => 0);
  expect(result.found.map(({ event }) => event.event_id)).toContain("h-1");
  expect(result.position).toBeUndefined();
});
