import fc from "fast-check";
import { DAY_MS } from "../../src/core/durations.ts";
import { newestOfDays } from "../../src/ops/day-pages.ts";
import type { DayRange } from "../../src/ops/lookup-ports.ts";
import { OpsRefusal } from "../../src/ops/route.ts";

const START = Date.UTC(2026, 10, 20);

interface Entry {
  readonly id: number;
  readonly at: number;
}

function listOf(entries: readonly Entry[]) {
  const asked: DayRange[] = [];
  const read = async (range: DayRange) => {
    asked.push(range);
    const ofDay = entries.filter(({ at }) => new Date(at).toISOString().startsWith(range.day));
    const inRange = ofDay.filter(({ at }) => at >= range.from && at <= range.until);
    return inRange.sort((a, b) => b.at - a.at).slice(0, range.limit);
  };
  return { asked, read };
}

async function walk(entries: readonly Entry[], limit: number, from = START, to = START + 5 * DAY_MS): Promise<Entry[]> {
  const { read } = listOf(entries);
  const found: Entry[] = [];
  let cursor: string | undefined;
  do {
    const page = await newestOfDays({ from, to, limit, cursor }, read, ({ at }) => at);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

test("pages give each entry of the span once, newest first, also many of one moment", async () => {
  const at = fc.integer({ min: 0, max: 12 }).map((step) => START + step * (DAY_MS / 3));
  await fc.assert(
    fc.asyncProperty(fc.array(at, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (times, limit) => {
      const entries = times.map((at, id) => ({ id, at }));
      const found = await walk(entries, limit);
      expect(found.map(({ id }) => id).sort((a, b) => a - b)).toEqual(entries.map(({ id }) => id));
      expect(found.map((entry) => entry.at)).toEqual(times.toSorted((a, b) => b - a));
    }),
  );
});

test("the span's end is exclusive, its beginning is not, and only its days are read", async () => {
  const entries = [0, 1, 2, 3].map((id) => ({ id, at: START + id * DAY_MS }));
  const { asked, read } = listOf(entries);
  const span = { from: START + DAY_MS, to: START + 3 * DAY_MS, limit: 10 };
  const page = await newestOfDays(span, read, ({ at }) => at);
  expect(page).toEqual({ items: [entries[2], entries[1]] });
  expect(asked.map(({ day }) => day)).toEqual(["2026-11-22", "2026-11-21"]);
});

test("an entry that came meanwhile makes nothing come twice", async () => {
  const entries = [0, 1, 2, 3].map((id) => ({ id, at: START + id }));
  const span = { from: START, to: START + DAY_MS, limit: 2 };
  const first = await newestOfDays(span, listOf(entries).read, ({ at }) => at);
  const later = [...entries, { id: 9, at: START + 9 }];
  const second = await newestOfDays({ ...span, cursor: first.next }, listOf(later).read, ({ at }) => at);
  expect(second.items.map(({ id }) => id)).toEqual([1, 0]);
});

test.each(["", "x", "e30", Buffer.from('{"at":-1,"given":1}').toString("base64url"), "A".repeat(5_000)])(
  "the cursor %p is refused",
  async (cursor) => {
    const span = { from: START, to: START + DAY_MS, limit: 2, cursor };
    await expect(
      newestOfDays(
        span,
        async () => [],
        () => 0,
      ),
    ).rejects.toThrow(OpsRefusal);
  },
);

test("no cursor breaks anything but itself", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
      const cursor = Buffer.from(text).toString("base64url");
      const span = { from: START, to: START + DAY_MS, limit: 2, cursor };
      const page = await newestOfDays(
        span,
        async () => [],
        () => 0,
      ).catch((error: unknown) => error);
      expect(page instanceof OpsRefusal || (page as { items: unknown[] }).items.length === 0).toBe(true);
    }),
  );
});

const cursorOf = (position: object) => Buffer.from(JSON.stringify(position)).toString("base64url");

test.each([
  { at: START, given: 1e15 },
  { at: 8e15, given: 0 },
  { at: START + 5 * DAY_MS, given: 0 },
  { at: -1, given: 0 },
  { at: START, given: 0.5 },
])("a cursor that was made up, %j, reads nothing", async (position) => {
  const { asked, read } = listOf([]);
  const span = { from: START, to: START + 5 * DAY_MS, limit: 5, cursor: cursorOf(position) };
  await expect(newestOfDays(span, read, ({ at }) => at)).rejects.toThrow(OpsRefusal);
  expect(asked).toEqual([]);
});

test("an empty span is read in no day", async () => {
  const { asked, read } = listOf([]);
  expect(await newestOfDays({ from: START, to: START, limit: 5 }, read, ({ at }) => at)).toEqual({ items: [] });
  expect(asked).toEqual([]);
});
