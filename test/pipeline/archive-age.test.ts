import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryTombstones } from "../../src/adapters/memory/tombstones.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { archiveAgeTask } from "../../src/pipeline/archive-age.ts";

const THREE = Date.UTC(2026, 10, 20, 3, 0, 12);
const DAYS = 30;

async function world(isErased: boolean) {
  const archive = createMemoryEventArchive();
  for (const days of [1, 29, 30.5, 31.5, 45, 60]) archive.plant(THREE - days * DAY_MS, [`${days}`]);
  const tombstones = createMemoryTombstones({ now: () => THREE });
  if (isErased) {
    await tombstones.secret("s", THREE + DAY_MS);
    await tombstones.announce({ secret: "s", last_at: THREE - DAY_MS });
  }
  const left = async () => (await archive.objects(0, THREE)).map(({ to }) => (THREE - to) / DAY_MS);
  const run = (now: number) =>
    archiveAgeTask({ archive, tombstones, clock: { now: () => now }, archiveDays: DAYS }).run(now + MINUTE_MS);
  return { run, left };
}

test("what an erasure wrote again goes when its days are over by its name", async () => {
  const { left, run } = await world(true);
  await run(THREE);
  expect(await left()).toEqual([30.5, 29, 1]);
});

test("at any other minute, and where nobody was erased, nothing is looked at", async () => {
  const erased = await world(true);
  for (const at of [THREE + MINUTE_MS, THREE + 12 * HOUR_MS]) await erased.run(at);
  expect(await erased.left()).toHaveLength(6);
  const nobody = await world(false);
  await nobody.run(THREE);
  expect(await nobody.left()).toHaveLength(6);
});
