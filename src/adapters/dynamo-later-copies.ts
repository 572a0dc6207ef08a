import { type AttributeValue, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { partitionKey } from "../core/delivery-record.ts";
import type { DeliveryStore } from "../pipeline/ports.ts";
import { copyAttributes, laterCopies, packCopy, packViews } from "./copy-items.ts";
import { COPY_DAYS, expiresAt, mergeSortKey } from "./delivery-items.ts";
import { type Item, isTaken } from "./dynamo-client.ts";
import type { DynamoReceiptsOptions } from "./dynamo-receipts.ts";

/** Keeps later copies, for enrich. */
export function createDynamoLaterCopies(options: DynamoReceiptsOptions): Pick<DeliveryStore, "addCopy"> {
  const { client, deliveryDays, now, table } = options;
  return {
    async addCopy(key, copy, views) {
      const Key: Item = { pk: { S: partitionKey(key) }, sk: { S: mergeSortKey(key) } };
      const names = copyAttributes(copy.source.id);
      const [raw, plain] = [views.filter((view) => view.raw), views.filter((view) => !view.raw)];
      const values: [name: string, attribute: string, value: AttributeValue][] = [
        ["copy", names.copy, { S: packCopy(copy) }],
        ["expires", "expires_at", expiresAt(now(), Math.min(COPY_DAYS, deliveryDays))],
      ];
      if (plain.length > 0) values.push(["parts", names.parts, { S: packViews(copy, plain) }]);
      if (raw.length > 0) values.push(["raw", names.raw, { S: packViews(copy, raw) }]);
      const set = {
        TableName: table,
        Key,
        UpdateExpression: `SET ${values.map(([name]) => `#${name} = :${name}`).join(", ")}`,
        ExpressionAttributeNames: Object.fromEntries(values.map(([name, attribute]) => [`#${name}`, attribute])),
        ExpressionAttributeValues: Object.fromEntries(values.map(([name, , value]) => [`:${name}`, value])),
      };
      const write = new UpdateItemCommand({ ...set, ConditionExpression: "attribute_not_exists(#copy)" });
      if (await isTaken(client.send(write))) return copy;
      const { Item: item = {} } = await client.send(
        new GetItemCommand({ TableName: table, Key, ConsistentRead: true }),
      );
      const found = laterCopies(item);
      const kept = found.find(({ source }) => source.id === copy.source.id);
      if (kept?.first_received_at === copy.first_received_at) return kept;
      const stale = found.filter((it) => it.first_received_at !== copy.first_received_at);
      const removal = removalOf(
        stale.flatMap(({ source }) => Object.values(copyAttributes(source.id))),
        values.map(([, attribute]) => attribute),
      );
      // Who loses this to another worker is given back to the queue, and finds that one's copy.
      await client.send(
        new UpdateItemCommand({
          ...set,
          ConditionExpression: "#copy = :stale",
          UpdateExpression: `${set.UpdateExpression}${removal.expression}`,
          ExpressionAttributeNames: { ...set.ExpressionAttributeNames, ...removal.names },
          ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ":stale": item[names.copy] ?? { NULL: true } },
        }),
      );
      return copy;
    },
  };
}

/** Takes out what copies of an earlier event of this id left, but for what is written over. */
function removalOf(attributes: readonly string[], written: readonly string[]) {
  const removed = attributes.filter((attribute) => !written.includes(attribute));
  const names = Object.fromEntries(removed.map((attribute, index) => [`#removed${index}`, attribute]));
  return { names, expression: removed.length === 0 ? "" : ` REMOVE ${Object.keys(names).join(", ")}` };
}
