import type { TombstoneStore } from "../../src/pipeline/erasures.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;

/** What every `TombstoneStore` must do. `create` gets a clock that the suite moves. */
export function tombstonesSuite(create: (now: () => number) => Promise<TombstoneStore>): void {
  test("there is no head before an erasure is announced, and no tombstone that was not put up", async () => {
    const store = await create(() => NOW);
    expect(await store.head()).toBeUndefined();
    expect(await store.erasedAt(["a"])).toEqual([undefined]);
    await store.secret("first", NOW + DAY);
    expect(await store.head()).toBeUndefined();
  });

  test("the first secret stays, whoever comes with another", async () => {
    const store = await create(() => NOW);
    expect(await store.secret("first", NOW + DAY)).toBe("first");
    expect(await store.secret("second", NOW + 2 * DAY)).toBe("first");
    expect(await store.secret("third", NOW + DAY)).toBe("first");
    await store.announce({ secret: "first", last_at: NOW });
    expect(await store.head()).toEqual({ secret: "first", last_at: NOW, until: NOW + 2 * DAY });
  });

  test("the newest announcement stands, and one under another secret is refused", async () => {
    const store = await create(() => NOW);
    await store.secret("first", NOW + DAY);
    await store.announce({ secret: "first", last_at: NOW });
    await store.announce({ secret: "first", last_at: NOW - 5 });
    await store.announce({ secret: "first", last_at: NOW });
    expect(await store.head()).toMatchObject({ last_at: NOW });
    await store.announce({ secret: "first", last_at: NOW + 5 });
    expect(await store.head()).toMatchObject({ last_at: NOW + 5 });
    await expect(store.announce({ secret: "other", last_at: NOW + 9 })).rejects.toThrow("replaced");
    expect(await store.head()).toMatchObject({ last_at: NOW + 5 });
  });

  test("tombstones are told in order, however many, and stand for the latest time", async () => {
    const store = await create(() => NOW);
    const names = Array.from({ length: 230 }, (_, index) => `name-${index}`);
    await store.put(names, { erasedAt: NOW, until: NOW + DAY });
    await store.put(["name-3"], { erasedAt: NOW + 7, until: NOW + DAY });
    await store.put(["name-4"], { erasedAt: NOW - 7, until: NOW + DAY });
    const times = await store.erasedAt(["none", ...names, "name-3"]);
    expect(times).toEqual([undefined, ...names.map((name) => (name === "name-3" ? NOW + 7 : NOW)), NOW + 7]);
  });

  test("what is over its time is not there, whether it is deleted or not, and a new one can be put in its place", async () => {
    let now = NOW;
    const store = await create(() => now);
    await store.secret("first", NOW + DAY);
    await store.put(["a"], { erasedAt: NOW, until: NOW + DAY });
    await store.announce({ secret: "first", last_at: NOW });
    now = NOW + DAY;
    expect(await store.head()).toBeUndefined();
    expect(await store.erasedAt(["a"])).toEqual([undefined]);
    const secret = await store.secret("second", now + DAY);
    await store.put(["a"], { erasedAt: now, until: now + DAY });
    await store.announce({ secret, last_at: now });
    expect(await store.head()).toEqual({ secret, last_at: now, until: now + DAY });
    expect(await store.erasedAt(["a"])).toEqual([now]);
  });
}
