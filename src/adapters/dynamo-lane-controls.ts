import { type AttributeValue, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { LaneControl } from "../core/lane-control.ts";
import type { LaneControlStore } from "../pipeline/lane-control-ports.ts";
import { batchGet, isTaken } from "./dynamo-client.ts";

/** Where the controls are: the delivery table. */
export interface DynamoLaneControlsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

const SORT_KEY = "CONTROL";

/** Controls of lanes in the delivery table: one item each, which never expires. */
export function createDynamoLaneControls(options: DynamoLaneControlsOptions): LaneControlStore {
  const { client, table } = options;
  return {
    async read(lanes, { isConsistent = false } = {}) {
      const found = new Map<string | undefined, LaneControl>();
      const keys = [...new Set(lanes)].map(keyOf);
      await batchGet({ ...options, mayBeStale: !isConsistent }, keys, ({ control, pk }) => {
        if (control?.S !== undefined) found.set(pk?.S, JSON.parse(control.S) as LaneControl);
      });
      return lanes.map((lane) => found.get(keyOf(lane).pk.S));
    },

    async save(control) {
      const previous = control.version - 1;
      return isTaken(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(control.lane),
            UpdateExpression: "SET control = :control, version = :version",
            ConditionExpression: previous === 0 ? "attribute_not_exists(pk)" : "version = :previous",
            ExpressionAttributeValues: {
              ":control": { S: JSON.stringify(control) },
              ":version": { N: String(control.version) },
              ...(previous === 0 ? {} : { ":previous": { N: String(previous) } }),
            },
          }),
        ),
      );
    },
  };
}

function keyOf(lane: string): { pk: AttributeValue.SMember; sk: AttributeValue.SMember } {
  return { pk: { S: `LANE#${lane}` }, sk: { S: SORT_KEY } };
}
