import { checkAudit } from "../../src/core/audit.ts";
import type { AuditLog } from "../../src/ops/audit-log.ts";

/** An entry of somebody who paused a lane. */
export const PAUSED = {
  at: 1_795_000_000_000,
  actor: "key:abc",
  action: "lane.pause",
  target: "meta",
  details: { reason: "holiday" },
};

/** What every audit log must do. */
export function auditLogSuite(create: () => Promise<AuditLog>): void {
  test("an empty log has no head and no entries", async () => {
    const log = await create();
    expect(await log.head()).toBeUndefined();
    expect(await log.read(1, 10)).toEqual([]);
  });

  test("entries are numbered, kept as they are, and read in order from anywhere", async () => {
    const log = await create();
    for (const target of ["a", "b", "c", "d"]) await log.append({ ...PAUSED, target });
    expect((await log.read(1, 10)).map(({ number, target }) => [number, target])).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "c"],
      [4, "d"],
    ]);
    expect((await log.read(2, 2)).map(({ target }) => target)).toEqual(["b", "c"]);
    expect(await log.read(5, 2)).toEqual([]);
    expect((await log.read(4, 1))[0]).toMatchObject({ ...PAUSED, target: "d" });
  });

  test("the head is the last entry", async () => {
    const log = await create();
    await log.append(PAUSED);
    const { number, digest } = await log.append(PAUSED);
    expect(await log.head()).toEqual({ number, digest });
  });

  test("many who write at once each get an entry, in one whole chain", async () => {
    const log = await create();
    const targets = Array.from({ length: 12 }, (_, n) => `lane-${n}`);
    await Promise.all(targets.map((target) => log.append({ ...PAUSED, target })));
    const entries = await log.read(1, 100);
    const head = await log.head();
    const check = checkAudit(head === undefined ? [] : [head]);
    for (const entry of entries) check.add(entry);
    expect(check.end()).toMatchObject({ entries: 12 });
    expect(entries.map(({ target }) => target).sort()).toEqual([...targets].sort());
  });
}
