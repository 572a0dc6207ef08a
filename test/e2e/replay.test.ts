import type { Platform } from "../../packages/sandbox/src/model.ts";
import type { ReplayView } from "../../src/ops/contract/replays.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

async function countedAt(platform: Platform, ids: readonly string[]): Promise<number> {
  const all = await Promise.all(ids.map((event_id) => sandbox.received({ platform, event_id })));
  return all.flat().filter(({ verdict }) => verdict === "counted").length;
}

const IDS = Array.from({ length: 25 }, (_, index) => `replay-${index}`);

test("G17: what a platform refused is sent again from the archive, once, where it is missing", async () => {
  const from = Date.now() - 60_000;
  await sandbox.script("meta", [{ rejectEventIds: [...IDS] }]);
  await app.send(IDS.map((id) => purchaseInput(id)));
  const selection = { from, event_names: ["purchase"] };
  const start = (more: object = {}) => app.ops<ReplayView>("POST", "replays", { ...selection, ...more });
  // Refused by meta, delivered elsewhere, and in the archive: only then is there something to replay.
  await eventually("everything ended once and is archived", async () => {
    const dry = await start({ dry_run: true });
    return dry.counts.sent === 25 && dry.counts.delivered_already === 50;
  });
  await sandbox.behave();
  const dry = await start({ dry_run: true, destinations: ["meta"] });
  expect(dry).toMatchObject({ by_destination: { meta: 25 }, counts: { sent: 25, unreadable: 0 } });
  expect(dry.cost_usd).toBeGreaterThan(0);
  expect(await countedAt("meta", IDS)).toBe(0);

  const job = await start();
  expect(job).toMatchObject({ dry_run: false, state: "done", by_destination: { meta: 25 } });
  await eventually("meta has them", async () => (await countedAt("meta", IDS)) === 25);
  const again = await eventually("nothing is left to send", async () => {
    const left = await start({ dry_run: true });
    return left.counts.delivered_already === 75 && left;
  });
  expect(again).toMatchObject({ by_destination: {}, counts: { events: 25, sent: 0 } });
  for (const platform of ["meta", "ga4", "webhook"] as const) expect(await countedAt(platform, IDS)).toBe(25);
  expect(JSON.stringify(await app.trace("replay-3"))).toContain('"delivered"');
  const { items } = await app.ops<{ items: ReplayView[] }>("GET", "replays?limit=1&state=done");
  expect(items[0]?.id).toBe(again.id);
});

test("one event by its id, forced, is refused where it would count twice and then sent where it does not", async () => {
  const [id = ""] = IDS;
  const forced = { event_ids: [id], force: true };
  await expect(app.ops("POST", "replays", forced)).rejects.toThrow(/422 .*ga4/);
  const job = await app.ops<ReplayView>("POST", "replays", { ...forced, destinations: ["meta"] });
  expect(job).toMatchObject({ state: "done", counts: { events: 1, sent: 1 } });
  await eventually("meta drops the copy", async () => {
    const received = await sandbox.received({ platform: "meta", event_id: id });
    return received.some(({ verdict }) => verdict === "duplicate");
  });
  expect(await countedAt("meta", [id])).toBe(1);
});

test("the events of a person, found by an identifier that is nowhere written down", async () => {
  const person = "replay-7@example.com";
  const job = await app.ops<ReplayView>("POST", "replays", { person, dry_run: true });
  expect(job.counts).toMatchObject({ events: 1, sent: 0, delivered_already: 3 });
  expect(app.output()).not.toContain(person);
  await expect(app.ops("POST", "replays/none/cancel")).rejects.toThrow(/404/);
});
