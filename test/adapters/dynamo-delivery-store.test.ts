import { type AttributeValue, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import type { RoutingDecision } from "../../src/core/delivery-record.ts";
import { matchQuality } from "../../src/core/match-quality.ts";
import { ga4 } from "../../src/destinations/ga4.ts";
import { meta } from "../../src/destinations/meta.ts";
import { deliveryStoreSuite, KEY, receipt, STORY } from "../support/delivery-store-suite.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";

let dynalite: Dynalite;
let table: string;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create(now = () => STORY.received_at) {
  table = await dynalite.createTable(DELIVERY_TABLE);
  const { client } = dynalite;
  return createDynamoDeliveryStore({ client, table, deliveryDays: 30, quarantineDays: 14, now });
}

deliveryStoreSuite(create);

const UUID = "0193572e-8c1f-7cc3-9a8e-1f6d3b2a4c5d";
const PK = "shop#order-100017";

async function stored(sk: string): Promise<Record<string, AttributeValue>> {
  const answer = await dynalite.client.send(
    new GetItemCommand({ TableName: table, Key: { pk: { S: PK }, sk: { S: sk } } }),
  );
  return answer.Item ?? {};
}

/** Bytes as DynamoDB counts them: names and values in UTF-8, numbers by their digits. */
function itemBytes(item: Record<string, AttributeValue>): number {
  return Object.entries(item).reduce((sum, [name, { S, N, SS }]) => {
    const value =
      S !== undefined
        ? Buffer.byteLength(S)
        : N !== undefined
          ? Math.ceil(N.length / 2) + 1
          : (SS ?? []).reduce((total, text) => total + Buffer.byteLength(text) + 1, 3);
    return sum + Buffer.byteLength(name) + value;
  }, 0);
}

describe("items", () => {
  test("the claim of a purchase with three lanes costs one write unit", async () => {
    const store = await create();
    await store.claim(KEY, UUID, STORY);
    const bytes = itemBytes(await stored("purchase#EVENT"));
    expect(bytes).toBeGreaterThan(500);
    expect(bytes).toBeLessThan(1_024);
  });

  test("so does one with the points of each score and a doubt of an address", async () => {
    const store = await create();
    const role = { factor: 0.5, reason: "an address of a role, which several people read" };
    const decisions = STORY.decisions.map((decision) => {
      const { present = [] } = decision.quality ?? {};
      const matchKeys = decision.lane === "meta" ? meta.matchKeys : ga4.matchKeys;
      return { ...decision, quality: matchQuality(new Set(present), matchKeys, { email: role }) };
    });
    await store.claim(KEY, UUID, { ...STORY, decisions });
    const bytes = itemBytes(await stored("purchase#EVENT"));
    expect(bytes).toBeLessThan(1_024);
  });

  test("so does one with the consent that it went by, a lane that got it limited, and the rule that said so", async () => {
    const store = await create();
    const by = { value: "denied", by: "person" } as const;
    const answers = { ad_storage: by, ad_user_data: by, ad_personalization: by, analytics_storage: by };
    const decisions = STORY.decisions.map((decision, index): RoutingDecision => {
      const how = index === 0 ? ({ behaviour: "limited", rule: "consentRules us-states" } as const) : {};
      return { ...decision, consent: { rule: "declaration", ...decision.consent, ...how } };
    });
    await store.claim(KEY, UUID, { ...STORY, consent: { ...answers, gpc: true, places: ["US-CA", "DE"] }, decisions });
    const bytes = itemBytes(await stored("purchase#EVENT"));
    expect(bytes).toBeLessThan(1_024);
  });

  test("a receipt costs one write unit, also after a refusal in the platform's words", async () => {
    const store = await create();
    await store.writeRecords([receipt()]);
    expect(itemBytes(await stored("purchase#DEST#meta"))).toBeLessThan(400);
    const reason = "Invalid parameter: your event request is missing required customer information (code 100, 2804050)";
    await store.writeRecords([receipt({ lane: "ga4", state: "rejected", reason })]);
    expect(itemBytes(await stored("purchase#DEST#ga4"))).toBeLessThan(1_024);
  });

  test("expire in epoch seconds", async () => {
    const store = await create();
    await store.claim(KEY, UUID, STORY);
    await store.writeRecords([receipt()]);
    const day = 86_400;
    expect((await stored("purchase#EVENT")).expires_at?.N).toBe(String(1_795_435_200 + 30 * day));
    expect((await stored("purchase#DEST#meta")).expires_at?.N).toBe(String(1_795_435_201 + 30 * day));
  });
});

describe("orders", () => {
  async function ofOrder(order: string): Promise<(string | undefined)[]> {
    const answer = await dynalite.client.send(
      new QueryCommand({
        TableName: table,
        IndexName: "orders",
        KeyConditionExpression: "#order = :order",
        ExpressionAttributeNames: { "#order": "order" },
        ExpressionAttributeValues: { ":order": { S: order } },
      }),
    );
    return (answer.Items ?? []).map(({ sk }) => sk?.S);
  }

  test("find the events of an order, and only those with one are in the index", async () => {
    const store = await create();
    const { order_id: _, ...withoutOrder } = STORY;
    await store.claim(KEY, "copy-1", STORY);
    await store.claim({ ...KEY, event_name: "refund" }, "copy-1", STORY);
    await store.claim({ ...KEY, event_name: "lead" }, "copy-1", withoutOrder);
    expect((await ofOrder("shop#100017")).sort()).toEqual(["purchase#EVENT", "refund#EVENT"]);
    expect(await ofOrder("till#100017")).toEqual([]);
    expect((await stored("lead#EVENT")).order).toBeUndefined();
  });

  test("a copy brings the order id that the first lacked, and never another one", async () => {
    const store = await create();
    const { order_id: _, ...withoutOrder } = STORY;
    await store.claim(KEY, "copy-1", withoutOrder);
    expect(await ofOrder("shop#100017")).toEqual([]);
    await store.claim(KEY, "copy-2", STORY);
    await store.claim(KEY, "copy-3", { ...STORY, order_id: "other" });
    expect(await ofOrder("shop#100017")).toEqual(["purchase#EVENT"]);
    expect(await ofOrder("shop#other")).toEqual([]);
  });

  test("a claim that replaces one past its time has its own order id or none", async () => {
    const time = { now: STORY.received_at };
    const store = await create(() => time.now);
    const { order_id: _, ...withoutOrder } = STORY;
    await store.claim(KEY, "copy-1", STORY);
    time.now += 31 * 86_400_000;
    await store.claim(KEY, "copy-2", { ...withoutOrder, received_at: time.now });
    expect(await ofOrder("shop#100017")).toEqual([]);
  });
});

describe("attention", () => {
  const shards = (lane: string, day: string) => Array.from({ length: 8 }, (_, n) => `FAILED#${lane}#${day}#${n}`);

  async function listedFailures(lane: string, day: string): Promise<(string | undefined)[]> {
    return (await Promise.all(shards(lane, day).map(listed))).flat();
  }

  async function listed(attention: string): Promise<(string | undefined)[]> {
    const answer = await dynalite.client.send(
      new QueryCommand({
        TableName: table,
        IndexName: "attention",
        KeyConditionExpression: "attention = :attention",
        ExpressionAttributeValues: { ":attention": { S: attention } },
      }),
    );
    return (answer.Items ?? []).map(({ sk }) => sk?.S);
  }

  test("lists what failed by lane and day, until it is delivered", async () => {
    const store = await create();
    await store.writeRecords([receipt({ state: "rejected" }), receipt({ lane: "ga4" })]);
    expect(await listedFailures("meta", "2026-11-23")).toEqual(["purchase#DEST#meta"]);
    expect(await listedFailures("ga4", "2026-11-23")).toEqual([]);
    await store.writeRecords([receipt()]);
    expect(await listedFailures("meta", "2026-11-23")).toEqual([]);
  });

  test("an event that goes on failing stays where it is, until it does not fail", async () => {
    const store = await create();
    const day = 86_400_000;
    const failed = receipt({ state: "unauthorized", reason: "bad token" });
    await store.writeRecords([failed]);
    await store.writeRecords([{ ...failed, state: "expired", updated_at: failed.updated_at + day }]);
    expect(await listedFailures("meta", "2026-11-23")).toEqual(["purchase#DEST#meta"]);
    expect(await listedFailures("meta", "2026-11-24")).toEqual([]);
    expect((await stored("purchase#DEST#meta")).attention_at?.N).toBe(String(failed.updated_at));
    await store.writeRecords([{ ...failed, state: "retry", updated_at: failed.updated_at + 2 * day }]);
    await store.writeRecords([{ ...failed, state: "rejected", updated_at: failed.updated_at + 3 * day }]);
    expect(await listedFailures("meta", "2026-11-26")).toEqual(["purchase#DEST#meta"]);
  });

  test("spreads a lane's failures of a day over eight partitions", async () => {
    const store = await create();
    const keys = Array.from({ length: 80 }, (_, n) => ({ ...KEY, event_id: `order-${n}` }));
    await store.writeRecords(keys.map((key) => receipt({ key, state: "rejected" })));
    const counts = await Promise.all(shards("meta", "2026-11-23").map(async (shard) => (await listed(shard)).length));
    expect(counts.reduce((sum, n) => sum + n)).toBe(80);
    expect(Math.max(...counts)).toBeLessThan(30);
    expect(counts.filter((n) => n === 0)).toEqual([]);
  });

  test("lists quarantine by day, whatever the sender called the event", async () => {
    const store = await create();
    await store.quarantine({
      dedup_scope: "shop",
      event_id: "q-1",
      event_name: `a#b${"é".repeat(2_000)}`,
      source: "web",
      received_at: 1_795_435_200_000,
      reasons: [],
      raw: "{}",
    });
    const [sortKey] = await listed("QUARANTINE#2026-11-23");
    expect(sortKey).toMatch(/^a%23bé+#QUARANTINE$/);
    const [story] = await store.readStory("q-1", ["shop"]);
    expect(story?.quarantined?.raw).toBe("{}");
  });
});

test("a write that DynamoDB refuses is an error, and the others are still written", async () => {
  const store = await create();
  const tooLong = receipt({ key: { ...KEY, event_id: "x".repeat(3_000) } });
  await expect(store.writeRecords([tooLong, receipt()])).rejects.toThrow();
  expect(await store.readRecords("meta", [KEY])).toEqual([receipt()]);
});
