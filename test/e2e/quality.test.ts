import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { createDynamoReconciliationStore } from "../../src/adapters/dynamo-reconciliation-store.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { FindingRow } from "../../src/ops/contract/findings.ts";
import type { Page } from "../../src/ops/contract/page.ts";
import type { QualityView } from "../../src/ops/contract/quality.ts";
import type { SensitiveReport } from "../../src/ops/contract/sensitive.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/scores.config.ts", disturbable: true });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(() => app.stop());

const get = <Answer>(path: string) => app.ops<Answer>("GET", path);

/** Accounts of the four weeks before this hour and its neighbours, in which nine of ten purchases had an e-mail. */
async function rememberWeeks(hour: number): Promise<void> {
  const client = createDynamoClient(app.access);
  const accounts = createDynamoReconciliationStore({ client, table: app.tables.delivery, deliveryDays: 30 });
  const sent = { email: [180, 18_000] as const };
  const kind = { source: "shop-server", event: "purchase", lane: "meta" };
  const cell = { ...kind, events: 200, tenths: 1_000, sent, gains: { email: 30 } };
  for (const week of [1, 2, 3, 4]) {
    for (const beside of [-2, -1, 0, 1, 2]) {
      const at = hour - week * 7 * DAY_MS + beside * HOUR_MS;
      const quality = { version: MATCH_QUALITY_VERSION, cells: [cell] };
      await accounts.save({ ...RECONCILED, hour: at, settled: true, quality });
    }
  }
  client.destroy();
}

const platformOf = async (lane: string) => {
  const { destinations } = await get<QualityView>("quality");
  return destinations.find((it) => it.lane === lane)?.platform;
};

test("platforms' own scores are read once a day, kept through a refusal, and shown with what it needs", async () => {
  // The schedule may have been there first: then nobody is due.
  await app.invoke("read-back");
  const meta = await eventually("Meta's score", async () => (await platformOf("meta"))?.last);
  expect(meta.scores[0]).toEqual({
    event: "Purchase",
    names: ["purchase"],
    score: 6.9,
    coverage: { email: 0.825, ip_address: 1 },
  });
  const { last: pinterest } = (await platformOf("pinterest")) ?? {};
  expect(pinterest?.scores).toContainEqual({ rating: "FAIR", coverage: {} });
  expect(pinterest?.scores).toContainEqual(expect.objectContaining({ event: "checkout", names: ["purchase"] }));
  expect(await app.invoke("read-back")).toEqual({ read: 0 });

  await sandbox.script("meta", [{ status: 403 }]);
  await app.advanceClock(DAY_MS);
  await app.invoke("read-back");
  const refused = await platformOf("meta");
  expect(refused?.problem).toMatch(/200.*no permission.*it needs .*ads_read/);
  expect(refused?.last).toEqual(meta);
  await sandbox.behave();
  expect(app.output()).not.toMatch(/Bearer sandbox-|sandbox-accessToken/);
});

test("what was taken out of events is reported by source and place, and the score of an hour beside the platform's", async () => {
  const page = { url: "https://shop.example.com/thanks?email=jane.roe%40mail.test" };
  await app.send(["dirty-1", "dirty-2"].map((id) => ({ ...purchaseInput(id), page })));
  await eventually("Meta has both", async () => ((await sandbox.counted()).meta ?? 0) >= 2);
  await app.local("POST", "alarms/evaluate");
  await app.local("POST", "firehose/flush");
  await app.advanceClock(3 * HOUR_MS);
  await app.invoke("reconcile");

  const { hours, items } = await get<SensitiveReport>("sensitive?days=1");
  expect(hours).toBeGreaterThan(0);
  expect(items).toEqual([
    {
      source: "shop-server",
      event: "purchase",
      where: "page.url?email",
      kind: "email",
      events: 2,
      todo: expect.stringContaining("POST"),
    },
  ]);
  const { report: scored } = await get<QualityView>("quality?days=1");
  expect(scored?.rows).toContainEqual(expect.objectContaining({ source: "shop-server", lane: "meta", events: 2 }));
});

test("a form that loses the e-mail is found when its hour is read, against the weeks before", async () => {
  // Whole in one hour or cut in two, one part is large enough to be judged.
  const now = await app.advanceClock(HOUR_MS);
  await rememberWeeks(Math.floor(now / HOUR_MS) * HOUR_MS);
  const before = (await sandbox.counted()).meta ?? 0;
  const user = { country: "US", ip: "198.51.100.7", user_agent: "Mozilla/5.0" };
  const events = Array.from({ length: 120 }, (_, index) => {
    // A browser of its own each: the graph would fill in what it knows of a person.
    const browser_ids = { ga_client_id: `${2_000_000_000 + index}.1700000000` };
    return purchaseInput(`lost-${index}`, { user, browser_ids });
  });
  for (let start = 0; start < events.length; start += 20) await app.send(events.slice(start, start + 20));
  await eventually("Meta has all", async (tell) => {
    const more = ((await sandbox.counted()).meta ?? 0) - before;
    tell(more);
    return more >= 120;
  });
  await app.local("POST", "alarms/evaluate");
  await app.local("POST", "firehose/flush");
  await app.advanceClock(3 * HOUR_MS);
  await app.invoke("reconcile");

  const { items } = await get<Page<FindingRow>>("findings?days=2");
  const found = items.filter(({ detector }) => detector === "quality_drop");
  expect(found[0]).toMatchObject({
    subject: expect.stringMatching(/^quality\/meta\/shop-server\/purchase/),
    severity: "critical",
  });
  expect(found[0]?.sentence).toMatch(
    /purchase events from shop-server to meta in .*the same hours of 4 past weeks: email on 0 % where it was 90 %/,
  );
});
