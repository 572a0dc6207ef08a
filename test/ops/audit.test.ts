import { type AuditPorts, listAudit, verifyAudit } from "../../src/ops/audit.ts";
import { PAUSED } from "../support/audit-log-suite.ts";
import { createOpsWorld } from "../support/ops-world.ts";

async function world(entries: number) {
  const ports: { audit?: AuditPorts["audit"] } = {};
  const made = await createOpsWorld([listAudit, verifyAudit], ports as AuditPorts);
  ports.audit = made.audit;
  for (let n = 1; n <= entries; n += 1) await made.audit.append({ ...PAUSED, target: `lane-${n}` });
  return { ...made, ports };
}

test("the log is read newest first, page by page, each entry once", async () => {
  const { ask } = await world(7);
  const targets: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await ask({ path: "/audit", query: `limit=3${cursor === undefined ? "" : `&cursor=${cursor}`}` });
    targets.push(...body.items.map(({ target }: { target: string }) => target));
    cursor = body.next;
  } while (cursor !== undefined);
  expect(targets).toEqual(["lane-7", "lane-6", "lane-5", "lane-4", "lane-3", "lane-2", "lane-1"]);
});

test("an empty log is an empty page, and whole", async () => {
  const { ask } = await world(0);
  expect((await ask({ path: "/audit" })).body).toEqual({ items: [] });
  expect((await ask({ path: "/audit/verify" })).body).toEqual({ intact: true, entries: 0 });
});

test("a log of more than a read is checked whole", async () => {
  const { ask } = await world(1_203);
  expect((await ask({ path: "/audit/verify" })).body).toMatchObject({
    intact: true,
    entries: 1_203,
    last: { number: 1_203 },
  });
});

test("what was tampered with is told by its place", async () => {
  const { ask, ports, audit } = await world(1_100);
  const read = async (from: number, limit: number) =>
    (await audit.read(from, limit)).map((entry) => (entry.number === 1_050 ? { ...entry, actor: "key:other" } : entry));
  ports.audit = { ...audit, read };
  expect((await ask({ path: "/audit/verify" })).body).toMatchObject({ intact: false, broken_at: 1_050 });
});

test("a digest that somebody noted is held against the log", async () => {
  const { ask, audit } = await world(3);
  const digest = (await audit.read(2, 1))[0]?.digest ?? "";
  const verify = async (query: string) => (await ask({ path: "/audit/verify", query })).body;
  expect(await verify(`number=2&digest=${digest}`)).toMatchObject({ intact: true });
  expect(await verify(`number=3&digest=${digest}`)).toMatchObject({ intact: false, broken_at: 3 });
  expect(await verify(`number=9&digest=${digest}`)).toMatchObject({ intact: false, broken_at: 4 });
  expect(await verify("number=2")).toMatchObject({ error: "invalid_field" });
});
