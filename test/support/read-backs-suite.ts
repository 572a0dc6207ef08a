import type { LaneReadBack } from "../../src/core/quality-read-back.ts";
import type { ReadBackStore } from "../../src/pipeline/read-back-ports.ts";

/** A read-back with every field given; due again at 10,000. */
const READ_BACK: LaneReadBack = {
  lane: "meta",
  tried_at: 5_000,
  next_at: 10_000,
  problem: "timeout",
  last: {
    read_at: 1_000,
    about: "a score",
    scores: [
      { event: "Purchase", names: ["purchase"], score: 6.9, coverage: { email: 0.8 } },
      { rating: "FAIR", coverage: {} },
    ],
  },
};

/** What every store of read-backs must do. */
export function readBacksSuite(create: () => Promise<ReadBackStore>): void {
  test("gives back what was kept, in the order asked for, and nothing for others", async () => {
    const store = await create();
    const other: LaneReadBack = { lane: "pinterest", tried_at: 1, next_at: 2 };
    await store.save(READ_BACK);
    await store.save(other);
    expect(await store.read(["pinterest", "x", "meta"])).toEqual([other, undefined, READ_BACK]);
    expect(await store.read([])).toEqual([]);
    await store.save({ ...other, tried_at: 7 });
    expect(await store.read(["pinterest"])).toEqual([{ ...other, tried_at: 7 }]);
  });

  test("of many who take a lane's turn, one does, until it ends or runs out", async () => {
    const store = await create();
    const takes = await Promise.all(Array.from({ length: 8 }, () => store.take("meta", 20_000, 1_000)));
    expect(takes.filter(Boolean)).toHaveLength(1);
    expect(await store.take("pinterest", 20_000, 1_000)).toBe(true);
    expect(await store.take("meta", 20_999, 1_000)).toBe(false);
    expect(await store.take("meta", 21_000, 1_000)).toBe(true);
  });

  test("a lane is taken when it is due, and not before", async () => {
    const store = await create();
    expect(await store.take("meta", 4_000, 60_000)).toBe(true);
    await store.save(READ_BACK);
    expect(await store.take("meta", 9_999, 1_000)).toBe(false);
    expect(await store.take("meta", 10_000, 1_000)).toBe(true);
  });

  test("taking a turn takes nothing from what is kept", async () => {
    const store = await create();
    await store.save(READ_BACK);
    await store.take("meta", 10_000, 1_000);
    expect(await store.read(["meta"])).toEqual([READ_BACK]);
  });
}
