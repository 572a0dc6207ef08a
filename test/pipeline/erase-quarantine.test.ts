import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryForgettableDeliveries } from "../../src/adapters/memory/forgettable-deliveries.ts";
import type { QuarantinedEvent } from "../../src/core/delivery-record.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { eraseFromQuarantine } from "../../src/pipeline/erase-quarantine.ts";
import { newPrivacyJob } from "../../src/pipeline/privacy-jobs.ts";
import { ANNAS_KEYS, HOUSEHOLD_RULES, householdRefusal } from "../support/household-refusals.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

/** Walks all portions, each of which has no time left from the start; how often entries were listed, and what stays. */
async function walked(entries: readonly QuarantinedEvent[]) {
  const store = createMemoryDeliveryStore();
  for (const entry of entries) await store.quarantine(entry);
  const judgedIn: number[] = [];
  const deps = {
    ...HOUSEHOLD_RULES,
    clock: { now: () => NOW },
    deliveries: createMemoryForgettableDeliveries(store),
  };
  let job = newPrivacyJob({ id: "j1", kind: "erase", person_keys: ANNAS_KEYS, by: "key:k1", step: "quarantine" }, NOW);
  for (;;) {
    const { counts, cursor } = await eraseFromQuarantine(job, { from: NOW - 3 * DAY_MS, to: NOW }, NOW, deps);
    judgedIn.push(counts?.quarantine ?? 0);
    if (cursor === undefined) return { judgedIn, kept: store.quarantined().map(({ event_id }) => event_id) };
    if (cursor === job.cursor) throw new Error("a portion that does not get further");
    job = { ...job, cursor };
  }
}

test("a portion without time does the entries of one moment, and the walk gets to its end", async () => {
  const moments = [NOW, NOW, NOW, NOW - 1, NOW - 2, NOW - 2, NOW - 2, NOW - DAY_MS, NOW - 3 * DAY_MS];
  const { judgedIn, kept } = await walked(moments.map((at, index) => householdRefusal(index, at)));
  expect(kept).toEqual(["refused-1", "refused-3", "refused-5", "refused-7"]);
  // Two of the newest moment, none of the next, two of the third: never two moments at once.
  expect(judgedIn.slice(0, 3)).toEqual([2, 0, 2]);
  expect(Math.max(...judgedIn)).toBe(2);
});

test("entries of one moment on both sides of a full page are all seen", async () => {
  const { kept } = await walked(
    Array.from({ length: 1_500 }, (_, index) => householdRefusal(index, NOW - (index < 900 ? 0 : 7))),
  );
  expect(kept).toHaveLength(750);
  expect(kept.every((id) => Number(id.slice("refused-".length)) % 2 === 1)).toBe(true);
});
