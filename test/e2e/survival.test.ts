import { setInterval } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import type { Platform } from "../../packages/sandbox/src/model.ts";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { createDynamoReceipts } from "../../src/adapters/dynamo-receipts.ts";
import { createS3ArchiveReader } from "../../src/adapters/s3-archive-reader.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import { parseArchived } from "../../src/core/replay.ts";
import type { DeadLetterRow } from "../../src/ops/contract/dead-letters.ts";
import type { DestinationHealth } from "../../src/ops/contract/destinations.ts";
import type { Page } from "../../src/ops/contract/page.ts";
import type { QuarantineRow } from "../../src/ops/contract/quarantine.ts";
import type { ReconciliationHour } from "../../src/ops/contract/reconciliation.ts";
import type { ReplayView } from "../../src/ops/contract/replays.ts";
import { createSeeded } from "../simulation/seeded.ts";
import { type LongRun, startLongRun } from "../support/long-run.ts";
import { eventually } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";
import { createSteadyLoad, type SteadyLoad } from "../support/steady-load.ts";

// One installation through everything that may happen to it in some hours, one thing after the other, while events come
// in all the time. What each part leaves behind is what the next one begins with; the last test settles the accounts.

/** Longer than any queue hides a message that a worker took and never gave back. */
const VISIBILITY_MS = 13 * MINUTE_MS;
/** So often time may pass so far before events that wait would be given up. */
const MOST_WAITS = 4;
const PART_MS = 240_000;

const AT_FIRST: readonly Platform[] = ["meta", "ga4", "webhook"];
const AT_LAST: readonly Platform[] = [...AT_FIRST, "tiktok"];
const SEED = 20_261_123;

let run: LongRun;
let sandbox: SandboxControl;
let load: SteadyLoad;
let began: number;

beforeAll(async () => {
  run = await startLongRun("test/support/survival.config.ts");
  sandbox = sandboxControl(run.sandbox.url);
  load = createSteadyLoad(() => run.app());
  began = run.now() - MINUTE_MS;
}, PART_MS);

afterAll(() => run?.stop());

/** Every accepted event so far. */
function accepted(): string[] {
  return [...load.told.accepted];
}

function arrived(platform: Platform): Map<string, number> {
  return new Map(run.sandbox.deliveries(platform).map(({ counted, event_id }) => [event_id, counted]));
}

/**
 * Waits until these platforms have everything and their lanes' queues are empty. When nothing has moved for some seconds,
 * time passes: what a worker took along comes back only when its queue stops hiding it. It must not lie there when hours
 * pass, or it would be given up.
 */
async function arriveAt(platforms: readonly Platform[], ids: readonly string[] = accepted()): Promise<void> {
  let before = "";
  let idlePolls = 0;
  let waited = 0;
  const missing = () =>
    platforms.map((platform) => {
      const there = arrived(platform);
      return ids.filter((id) => !there.has(id));
    });
  await eventually(
    `${ids.length} events at ${platforms.join(", ")}`,
    async () => {
      const lacking = missing().map(({ length }) => length);
      const left = lacking.some((count) => count > 0) ? lacking : await Promise.all(platforms.map(onQueue));
      idlePolls = left.join() === before ? idlePolls + 1 : 0;
      before = left.join();
      if (left.every((count) => count === 0)) return true;
      if (idlePolls === 40 && waited < MOST_WAITS) {
        idlePolls = 0;
        waited += 1;
        await run.pass(VISIBILITY_MS);
      }
      return false;
    },
    90_000,
  ).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(await situation(platforms, missing()))}`);
  });
}

/** Messages of a lane, hidden ones too. */
async function onQueue(lane: string): Promise<number> {
  const { queue } = await run.ops<DestinationHealth>("GET", `destinations/${lane}`);
  return queue === undefined ? 1 : queue.waiting + queue.in_flight;
}

/** What is known of the first event that each platform lacks. */
function situation(platforms: readonly Platform[], missing: readonly (readonly string[])[]): Promise<unknown[]> {
  return Promise.all(
    platforms.map(async (lane, index) => {
      const [id] = missing[index] ?? [];
      const health = await run.ops<DestinationHealth>("GET", `destinations/${lane}`);
      const record = id === undefined ? undefined : (await stored(lane, [id]))[0];
      return { lane, missing: missing[index]?.length, id, record, control: health.control, queue: health.queue };
    }),
  );
}

async function control(lane: string): Promise<DestinationHealth["control"]> {
  return (await run.ops<DestinationHealth>("GET", `destinations/${lane}`)).control;
}

/** Waits until the lane's control is as wanted. */
function stands(lane: string, what: string, isSo: (it: DestinationHealth["control"]) => boolean): Promise<unknown> {
  return eventually(`${lane} ${what}`, async () => isSo(await control(lane)));
}

const isOpenAndWaits = (it: DestinationHealth["control"]) => it?.state === "open" && (it.probe_at ?? 0) > run.now();
const isClosed = (it: DestinationHealth["control"]) => it === undefined || it.state === "closed";

async function alarm(name: string): Promise<string | undefined> {
  const alarms = await run.local<{ name: string; state: string }[]>("POST", "alarms/evaluate");
  return alarms.find((it) => it.name === `tracklayer-development-${name}`)?.state;
}

async function disturb(...faults: object[]): Promise<void> {
  for (const fault of faults) await run.local("POST", "faults", fault);
}

/** Kills workers, a few each second, for as long as the work goes on. */
async function killWorkersDuring(work: Promise<unknown>): Promise<number> {
  const seeded = createSeeded(SEED);
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  let kills = 0;
  for await (const _ of setInterval(250)) {
    if (isOver) break;
    if (await run.app().killWorker(seeded.fraction(`victim ${kills}`))) kills += 1;
  }
  await ended;
  return kills;
}

/** Starts a replay and waits for its end; the minutely run goes on with it. */
async function replay(request: object): Promise<ReplayView> {
  await run.local("POST", "firehose/flush");
  const { id } = await run.ops<ReplayView>("POST", "replays", { pace: 1000, ...request });
  return eventually(`the end of replay ${id}`, async () => {
    const job = await run.ops<ReplayView>("GET", `replays/${id}`);
    if (job.state !== "running") return job;
    await run.invoke("maintain");
    return undefined;
  });
}

async function deadLetters(): Promise<Record<string, number>> {
  const { items } = await run.ops<{ items: DeadLetterRow[] }>("GET", "dlq");
  return Object.fromEntries(
    items.filter(({ messages }) => messages > 0).map(({ messages, queue }) => [queue, messages]),
  );
}

const keyOf = (event_id: string): EventKey => ({ dedup_scope: "shop", event_name: "purchase", event_id });

async function stored(lane: string, ids: readonly string[]): Promise<(DeliveryRecord | undefined)[]> {
  const { access, tables } = run.app();
  const client = createDynamoClient(access);
  const receipts = createDynamoReceipts({ client, table: tables.delivery, deliveryDays: 30, now: run.now });
  try {
    return await receipts.readRecords(lane, ids.map(keyOf));
  } finally {
    client.destroy();
  }
}

async function idsInArchive(): Promise<Set<string>> {
  const { access, stackOutputs } = run.app();
  const client = new S3Client({ ...access, forcePathStyle: true });
  const archive = createS3ArchiveReader({ client, bucket: stackOutputs.ArchiveBucket ?? "", bufferMs: 1_000 });
  const ids = new Set<string>();
  for (const { key } of await archive.objects(began, run.now())) {
    for await (const line of archive.lines(key)) ids.add(parseArchived(line)?.event.event_id ?? "unreadable");
  }
  client.destroy();
  return ids;
}

let isBroken = false;

/** One part of the run; after one that failed, the others could only wait in vain. */
function part(name: string, work: () => Promise<void>): void {
  const unlessBroken = async () => {
    if (isBroken) throw new Error("a part before this one failed");
    isBroken = true;
    await work();
    isBroken = false;
  };
  test(name, unlessBroken, PART_MS);
}

part("workers die, and SQS and DynamoDB refuse, in the middle of everything", async () => {
  await disturb(
    { service: "sqs", operation: "SendMessageBatch", error: "PartialBatchFailure", count: 6 },
    { service: "sqs", operation: "DeleteMessageBatch", error: "InternalError", when: "after", count: 3 },
    { service: "dynamodb", operation: "BatchGetItem", error: "ProvisionedThroughputExceededException", count: 4 },
    { service: "dynamodb", operation: "PutItem", error: "ProvisionedThroughputExceededException", count: 4 },
    // Fewer than the SDK's tries: a receipt that cannot be written leaves an event open where copies count.
    { service: "dynamodb", operation: "UpdateItem", error: "ProvisionedThroughputExceededException", count: 2 },
    { service: "firehose", operation: "PutRecordBatch", error: "PartialBatchFailure", count: 2 },
  );
  const kills = await killWorkersDuring(load.send(200));
  expect(kills).toBeGreaterThanOrEqual(10);
  await run.local("DELETE", "faults");
  await arriveAt(AT_FIRST);
});

part(
  "a platform is down for longer than events are tried: its lane stops, costs nothing, alarms, and nothing is given up",
  async () => {
    await sandbox.script("webhook", [{ status: 503 }]);
    await sandbox.script("meta", [{ status: 429, headers: { "retry-after": "2" }, times: 3 }]);
    await load.send(80);
    await stands("webhook", "stopped", (it) => it?.state === "open");
    await arriveAt(["meta", "ga4"]);

    const polled: boolean[] = [];
    const alarms: (string | undefined)[] = [];
    for (const minutes of [15, 15, 15, 60, 60]) {
      await run.pass(minutes * MINUTE_MS);
      // Its probe is due: the intake goes on for it, the probe fails, and the intake goes off again.
      await run.invoke("maintain");
      await stands("webhook", "probed in vain", isOpenAndWaits);
      await run.invoke("maintain");
      polled.push(await run.isPolled("webhook"));
      alarms.push(await alarm("webhook-failure-share"));
    }
    // After its first failure a probe is a minute away, for which nothing is switched.
    expect(polled.slice(1)).toEqual([false, false, false, false]);
    expect(alarms).toContain("ALARM");
    expect(await alarm("ga4-failure-share")).toBe("OK");
    await load.send(40);
    await arriveAt(["meta", "ga4"]);
    expect(arrived("webhook").size).toBeLessThan(accepted().length);

    await sandbox.behave();
    await run.pass(16 * MINUTE_MS);
    await run.invoke("maintain");
    await stands("webhook", "running by itself", isClosed);
    await arriveAt(AT_FIRST);
    expect(await deadLetters()).toEqual({});
  },
);

part("a token is revoked: the lane asks no more until the new one is there, and then goes on by itself", async () => {
  const secret = "tracklayer/development/destination/meta";
  // Lanes keep a secret for five minutes.
  await run.putSecret(secret, { accessToken: "EXPIRED-since-today" });
  await run.pass(6 * MINUTE_MS);
  await load.send(40);
  await stands("meta", "stopped for its token", (it) => it?.state === "open" && it.cause === "unauthorized");
  await arriveAt(["ga4", "webhook"]);

  await run.putSecret(secret, { accessToken: "sandbox-new-token" });
  await run.pass(MINUTE_MS);
  await run.invoke("maintain");
  await stands("meta", "running by itself", isClosed);
  await arriveAt(AT_FIRST);
});

part("a replay of everything sends nothing, since everything is there", async () => {
  const all = accepted().length;
  const job = await replay({ from: began });
  expect(job).toMatchObject({ state: "done", counts: { events: all, sent: 0, delivered_already: 3 * all } });
});

part("a deployment under load loses nothing, and what it adds is given the past", async () => {
  const before = accepted();
  const sending = load.send(150);
  await eventually("a load in full flow", async () => load.told.accepted.size >= before.length + 30);
  await run.redeploy("test/support/survival-redeployed.config.ts");
  await sending;
  await load.repeat(before.slice(0, 20));
  await arriveAt(AT_FIRST);

  const had = arrived("tiktok").size;
  expect(had).toBeLessThanOrEqual(accepted().length - before.length);
  const job = await replay({ from: began, destinations: ["tiktok"] });
  expect(job).toMatchObject({ state: "done", counts: { events: accepted().length, unreadable: 0 } });
  expect(job.counts.sent).toBeGreaterThanOrEqual(before.length);
  await arriveAt(AT_LAST);
});

part("what was given up is sent again by a replay or by a redrive, and by both together once", async () => {
  const before = new Set(accepted());
  // Few requests, and long waits between them: many failing ones would stop the lane, behind which nothing expires.
  await sandbox.script("ga4", [{ status: 500, headers: { "retry-after": "50" } }]);
  await load.send(5);
  const ids = accepted().filter((id) => !before.has(id));
  await arriveAt(["meta", "webhook", "tiktok"]);
  await eventually("a first attempt of each", async () =>
    (await stored("ga4", ids)).every((record) => record?.state === "retry"),
  );
  await run.pass(HOUR_MS + MINUTE_MS);
  await eventually("all given up", async () => (await deadLetters())["lane-ga4-dlq"] === ids.length);
  expect((await stored("ga4", ids)).map((record) => record?.state)).toEqual(ids.map(() => "expired"));

  await sandbox.behave();
  const some = ids.slice(0, 2);
  const job = await replay({ event_ids: some, outcomes: ["expired"] });
  expect(job).toMatchObject({ state: "done", by_destination: { ga4: some.length } });
  await arriveAt(["ga4"], some);
  await run.ops("POST", "dlq/lane-ga4-dlq/redrive", {});
  await arriveAt(AT_LAST);
  await eventually("empty dead-letter queues", async () => Object.keys(await deadLetters()).length === 0);
});

part("in the end the accounts close: what was accepted is everywhere, once, and everything says so", async () => {
  const ids = accepted();
  expect(ids.length).toBeGreaterThan(450);
  await run.local("POST", "alarms/evaluate");
  await run.local("POST", "firehose/flush");

  // The platforms, by what they counted.
  const everywhere = [...ids].sort();
  for (const platform of AT_LAST) {
    const there = arrived(platform);
    expect({ platform, ids: [...there.keys()].sort() }).toEqual({ platform, ids: everywhere });
    const doubled = ids.filter((id) => there.get(id) !== 1);
    if (platform !== "ga4") expect({ platform, doubled }).toEqual({ platform, doubled: [] });
    else for (const id of doubled) await expectNamedWindow(id);
  }

  // The stored state, event by event.
  for (const lane of AT_LAST) {
    const states = (await stored(lane, ids)).map((record) => record?.state);
    expect({ lane, open: ids.filter((_, at) => states[at] !== "delivered") }).toEqual({ lane, open: [] });
  }
  expect([...(await idsInArchive())].sort()).toEqual(everywhere);

  // What was refused is known, and nothing else waits anywhere.
  const { items: refused } = await run.ops<Page<QuarantineRow>>("GET", "quarantine?limit=100");
  expect(refused.map(({ event_id }) => event_id).sort()).toEqual([...load.told.refused].sort());
  expect(await deadLetters()).toEqual({});
  const { items: destinations } = await run.ops<{ items: DestinationHealth[] }>("GET", "destinations");
  expect(destinations.map(({ lane }) => lane).sort()).toEqual([...AT_LAST].sort());
  for (const { control: it, lane } of destinations)
    expect({ lane, isClosed: isClosed(it) }).toEqual({ lane, isClosed: true });

  // And the reconciliation finds the same.
  await run.pass(3 * HOUR_MS);
  expect(await run.invoke("reconcile")).toMatchObject({ differences: 0 });
  const { items: hours } = await run.ops<{ items: ReconciliationHour[] }>("GET", "reconciliation?days=1");
  expect(hours.flatMap(({ differences }) => differences)).toEqual([]);
  expect(hours.reduce((sum, { archived = 0 }) => sum + archived, 0)).toBe(ids.length);
  for (const lane of AT_FIRST) {
    const mine = hours.flatMap(({ lanes }) => lanes.filter((it) => it.lane === lane));
    expect(mine.reduce((sum, { outcomes }) => sum + (outcomes.delivered ?? 0), 0)).toBe(ids.length);
    expect(mine.reduce((sum, { waiting, unexplained }) => sum + waiting + unexplained, 0)).toBe(0);
  }
});

/**
 * The one way to count twice: a worker died between the answer and its receipt, so that the second copy came when the
 * queue gave the message back, minutes later, and the table knows of one answer only.
 */
async function expectNamedWindow(id: string): Promise<void> {
  const times = run.sandbox.received({ platform: "ga4", event_id: id }).filter(({ verdict }) => verdict === "counted");
  const apart = times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? at));
  expect({ id, tooSoon: apart.filter((ms) => ms < 10 * MINUTE_MS) }).toEqual({ id, tooSoon: [] });
  const [record] = await stored("ga4", [id]);
  expect({ id, told: record?.attempts.filter(({ outcome }) => outcome === "delivered").length }).toEqual({
    id,
    told: 1,
  });
}
