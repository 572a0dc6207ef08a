import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { ReplayView } from "../../src/ops/contract/replays.ts";
import { auditedIdentifier } from "../../src/ops/people.ts";
import { listReplays, readReplay, startReplay, stopReplay } from "../../src/ops/replays.ts";
import type { OpsCaller } from "../../src/ops/route.ts";
import { order, replayWorld, START } from "../support/replay-world.ts";

const CALLER: OpsCaller = { actor: "key:k1", permissions: new Set(["operate"]), personal: false, newId: "r1" };
const start = (fields: object) => startReplay.input.parse(fields);

async function world(events = 2) {
  const made = replayWorld();
  await made.enrich(Array.from({ length: events }, (_, index) => order(`e${index}`)));
  made.clock.set(START + 2 * DAY_MS);
  return { ...made, ports: { replays: made.replays, clock: made.clock, replaying: made.deps } };
}

test("starting one works on it at once, so that a small one is done in its answer", async () => {
  const { ports, sent } = await world();
  const view = await startReplay.run(start({ from: START - HOUR_MS, destinations: ["meta"] }), ports, CALLER);
  expect(view).toMatchObject({ id: "r1", by: "key:k1", state: "done", pace: 100, counts: { events: 2, sent: 2 } });
  expect(sent("meta")).toEqual(["e0", "e1"]);
  for (const hidden of ["version", "cursor", "lease_until", "person_keys", "windows"]) {
    expect(view).not.toHaveProperty(hidden);
  }
  expect(startReplay.answer?.safeParse(view).success).toBe(true);
});

test("a large one is left to the run of each minute, and can be read and stopped", async () => {
  const { ports } = await world(40);
  const view = await startReplay.run(start({ from: START - HOUR_MS, pace: 2 }), ports, CALLER);
  expect(view.state).toBe("running");
  expect(view.counts.sent).toBeGreaterThan(0);
  expect(await readReplay.run({ id: "r1" }, ports, CALLER)).toEqual(view);
  const stopped = await stopReplay.run({ id: "r1" }, ports, CALLER);
  expect(stopped).toMatchObject({ state: "cancelled", counts: view.counts });
});

test("lists in pages, newest first", async () => {
  const { ports, clock } = await world();
  for (const id of ["r1", "r2", "r3"]) {
    clock.set(clock.now() + 1);
    await startReplay.run(start({ from: START, dry_run: true }), ports, { ...CALLER, newId: id });
  }
  const page = await listReplays.run(listReplays.input.parse({ limit: 2 }), ports, CALLER);
  expect(page.items.map(({ id }) => id)).toEqual(["r3", "r2"]);
  const next = await listReplays.run(listReplays.input.parse({ limit: 2, cursor: page.next }), ports, CALLER);
  expect(next.items.map(({ id }: ReplayView) => id)).toEqual(["r1"]);
  expect(next).not.toHaveProperty("next");
});

test("refusals have a status, a code and what to do", async () => {
  const { ports } = await world();
  const refused = (fields: object, given: Parameters<typeof startReplay.run>[1] = ports) =>
    expect(startReplay.run(start(fields), given, CALLER)).rejects;
  await refused({}).toMatchObject({ status: 400, code: "selection" });
  await refused({ from: 0, destinations: ["x"] }).toMatchObject({ status: 404, code: "unknown_destination" });
  await refused({ event_ids: ["none"] }).toMatchObject({ status: 404, todo: expect.stringContaining("from and to") });
  await refused({ from: 0, force: true }).toMatchObject({ status: 422, code: "double_count" });
  const { replaying: _, ...without } = ports;
  await refused({ from: 0 }, without).toMatchObject({ status: 409, code: "no_archive" });
  await expect(readReplay.run({ id: "none" }, ports, CALLER)).rejects.toMatchObject({ status: 404 });
});

test("the audit log names the job and what was asked for, and a person by digest only", () => {
  const input = start({ person: "ada@lovelace.dev", from: 5, force: true, confirm_double_count: true });
  const entry = startReplay.audit?.(input, CALLER);
  expect(entry).toMatchObject({ action: "replay.start", target: "r1", details: { force: true } });
  expect(entry?.details).toMatchObject({ person: auditedIdentifier("ada@lovelace.dev") });
  expect(JSON.stringify(entry)).not.toContain("ada");
  expect(startReplay.audit?.(start({ from: 1, dry_run: true }), CALLER).action).toBe("replay.dry_run");
});

test("looking needs read, and everything that sends or stops needs operate and is audited", () => {
  for (const { audit, method, permission } of [startReplay, listReplays, readReplay, stopReplay]) {
    expect([permission, audit !== undefined]).toEqual(method === "GET" ? ["read", false] : ["operate", true]);
  }
});

test.each([{ from: -1 }, { from: 1.5 }, { event_ids: [] }, { event_ids: [""] }, { pace: 0 }, { outcomes: ["lost"] }])(
  "%j is refused",
  (fields) => {
    expect(startReplay.input.safeParse({ from: 1, ...fields }).success).toBe(false);
  },
);

test("event ids and names that hold an address are in no entry", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `order ${index} of ada@lovelace.dev`);
  const entry = startReplay.audit?.(start({ event_ids: ids, event_names: ["mail to ada@lovelace.dev"] }), CALLER);
  expect(JSON.stringify(entry)).toContain("order 3 of a***@l***.dev");
  expect(JSON.stringify(entry)).not.toContain("lovelace");
});

test.each(["ada@lovelace.dev", "R1", "../r1", "r".repeat(65), ""])("%s is the id of no replay", (id) => {
  expect(readReplay.input.safeParse({ id }).success).toBe(false);
  expect(stopReplay.input.safeParse({ id }).success).toBe(false);
});
