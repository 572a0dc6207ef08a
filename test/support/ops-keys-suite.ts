import type { OpsKeyStore, StoredOpsKey } from "../../src/ops/ops-key.ts";

/** The time of the stores under test, epoch ms. */
export const KEYS_NOW = Date.parse("2026-11-23T12:00:00Z");

const KEY: StoredOpsKey = {
  id: "abcdefghijkl",
  label: "on call",
  permissions: ["read", "operate"],
  created_at: KEYS_NOW - 1_000,
  created_by: "key:mmmmmmmmmmmm",
  digest: "ab".repeat(32),
};

/** What every store of ops keys must do. */
export function opsKeysSuite(create: () => Promise<OpsKeyStore>): void {
  test("a key is read as it was made, and an unknown one is none", async () => {
    const store = await create();
    const expiring = { ...KEY, id: "bbbbbbbbbbbb", expires_at: KEYS_NOW + 60_000 };
    expect(await store.create(KEY)).toBe(true);
    expect(await store.create(expiring)).toBe(true);
    expect(await store.read(KEY.id)).toEqual(KEY);
    expect(await store.read("bbbbbbbbbbbb")).toEqual(expiring);
    expect(await store.read("nnnnnnnnnnnn")).toBeUndefined();
  });

  test("an id is given once: a second key would take the first one's place", async () => {
    const store = await create();
    await store.create(KEY);
    expect(await store.create({ ...KEY, label: "another" })).toBe(false);
    expect(await store.read(KEY.id)).toEqual(KEY);
  });

  test("a revoked key says so, is not listed, and cannot be revoked again", async () => {
    const store = await create();
    await store.create(KEY);
    expect(await store.revoke(KEY.id, KEYS_NOW)).toBe(true);
    expect(await store.read(KEY.id)).toMatchObject({ id: KEY.id, revoked_at: KEYS_NOW });
    expect(await store.list()).toEqual([]);
    expect(await store.revoke(KEY.id, KEYS_NOW)).toBe(false);
    expect(await store.revoke("nnnnnnnnnnnn", KEYS_NOW)).toBe(false);
  });

  test("keys are listed newest first, without those that have expired", async () => {
    const store = await create();
    await store.create(KEY);
    await store.create({ ...KEY, id: "cccccccccccc", created_at: KEYS_NOW });
    await store.create({ ...KEY, id: "dddddddddddd", expires_at: KEYS_NOW - 5_000 });
    expect((await store.list()).map(({ id }) => id)).toEqual(["cccccccccccc", KEY.id]);
  });

  test("the day of use is noted on keys that are there, and brings none back", async () => {
    const store = await create();
    await store.create(KEY);
    await store.markUsed(KEY.id, "2026-11-23");
    await store.markUsed("nnnnnnnnnnnn", "2026-11-23");
    expect(await store.read(KEY.id)).toEqual({ ...KEY, last_used_day: "2026-11-23" });
    expect(await store.read("nnnnnnnnnnnn")).toBeUndefined();
  });
}
