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
      const write = client.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: `SET ${values.map(([name]) => `#${name} = :${name}`).join(", ")}`,
          ConditionExpression: "attribute_not_exists(#copy)",
          ExpressionAttributeNames: Object.fromEntries(values.map(([name, attribute]) => [`#${name}`, attribute])),
          ExpressionAttributeValues: Object.fromEntries(values.map(([name, , value]) => [`:${name}`, value])),
        }),
      );
      if (await isTaken(write)) return copy;
      const { Item: item = {} } = await client.send(
        new GetItemCommand({ TableName: table, Key, ConsistentRead: true }),
      );
      return laterCopies(item).find((kept) => kept.source.id === copy.source.id) ?? copy;
    },
  };
}
