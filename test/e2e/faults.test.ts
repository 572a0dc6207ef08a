import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import type { Platform } from "../../packages/sandbox/src/model.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

/** Longer than any queue of ours hides a message that a worker took and never gave back. */
const VISIBILITY_MS = 13 * MINUTE_MS;
const PLATFORMS: readonly Platform[] = ["meta", "ga4", "webhook"];

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts", disturbable: true });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(() => app?.stop());

afterEach(async () => {
  await app.local("DELETE", "faults");
  await sandbox.behave();
});

/** Disturbs an AWS service; members as in the local stack's `faults.ts`. */
async function disturb(...faults: Record<string, unknown>[]): Promise<void> {
  for (const fault of faults) await app.local("POST", "faults", fault);
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
}

interface Answer {
  status: number;
  retryAfter: string | null;
  accepted: string[];
  unavailable: string[];
}

async function post(events: readonly object[]): Promise<Answer> {
  const { body, headers, status } = await app.post(events);
  const having = (what: string) =>
    (body.results ?? []).filter((result) => result.status === what).map(({ event_id }) => event_id);
  return {
    status,
    retryAfter: headers.get("retry-after"),
    accepted: having("accepted"),
    unavailable: having("unavailable"),
  };
}

/** How often each of these events counted at a platform. */
async function counted(platform: Platform, ids: readonly string[]): Promise<Map<string, number>> {
  const wanted = new Set(ids);
  const all = (await sandbox.deliveries(platform)).filter(({ event_id }) => wanted.has(event_id));
  return new Map(all.map(({ event_id, counted: times }) => [event_id, times]));
}

/**
 * Waits until each platform has every one of these events. Whenever nothing has moved for a while, the clock does: what
 * a worker lost comes back only when its queue stops hiding it.
 */
async function arriveEverywhere(ids: readonly string[]): Promise<void> {
  let before = "";
  let idlePolls = 0;
  await eventually(`${ids.length} events everywhere`, async () => {
    const sizes = await Promise.all(PLATFORMS.map(async (platform) => (await counted(platform, ids)).size));
    idlePolls = sizes.join() === before ? idlePolls + 1 : 0;
    before = sizes.join();
    if (idlePolls === 15) {
      idlePolls = 0;
      await app.advanceClock(VISIBILITY_MS);
    }
    return sizes.every((size) => size === ids.length);
  });
}

/** Platforms that drop copies counted each event once. GA4 cannot: for it, a conversion lost is worse than one doubled. */
async function expectOnce(ids: readonly string[]): Promise<void> {
  for (const platform of ["meta", "webhook"] as const) {
    const times = await counted(platform, ids);
    expect(ids.filter((id) => times.get(id) !== 1)).toEqual([]);
  }
  const atGa4 = await counted("ga4", ids);
  expect(ids.filter((id) => (atGa4.get(id) ?? 0) < 1)).toEqual([]);
}

async function alarm(name: string): Promise<string | undefined> {
  const alarms = await app.local<{ name: string; state: string }[]>("GET", "alarms");
  return alarms.find((candidate) => candidate.name === `tracklayer-development-${name}`)?.state;
}

/** Moves the app's clock to the beginning of a period, so that nothing that follows falls into two. */
async function toNextPeriod(minutes: number): Promise<void> {
  const now = await app.advanceClock(0);
  const periodMs = minutes * MINUTE_MS;
  await app.advanceClock(periodMs - (now % periodMs) + 1000);
}

test("a destination whose secret is missing tells so, holds up nobody, and delivers once it is there", async () => {
  const file = join(app.directory, "secrets.json");
  const secrets = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const name = Object.keys(secrets).find((candidate) => candidate.endsWith("/destination/meta")) ?? "";
  const { [name]: _, ...others } = secrets;
  writeFileSync(file, JSON.stringify(others));

  expect((await post([purchaseInput("no-secret")])).status).toBe(202);
  const meta = await eventually("the outcome at meta", async () => {
    const story = await app.story("no-secret");
    return story?.deliveries.find(({ lane, state }) => lane === "meta" && state !== "pending");
  });
  expect(meta.state).toBe("unauthorized");
  expect(meta.reason).toContain(name);
  await eventually("the other platforms", async () => {
    const sizes = await Promise.all([counted("ga4", ["no-secret"]), counted("webhook", ["no-secret"])]);
    return sizes.every(({ size }) => size === 1);
  });
  expect(await sandbox.received({ platform: "meta", event_id: "no-secret" })).toEqual([]);

  writeFileSync(file, JSON.stringify(secrets));
  // A wrong credential is looked at again every quarter of an hour.
  await app.advanceClock(20 * MINUTE_MS);
  await arriveEverywhere(["no-secret"]);
  await expectOnce(["no-secret"]);
});

test("while SQS refuses, ingest says so and takes nothing; what is sent again with the same ids arrives once", async () => {
  await toNextPeriod(5);
  await disturb({ service: "sqs", operation: "SendMessageBatch", error: "ServiceUnavailable", status: 503 });
  const { event_id: _, order_id: __, ...nameless } = purchaseInput("nameless");
  const refused = await post([...names("refused", 20).map((id) => purchaseInput(id)), nameless]);
  expect(refused).toMatchObject({ status: 503, retryAfter: "5", accepted: [] });
  expect(refused.unavailable).toHaveLength(21);
  const sdk = await fetch(`${app.apiUrl}/v1/track`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${app.keys["shop-server"]}:`)}` },
    body: JSON.stringify({ event: "Signed Up", userId: "u", messageId: "refused-sdk" }),
  });
  expect(sdk.status).toBe(503);
  expect(sdk.headers.get("retry-after")).toBe("5");

  await toNextPeriod(5);
  expect(await alarm("ingest-5xx")).toBe("ALARM");

  await app.local("DELETE", "faults");
  // The id that ingest made comes back with the answer: with it, the event stays the same one.
  const again = await post(refused.unavailable.map((id) => ({ ...purchaseInput(id), order_id: id })));
  expect(again).toMatchObject({ status: 202, retryAfter: null, unavailable: [] });
  await arriveEverywhere(refused.unavailable);
  await expectOnce(refused.unavailable);
  expect(await sandbox.received({ event_id: "refused-sdk" })).toEqual([]);
});

test("when SQS takes a part of each batch, exactly what was answered as accepted arrives", async () => {
  await disturb({ service: "sqs", operation: "SendMessageBatch", error: "PartialBatchFailure" });
  const ids = names("partial", 60);
  const { status, retryAfter, accepted, unavailable } = await post(ids.map((id) => purchaseInput(id)));
  await app.local("DELETE", "faults");
  expect({ status, retryAfter }).toEqual({ status: 202, retryAfter: "5" });
  expect([...accepted, ...unavailable].sort()).toEqual([...ids].sort());
  expect(Math.min(accepted.length, unavailable.length)).toBeGreaterThanOrEqual(10);

  await arriveEverywhere(accepted);
  for (const platform of PLATFORMS) expect((await counted(platform, unavailable)).size).toBe(0);
  expect((await post(unavailable.map((id) => purchaseInput(id)))).unavailable).toEqual([]);
  await arriveEverywhere(ids);
  await expectOnce(ids);
});

test("DynamoDB refusing every other call loses and doubles nothing", async () => {
  const throttled = { service: "dynamodb", error: "ProvisionedThroughputExceededException", probability: 0.5 };
  await disturb(
    { ...throttled, operation: "UpdateItem", count: 30 },
    { ...throttled, operation: "PutItem", count: 10 },
    { ...throttled, operation: "BatchGetItem", count: 6 },
  );
  const ids = names("throttled", 24);
  expect((await post(ids.map((id) => purchaseInput(id)))).accepted).toEqual(ids);
  await arriveEverywhere(ids);
  await expectOnce(ids);
  expect(await app.local("GET", "faults")).toMatchObject([{ remaining: 0 }, {}, { remaining: 0 }]);
});

test("an event whose claim DynamoDB refused is tried again within seconds, and so is its person's next", async () => {
  // Three for each write that fails, and some for what else writes meanwhile; nothing fails a third time.
  await disturb({ service: "dynamodb", operation: "UpdateItem", error: "ThrottlingException", count: 8 });
  const ids = ["soon-0", "soon-1"];
  const startedAt = await app.advanceClock(0);
  expect((await post(ids.map((id) => purchaseInput(id)))).accepted).toEqual(ids);
  await eventually("both at a platform, with the clock left alone", async () => {
    return (await counted("webhook", ids)).size === ids.length;
  });
  // The queue itself would have hidden them for three minutes.
  expect((await app.advanceClock(0)) - startedAt).toBeLessThan(2 * MINUTE_MS);
  expect(app.output()).toContain("record goes back to the queue");
  expect(await app.local("GET", "faults")).toMatchObject([{ remaining: 0 }]);
  await arriveEverywhere(ids);
  await expectOnce(ids);
});

test("calls that had their effect and lost their answer are made again without a second effect", async () => {
  const lost = { when: "after", probability: 0.3, status: 500 };
  await disturb(
    { ...lost, service: "sqs", operation: "SendMessageBatch", error: "InternalError", count: 6 },
    { ...lost, service: "sqs", operation: "DeleteMessageBatch", error: "InternalError", count: 4 },
    { ...lost, service: "dynamodb", operation: "UpdateItem", error: "InternalServerError", count: 40 },
    { ...lost, service: "dynamodb", operation: "PutItem", error: "InternalServerError", count: 20 },
  );
  const ids = names("answerless", 40);
  let waiting = ids;
  await eventually("ingest taking all of them", async () => {
    waiting = (await post(waiting.map((id) => purchaseInput(id)))).unavailable;
    return waiting.length === 0;
  });
  await arriveEverywhere(ids);
  await expectOnce(ids);
  const story = JSON.stringify(await app.trace("answerless-0"));
  expect(story).toContain('"copies":1');
});

test("workers killed at random under load lose nothing that was accepted", async () => {
  const ids = names("killed", 120);
  const requests = Array.from({ length: 12 }, (_, n) => ids.slice(n * 10, n * 10 + 10));
  const crashed = () => app.output().match(/^.*REPORT RequestId.*Status: error$/gm)?.length ?? 0;
  const crashedBefore = crashed();
  let kills = 0;
  await Promise.all(
    [0, 1, 2].map(async (lane) => {
      for (const batch of requests.filter((_, n) => n % 3 === lane)) {
        await eventually("ingest taking a request", async () => {
          const sent = post(batch.map((id) => purchaseInput(id)));
          if (await app.killWorker()) kills += 1;
          return (await sent.catch(() => undefined))?.accepted.length === batch.length;
        });
      }
    }),
  );
  await eventually("more kills, now among the lanes", async () => {
    if (await app.killWorker()) kills += 1;
    return kills >= 20;
  });
  // Not all hit an idle worker.
  expect(crashed() - crashedBefore).toBeGreaterThanOrEqual(3);
  await arriveEverywhere(ids);
  await expectOnce(ids);
});

test("a platform that keeps failing has its lane stopped, which raises its alarm and no other's, and ends with the failure", async () => {
  const ids = names("alarming", 15);
  const minutesStopped = () => {
    const lines = [...app.output().matchAll(/\{"_aws".*"LaneStopped".*/g)];
    return lines.filter(([line]) => (JSON.parse(line) as { destination: string }).destination === "webhook").length;
  };
  const stillStopped = async () => {
    const before = minutesStopped();
    await eventually("the lane being seen stopped", async () => minutesStopped() > before);
  };

  // What the tests before have disturbed is out of the hour that the alarm looks at.
  await app.advanceClock(60 * MINUTE_MS);
  await toNextPeriod(15);
  await sandbox.script("webhook", [{ status: 500 }]);
  await post(ids.map((id) => purchaseInput(id)));
  await stillStopped();
  await app.advanceClock(15 * MINUTE_MS);
  await stillStopped();
  expect(await alarm("webhook-failure-share")).toBe("OK");
  await app.advanceClock(15 * MINUTE_MS);
  expect(await alarm("webhook-failure-share")).toBe("ALARM");
  expect(await alarm("meta-failure-share")).toBe("OK");
  expect(app.output()).toMatch(/alarm tracklayer-development-webhook-failure-share: OK → ALARM/);

  await sandbox.behave();
  await arriveEverywhere(ids);
  await expectOnce(ids);
  // It looks at an hour, so that a lane that was stopped in it keeps it on.
  await app.advanceClock(60 * MINUTE_MS);
  expect(await alarm("webhook-failure-share")).toBe("OK");
});

test("what expired while a platform was down for longer than the retries is delivered by a redrive, once", async () => {
  const ids = names("redriven", 3);
  const sqs = new SQSClient(app.access);
  const attributesOf = async (name: string) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `tracklayer-development-${name}` }));
    const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    return answer.Attributes ?? {};
  };
  const waiting = async (name: string) => Number((await attributesOf(name)).ApproximateNumberOfMessages);

  await sandbox.script("webhook", [{ status: 500 }]);
  await post(ids.map((id) => purchaseInput(id)));
  await eventually("a first attempt of each", async () => {
    const stories = await Promise.all(ids.map((id) => app.trace(id)));
    return stories.every((story) => JSON.stringify(story).includes('"outcome":"retry"'));
  });
  await app.advanceClock(25 * 60 * MINUTE_MS);
  await eventually("all on the dead-letter queue", async () => (await waiting("lane-webhook-dlq")) === ids.length);
  expect(JSON.stringify(await app.trace("redriven-0"))).toContain('"state":"expired"');

  await sandbox.behave();
  const [source, lane] = await Promise.all([attributesOf("lane-webhook-dlq"), attributesOf("lane-webhook")]);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: source.QueueArn, DestinationArn: lane.QueueArn }));
  await arriveEverywhere(ids);
  await expectOnce(ids);
  expect(await waiting("lane-webhook-dlq")).toBe(0);
  sqs.destroy();
});
