import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { createDynamoIdentityStore } from "../../src/adapters/dynamo-identity-store.ts";
import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { answersOf } from "../../src/core/consent-memory.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";
import { capturedOutput } from "../support/captured-output.ts";
import { DELIVERY_TABLE, type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";
import { identityPerson } from "../support/identity-person.ts";
import { enterLambda } from "../support/lambda-environment.ts";
import { fakeDestination, LANE, laneMessage, purchase } from "../support/lane-world.ts";

const CONFIG = {
  destinations: [
    { id: LANE, type: "fake", settings: {}, secretName: "tl/fake", events: {}, customEvents: {}, testMode: false },
  ],
  consent: { honourGpc: true },
  delivery: { retryWindowMs: HOUR_MS, firstRetryMs: 1000, longestRetryMs: 1000 },
  retention: { deliveryDays: 7, quarantineDays: 7 },
};

let fauxqs: Fauxqs;
let tables: Dynalite;
let leaveLambda: () => void;

beforeAll(async () => {
  [fauxqs, tables] = await Promise.all([startQueuesAndBuckets(), startDynalite()]);
  leaveLambda = enterLambda(CONFIG, {
    AWS_ENDPOINT_URL_SQS: fauxqs.url,
    AWS_ENDPOINT_URL_DYNAMODB: tables.url,
    LANE_ID: LANE,
    DELIVERY_TABLE: await tables.createTable(DELIVERY_TABLE),
    IDENTITY_TABLE: await tables.createTable(IDENTITY_TABLE),
    LANE_QUEUE_URL: await fauxqs.createQueue(),
    LANE_DLQ_URL: await fauxqs.createQueue(),
  });
});

afterAll(async () => {
  leaveLambda();
  await Promise.all([fauxqs.close(), tables.close()]);
});

/** A batch as the event source mapping gives it: received from the lane's queue. */
async function receive(bodies: readonly string[]): Promise<SQSEvent> {
  const QueueUrl = process.env.LANE_QUEUE_URL;
  for (const MessageBody of bodies) await fauxqs.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const { Messages = [] } = await fauxqs.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"] }),
  );
  const records = Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
  }));
  return { Records: records as unknown as SQSRecord[] };
}

test("one batch through the real adapters: states stored, poison kept, the rest returned and hidden, metrics out", async () => {
  const now = Date.now();
  const at = { event_time: now - 60_000, received_at: now - 50_000 };
  const events = { test: purchase("is-a-test", { ...at, test: true }), live: purchase("live", at) };
  const bodies = Object.values(events).map((event) => laneMessage(event, { enqueued_at: now }).body);
  // Our own refusal of a private address is the one failure that needs no network.
  const destination = fakeDestination({
    credentials: [],
    buildRequest: () => ({ method: "POST", url: "https://10.0.0.1/", headers: {}, body: "{}" }),
  });
  const batch = await receive([...bodies, "not json"]);
  const handler = createDeliverHandler(destination);
  let answer: unknown;
  const lines = await capturedOutput(async () => {
    answer = await handler(batch, { getRemainingTimeInMillis: () => 60_000 });
  });

  const live = batch.Records.find(({ body }) => body.includes('"live"'));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: live?.messageId }] });
  const table = process.env.DELIVERY_TABLE ?? "";
  const store = createDynamoDeliveryStore({
    client: tables.client,
    table,
    deliveryDays: 7,
    quarantineDays: 7,
    now: Date.now,
    sleep: async () => {},
  });
  expect(await store.readRecords(LANE, [eventKey(events.test), eventKey(events.live)])).toMatchObject([
    { state: "skipped", skip: { code: "test_event" } },
    { state: "retry", reason: "refused_address: 10.0.0.1 is not a public address", attempt_count: 1 },
  ]);
  const dead = await fauxqs.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: process.env.LANE_DLQ_URL, MessageAttributeNames: ["All"] }),
  );
  expect(dead.Messages).toMatchObject([
    { Body: "not json", MessageAttributes: { reason: { StringValue: "not JSON" } } },
  ]);

  const documents = lines.map((line) => JSON.parse(line)).filter((line) => "_aws" in line);
  expect(documents).toContainEqual(expect.objectContaining({ destination: LANE, outcome: "retry", Deliveries: 1 }));
  expect(documents[0]._aws.CloudWatchMetrics[0].Namespace).toBe("TrackLayer/test");
});

test("G21: what the identity table says was refused since stops an event that waited", async () => {
  const now = Date.now();
  const event = purchase("waited", {
    event_time: now - HOUR_MS,
    received_at: now - HOUR_MS,
    known: { person_id: "ann" },
  });
  const identities = createDynamoIdentityStore({
    client: tables.client,
    table: process.env.IDENTITY_TABLE ?? "",
    now: Date.now,
  });
  const answers = answersOf(
    { consent: { gpc: true }, event_time: now, source: { dedup_scope: "shop", kind: "browser" } },
    true,
  );
  await identities.savePerson(identityPerson("ann", { answers, expires_at: now + HOUR_MS }));
  const batch = await receive([laneMessage(event, { enqueued_at: now - HOUR_MS }).body]);
  const handler = createDeliverHandler(fakeDestination({ credentials: [] }));
  let answer: unknown;
  const lines = await capturedOutput(async () => {
    answer = await handler(batch, { getRemainingTimeInMillis: () => 60_000 });
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  const counted = lines.map((line) => JSON.parse(line)).filter((line) => "_aws" in line);
  expect(counted).toContainEqual(expect.objectContaining({ destination: LANE, reason: "consent" }));
});

test("a λ whose lane is not in its configuration says so", async () => {
  process.env.LANE_ID = "other";
  const handler = createDeliverHandler(fakeDestination());
  await expect(handler({ Records: [] }, { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow(
    "the configuration has no destination other",
  );
  process.env.LANE_ID = LANE;
});

test("a destination whose access tokens are fetched cannot be deployed without what fetches them", () => {
  const destination = fakeDestination({ tokenRequest: () => undefined });
  expect(() => createDeliverHandler(destination)).toThrow("fake has access tokens fetched");
  expect(createDeliverHandler(destination, { createAccessTokens })).toBeInstanceOf(Function);
});
