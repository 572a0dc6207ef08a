import type { LaneControl } from "../../src/core/lane-control.ts";
import type { LaneControlStore } from "../../src/pipeline/lane-control-ports.ts";

/** A lane that the breaker stopped, every field given. */
export const STOPPED: LaneControl = {
  lane: "meta",
  state: "open",
  version: 1,
  since: 1_000,
  reason: "status 503",
  by: "key:1",
  cause: "failures",
  probe_at: 31_000,
  probe_until: 90_000,
  failed_probes: 2,
  stopped_at: 900,
  held_since: 100,
  resumed_at: 500,
};

/** What every store of lanes' controls must do. */
export function laneControlsSuite(create: () => Promise<LaneControlStore>): void {
  test("knows nothing of a lane that was never stopped", async () => {
    const store = await create();
    expect(await store.read(["meta", "ga4"])).toEqual([undefined, undefined]);
    expect(await store.read([])).toEqual([]);
  });

  test("gives back what was saved, in the order asked for, also twice", async () => {
    const store = await create();
    const other: LaneControl = {
      lane: "ga4",
      state: "closed",
      version: 1,
      since: 5,
      reason: "resumed",
      failed_probes: 0,
    };
    expect(await store.save(STOPPED)).toBe(true);
    expect(await store.save(other)).toBe(true);
    expect(await store.read(["ga4", "webhook", "meta", "ga4"])).toEqual([other, undefined, STOPPED, other]);
    expect(await store.read(["meta"], { isConsistent: true })).toEqual([STOPPED]);
  });

  test("replaces the version that it follows, and no other", async () => {
    const store = await create();
    await store.save(STOPPED);
    expect(await store.save({ ...STOPPED, reason: "also first" })).toBe(false);
    expect(await store.save({ ...STOPPED, version: 3 })).toBe(false);
    const second: LaneControl = { ...STOPPED, state: "half_open", version: 2 };
    expect(await store.save(second)).toBe(true);
    expect(await store.save({ ...second, state: "closed" })).toBe(false);
    expect(await store.read(["meta"])).toEqual([second]);
  });

  test("of many who replace one version, one does", async () => {
    const store = await create();
    await store.save(STOPPED);
    const rivals = Array.from({ length: 8 }, (_, index) => ({ ...STOPPED, version: 2, reason: `rival ${index}` }));
    const saved = await Promise.all(rivals.map((rival) => store.save(rival)));
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect((await store.read(["meta"]))[0]?.reason).toBe(rivals[saved.indexOf(true)]?.reason);
  });

  test("keeps no hold of what it was given or gave", async () => {
    const store = await create();
    const given = { ...STOPPED };
    await store.save(given);
    Object.assign(given, { state: "closed" });
    Object.assign((await store.read(["meta"]))[0] ?? {}, { state: "closed" });
    expect(await store.read(["meta"])).toEqual([STOPPED]);
  });
}
