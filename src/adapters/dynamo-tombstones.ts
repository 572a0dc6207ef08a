import { UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { TombstoneStore } from "../pipeline/erasures.ts";
import { batchGet, type Item, isTaken, runBounded } from "./dynamo-client.ts";
import {
  createDynamoTombstoneReader,
  type DynamoTombstonesOptions,
  HEAD_KEY,
  tombstoneKey,
} from "./dynamo-tombstone-reader.ts";

/** Writes under way at once. */
const PARALLEL_WRITES = 10;

/** The tombstones of the delivery table, for who puts them up. Times in them are only ever raised, whoever writes last. */
export function createDynamoTombstones(options: DynamoTombstonesOptions): TombstoneStore {
  const { client, now, table } = options;
  const update = (input: Omit<UpdateItemCommandInput, "TableName">) =>
    isTaken(client.send(new UpdateItemCommand({ TableName: table, ...input })));

  /** As it is stored, announced or not, and over or not. */
  async function storedHead(): Promise<Item> {
    let head: Item = {};
    await batchGet(options, [HEAD_KEY], (item) => {
      head = item;
    });
    return head;
  }

  return {
    ...createDynamoTombstoneReader(options),

    async secret(fresh, until) {
      await update({
        Key: HEAD_KEY,
        UpdateExpression: "SET #secret = if_not_exists(#secret, :fresh), expires_at = :until",
        ConditionExpression: "attribute_not_exists(expires_at) OR expires_at < :until",
        ExpressionAttributeNames: { "#secret": "secret" },
        ExpressionAttributeValues: { ":fresh": { S: fresh }, ":until": seconds(until) },
      });
      const { secret } = await storedHead();
      if (secret?.S === undefined) throw new Error("the head of erasures is gone");
      return secret.S;
    },

    async put(names, { erasedAt, until }) {
      await runBounded(names, { atOnce: PARALLEL_WRITES, now }, async (name) => {
        await update({
          Key: tombstoneKey(name),
          UpdateExpression: "SET erased_at = :at, expires_at = :until",
          ConditionExpression: "attribute_not_exists(pk) OR erased_at < :at",
          ExpressionAttributeValues: { ":at": { N: String(erasedAt) }, ":until": seconds(until) },
        });
      });
    },

    async announce({ last_at, secret }) {
      const isRaised = await update({
        Key: HEAD_KEY,
        UpdateExpression: "SET last_at = :at",
        ConditionExpression: "#secret = :secret AND (attribute_not_exists(last_at) OR last_at < :at)",
        ExpressionAttributeNames: { "#secret": "secret" },
        ExpressionAttributeValues: { ":at": { N: String(last_at) }, ":secret": { S: secret } },
      });
      if (isRaised) return;
      const head = await storedHead();
      // Under another secret the tombstones that were just put up are found by nobody.
      if (head.secret?.S !== secret || Number(head.last_at?.N) < last_at) {
        throw new Error("the head of erasures was replaced meanwhile");
      }
    },
  };
}

/** TTL takes whole seconds; rounded up, so that nothing ends sooner than asked. */
function seconds(ms: number): { N: string } {
  return { N: String(Math.ceil(ms / 1_000)) };
}
