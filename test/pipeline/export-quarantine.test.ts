import type { QuarantinedEvent } from "../../src/core/delivery-record.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { exportQuarantine } from "../../src/pipeline/export-quarantine.ts";
import { newPrivacyJob } from "../../src/pipeline/privacy-jobs.ts";
import { exportWorld } from "../support/export-world.ts";
import { ANNAS_KEYS, householdRefusal } from "../support/household-refusals.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

/** Walks all portions, each with `looks` looks at the clock before its time is over; how many, and what they found. */
async function walked(entries: readonly QuarantinedEvent[], looks: number) {
  const { deps, store } = await exportWorld();
  for (const entry of entries) await store.quarantine(entry);
  let left = 0;
  const timed = { ...deps, clock: { now: () => (left-- > 0 ? NOW : NOW + 1) } };
  const person_keys = ANNAS_KEYS;
  const job = newPrivacyJob({ id: "j1", kind: "export", person_keys, by: "key:k1", step: "collect" }, NOW);
  const person = { ids: [], keys: new Set(person_keys), persons: [], current: new Set<string>() };
  const found: string[] = [];
  let portions = 0;
  for (let at: string | undefined; ; ) {
    left = looks;
    const { next, parts } = await exportQuarantine(person, { at, deadline: NOW + 1, job }, timed);
    portions += 1;
    found.push(...parts.flatMap(({ items }) => items.map((item) => (item as QuarantinedEvent).event_id)));
    if (next === undefined) return { portions, found };
    if (portions > 1_000) throw new Error("the walk does not end");
    at = next;
  }
}

test.each([0, 1, 7])(
  "a portion ends where its time does (%i looks), also amid entries of one moment, and none is lost",
  async (looks) => {
    const moments = [NOW, NOW, NOW, NOW, NOW - 5, NOW - DAY_MS, NOW - DAY_MS, NOW - 3 * DAY_MS];
    const entries = moments.map((at, index) => householdRefusal(index, at));
    const { found, portions } = await walked(entries, looks);
    expect(found.sort()).toEqual(["refused-0", "refused-2", "refused-4", "refused-6"]);
    // Fifteen days; five entries of one and two of another each end a portion where there is no time for a second one.
    if (looks === 0) expect(portions).toBe(15 + 4 + 1);
  },
);

test("with time enough a day is one portion, and a full page is followed by another", async () => {
  const entries = Array.from({ length: 150 }, (_, index) => householdRefusal(index, NOW - (index % 3)));
  const { found, portions } = await walked(entries, 1_000);
  expect(found).toHaveLength(75);
  expect(new Set(found).size).toBe(75);
  expect(portions).toBe(2 + 14);
});
