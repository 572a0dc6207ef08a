import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoReceipts } from "../../src/adapters/dynamo-receipts.ts";
import { KEY, receipt, STORY } from "../support/delivery-store-suite.ts";

// What receipts do as part of the whole store is in `delivery-store-suite.ts`.

test("when the table is slow, writes that were not started in time count as failed", async () => {
  let now = STORY.received_at;
  let writes = 0;
  const client = {
    async send() {
      writes += 1;
      now += 400;
      return {};
    },
  } as unknown as DynamoDBClient;
  const receipts = createDynamoReceipts({ client, table: "t", deliveryDays: 30, now: () => now });
  const records = Array.from({ length: 200 }, (_, n) => receipt({ key: { ...KEY, event_id: `order-${n}` } }));
  await expect(receipts.writeRecords(records)).rejects.toThrow("no time for");
  expect(writes).toBeLessThan(100);
  writes = 0;
  const results = await receipts.claimAttempts(records.map((record) => ({ record, previous: undefined })));
  expect(results.filter(({ result }) => result === "won")).toHaveLength(writes);
  expect(results.filter(({ result }) => result === "failed")).toHaveLength(200 - writes);
  expect(writes).toBeLessThan(100);
});
