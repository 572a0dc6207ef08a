import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { createS3ArchiveReader } from "../../src/adapters/s3-archive-reader.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import type { PrivacyJobView } from "../../src/ops/contract/privacy.ts";
import type { ReplayView } from "../../src/ops/contract/replays.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

const ADA = { email: "ada.canary@erased.example", phone: "+4915738291047", user_id: "customer-ada-47" };
const BOB = { email: "bob.canary@kept.example", user_id: "customer-bob-48" };
/** Planted words, and the digest that the graph has of the address. */
const OF_ADA = ["ada.canary", "4915738291047", "customer-ada-47", "order-of-ada", sha256Hex(ADA.email)];

let app: RunningApp;
let began: number;
beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts", disturbable: true });
  began = Date.now() - MINUTE_MS;
});
afterAll(() => app.stop());

function purchase(id: string, user: object, more: object = {}): object {
  const at = { ip: "198.51.100.7", user_agent: "Mozilla/5.0", country: "US" };
  const order = { order_id: `order-of-${id}`, value: "49.90", currency: "EUR" };
  const page = { url: "https://shop.example.com/thanks" };
  const browser_ids = { ga_client_id: `${id.length}.${sha256Hex(id).replace(/\D/g, "").slice(0, 10)}` };
  return { event_name: "purchase", event_id: id, ...order, page, browser_ids, user: { ...user, ...at }, ...more };
}

async function statesOf(id: string): Promise<string[]> {
  const { deliveries = [] } = (await app.story(id)) ?? {};
  return deliveries.map(({ state }) => state);
}

/** Everything that the tables and the bucket hold, as text; quarantine and archive as their readers see them. */
async function everything(): Promise<string> {
  const { access, stackOutputs, tables } = app;
  const dynamo = createDynamoClient(access);
  const s3 = new S3Client({ ...access, forcePathStyle: true });
  const bucket = stackOutputs.ArchiveBucket ?? "";
  const found: unknown[] = [];
  try {
    for (const table of [tables.delivery, tables.identity])
      found.push((await dynamo.send(new ScanCommand({ TableName: table }))).Items);
    const archive = createS3ArchiveReader({ client: s3, bucket, bufferMs: 1_000 });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    for (const { Key = "" } of Contents) for await (const line of archive.lines(Key)) found.push(line);
  } finally {
    dynamo.destroy();
    s3.destroy();
  }
  return JSON.stringify(found);
}

function told(text: string): string[] {
  return OF_ADA.filter((word) => text.includes(word));
}

test("G22: a person is erased from graph, tables, archive and quarantine, and what waits for a lane is dropped", async () => {
  await app.send([purchase("ada-1", ADA), purchase("bob-1", BOB), purchase("ada-bad", ADA, { value: "49,90" })]);
  await eventually("the deliveries", async () => {
    const states = (await Promise.all(["ada-1", "bob-1"].map(statesOf))).flat();
    return states.length >= 6 && states.every((state) => state === "delivered");
  });
  await app.tool("pause", "webhook");
  await app.send([purchase("ada-2", ADA)]);
  await eventually("what waits behind the pause", async () => {
    const states = await statesOf("ada-2");
    return states.filter((state) => state === "delivered").length >= 2 && states.includes("pending");
  });
  expect(told(await everything()).length).toBeGreaterThan(3);

  const erased = await app.tool("privacy", "erase", ADA.email, "--yes", "--json");
  expect(erased.stdout + erased.stderr).not.toContain("canary");
  const { copies_until = 0, id } = JSON.parse(erased.stdout) as PrivacyJobView;
  expect(copies_until).toBeGreaterThan(began);
  const identity = await app.ops("GET", `identity?identifier=${encodeURIComponent(ADA.email)}`);
  expect(identity).toMatchObject({ found: false, matched: [] });
  // Asked once more, by another identifier: the same job.
  expect(JSON.parse((await app.tool("privacy", "erase", ADA.user_id, "--yes", "--json")).stdout)).toMatchObject({ id });

  let waits = false;
  const job = await eventually("the end of the erasure", async (tell) => {
    // A run of the schedule, or the time in which what is on its way arrives.
    await app.advanceClock((waits ? 15 : 1) * MINUTE_MS);
    const { stdout } = await app.tool("privacy", "status", id, "--json");
    const current = JSON.parse(stdout) as PrivacyJobView;
    waits = current.not_before !== undefined;
    tell(`${current.step} ${JSON.stringify(current.counts)} ${current.reason ?? ""}`);
    return current.state === "running" ? undefined : current;
  });
  expect(job).toMatchObject({ state: "done", counts: { archive_events: 2, quarantine: 1 } });

  const left = await everything();
  expect(told(left)).toEqual([]);
  for (const word of ["customer-bob-48", "bob-1", sha256Hex(BOB.email)]) expect(left).toContain(word);

  await app.tool("resume", "webhook");
  await eventually("that what waited is dropped", async (tell) => {
    const told = JSON.stringify(await app.trace("ada-2"));
    tell(told.slice(0, 300));
    return told.includes('"code":"erased"');
  });
  const received = await sandboxControl(app.sandboxUrl).received({ platform: "webhook", event_id: "ada-2" });
  expect(received).toEqual([]);
  expect(told(await everything())).toEqual([]);
});

test("a replay of everything afterwards brings nobody back", async () => {
  const everything = { from: began, dry_run: true, force: true, confirm_double_count: true };
  const replay = await app.ops<ReplayView>("POST", "replays", everything);
  expect(replay).toMatchObject({ state: "done", counts: { events: 1, unreadable: 0 } });
  const audit = await app.tool("audit", "--json");
  expect(audit.stdout).toContain("privacy.erase");
  expect(audit.stdout).not.toContain("canary");
});
