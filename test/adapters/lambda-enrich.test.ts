import type { SQSEvent, SQSRecord } from "aws-lambda";
import { createEnrichHandler, enrichSettings } from "../../src/adapters/lambda-enrich.ts";
import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import { createMemoryOwnLaneQueue } from "../../src/adapters/memory/own-lane-queue.ts";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { purchaseEvent } from "../support/events.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

function config(destinations: ResolvedConfig["destinations"]): ResolvedConfig {
  return {
    environment: "test",
    production: false,
    sources: [],
    destinations,
    consent: { defaults: [{ countries: ["*"], purposes: GRANTED }], honourGpc: true, categories: {} },
    keyEvents: ["purchase"],
    alarms: { emails: [] },
    delivery: { retryWindowMs: 1, firstRetryMs: 1, longestRetryMs: 1 },
    logs: { eventShare: 0 },
    retention: { deliveryDays: 30, identityDays: 90, quarantineDays: 14, logDays: 14 },
    ingest: { rateLimit: 1, burstLimit: 1 },
  };
}

const META: ResolvedConfig["destinations"][number] = {
  id: "meta-eu",
  type: "meta",
  settings: { datasetId: "123456789012345" },
  secretName: "s",
  events: {},
  customEvents: {},
  testMode: false,
  batchWindowSeconds: 0,
  maxConcurrency: 2,
};

function sqsRecord(messageId: string, body: unknown, groupId?: string): SQSRecord {
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body: JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "1",
      SenderId: "s",
      ApproximateFirstReceiveTimestamp: "1",
      ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:events.fifo",
    awsRegion: "us-east-1",
  };
}

function world(lanes: string[]) {
  let flushed = 0;
  const ports = {
    store: createMemoryDeliveryStore(),
    identities: createMemoryIdentityStore(),
    lanes: createMemoryLaneQueues(lanes),
    metrics: {
      ...recordingMetrics(),
      flush() {
        flushed += 1;
      },
    },
    log: recordingLog(),
    clock: fixedClock(purchaseEvent().received_at + 1_000),
  };
  const queue = createMemoryOwnLaneQueue();
  let remainingMs = 30_000;
  const enrich = createEnrichHandler({ settings: enrichSettings(config([META]), DESTINATIONS), ports, queue });
  const handler = (event: SQSEvent) => enrich(event, { getRemainingTimeInMillis: () => remainingMs });
  const remain = (ms: number) => {
    remainingMs = ms;
  };
  return { ports, remain, handler, queue, flushed: () => flushed };
}

const batch = (...Records: SQSRecord[]): SQSEvent => ({ Records });
const event = (id: string) => ({ v: 1, kind: "event", copy_id: id, event: purchaseEvent({ event_id: id }) });

test("runs a batch with the real declarations, scores it, and flushes the metrics once", async () => {
  const { ports, handler, flushed } = world(["meta-eu"]);
  expect(await handler(batch(sqsRecord("m-1", event("o-1"), "g")))).toEqual({ batchItemFailures: [] });
  expect(ports.lanes.messages("meta-eu")).toHaveLength(1);
  const [story] = await ports.store.readStory("o-1", ["shop"]);
  const quality = story?.claim?.story.decisions[0]?.quality;
  expect(quality?.present).toEqual(expect.arrayContaining(["email", "phone"]));
  expect(quality?.score).toBeGreaterThan(0);
  expect(flushed()).toBe(1);
});

test("stripping raw contact data from the lane's copy costs no identifier", async () => {
  const { ports, handler } = world(["meta-eu"]);
  await handler(batch(sqsRecord("m-1", event("o-1"), "g")));
  const [message] = ports.lanes.messages("meta-eu");
  expect(message?.event.user).not.toHaveProperty("email");
  const [lane] = enrichSettings(config([META]), DESTINATIONS).lanes;
  const context = { lane: "meta-eu", settings: META.settings, credentials: {}, now: 0, testMode: false };
  const whole = { ...purchaseEvent(), hashes: message?.event.hashes ?? {} };
  const sent = message === undefined ? new Set() : lane?.destination.identifiers(message.event, context);
  expect(sent).toEqual(lane?.destination.identifiers(whole, context));
});

test("answers the ids of what must come back, by group", async () => {
  const { handler } = world([]);
  const answer = await handler(
    batch(sqsRecord("m-1", event("o-1"), "a"), sqsRecord("m-2", event("o-2"), "a"), sqsRecord("m-3", "bad")),
  );
  expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["m-1", "m-2"]);
});

test("what must come back does so in a moment, and not when the queue's own timeout ends", async () => {
  const { handler, queue } = world([]);
  await handler(
    batch(sqsRecord("m-1", event("o-1"), "a"), sqsRecord("m-2", event("o-2"), "a"), sqsRecord("m-3", "bad")),
  );
  expect([...queue.postponed]).toEqual([
    ["handle of m-1", 2],
    ["handle of m-2", 2],
  ]);
});

test("with no time left to ask the queue, what is done is acknowledged, and the rest comes back when its timeout ends", async () => {
  const { handler, queue, remain } = world([]);
  remain(4_000);
  const answer = await handler(batch(sqsRecord("m-1", event("o-1"), "a"), sqsRecord("m-2", "bad")));
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m-1" }]);
  expect(queue.postponed.size).toBe(0);
});

test("a destination type that the build does not have is an error that names it", () => {
  expect(() => enrichSettings(config([{ ...META, type: "nowhere" }]), DESTINATIONS)).toThrow("nowhere");
});
