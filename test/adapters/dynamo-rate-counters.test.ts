import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoRateCounters } from "../../src/adapters/dynamo-rate-counters.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { rateCountersSuite } from "../support/rate-counters-suite.ts";

let dynalite: Dynalite;
let table: string;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create() {
  table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoRateCounters({ client: dynalite.client, table });
}

rateCountersSuite(create);

test("one item per source and window, which goes by itself", async () => {
  const counters = await create();
  await counters.add("shop-web", 20_000, 3);
  await counters.add("shop-web", 20_000, 1);
  const { Items } = await dynalite.client.send(new ScanCommand({ TableName: table }));
  expect(Items).toEqual([
    { pk: { S: "RATE#shop-web" }, sk: { S: "WINDOW#20000" }, events: { N: "4" }, expires_at: { N: "3630" } },
  ]);
});

test("a sum that did not come is not zero", async () => {
  const client = { send: async () => ({}) } as never;
  await expect(createDynamoRateCounters({ client, table }).add("shop-web", 0, 1)).rejects.toThrow("without a sum");
});

test("a table that hangs is given up, not waited for", async () => {
  const signals: AbortSignal[] = [];
  const client = {
    send: async (_: unknown, { abortSignal }: { abortSignal: AbortSignal }) => {
      signals.push(abortSignal);
      return { Attributes: { events: { N: "1" } } };
    },
  } as never;
  await createDynamoRateCounters({ client, table }).add("shop-web", 0, 1);
  expect(signals[0]).toBeInstanceOf(AbortSignal);
});
