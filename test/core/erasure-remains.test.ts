import { DAY_MS } from "../../src/core/durations.ts";
import { erasureRemains, type KeptDays, tombstoneLife } from "../../src/core/erasure-remains.ts";

const KEPT: KeptDays = { archiveDays: 30, copyDays: 28, deliveryDays: 30, quarantineDays: 14 };
const textOf = (kept: Partial<KeptDays>) => JSON.stringify(erasureRemains({ ...KEPT, ...kept }));

test("says whose claims nothing leads to: all without an archive, else those older than it", () => {
  expect(textOf({ archiveDays: 0 })).toContain("of all events: event id, order id, amount, an opaque person id");
  expect(textOf({ archiveDays: 7 })).toContain("of events of more than 7 days before: event id, order id");
  expect(textOf({})).not.toContain("order id");
});

test("tombstones stand for as long as anything from before may turn up, and are told as well", () => {
  for (const kept of [KEPT, { ...KEPT, archiveDays: 400 }, { ...KEPT, quarantineDays: 90 }]) {
    const life = tombstoneLife(kept);
    expect(life).toBeGreaterThan(Math.max(kept.archiveDays, kept.quarantineDays) * DAY_MS);
    expect(erasureRemains(kept)).toContainEqual(expect.objectContaining({ place: "tombstones", forMs: life }));
  }
});
