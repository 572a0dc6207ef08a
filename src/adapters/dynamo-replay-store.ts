import { type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { ReplayJob } from "../core/replay-job.ts";
import type { ReplayStore } from "../pipeline/replay-ports.ts";
import { expiresAt } from "./delivery-items.ts";
import { batchGet, type Item, isTaken } from "./dynamo-client.ts";

export interface DynamoReplayStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Life of a job after its last change, days. */
  readonly days: number;
}

/** Running jobs have a partition of the index of their own: whoever looks for work each minute reads nothing else. */
const PARTITIONS = { running: "REPLAY#RUNNING", ended: "REPLAY" } as const;
/** Keys that are asked for at once. */
const PAGE = 50;

/** Replays in the delivery table: pk `REPLAY#<id>`, sk `JOB`, the job as JSON, found through the index `attention`. */
export function createDynamoReplayStore({ client, days, table }: DynamoReplayStoreOptions): ReplayStore {
  async function read(id: string): Promise<ReplayJob | undefined> {
    const answer = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }));
    return answer.Item === undefined ? undefined : jobOf(answer.Item);
  }

  /** Newest first; of one moment the greater id first. */
  async function* listed(partition: string, before: ReplayJob | undefined): AsyncGenerator<ReplayJob> {
    let from: Item | undefined;
    do {
      const answer = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "attention",
          KeyConditionExpression: `attention = :partition${before === undefined ? "" : " AND attention_at <= :before"}`,
          ExpressionAttributeValues: {
            ":partition": { S: partition },
            ...(before === undefined ? {} : { ":before": { N: String(before.created_at) } }),
          },
          ScanIndexForward: false,
          Limit: PAGE,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      yield* await jobsOf((answer.Items ?? []).flatMap(({ pk }) => pk?.S ?? []));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
  }

  async function jobsOf(pks: readonly string[]): Promise<ReplayJob[]> {
    const found: ReplayJob[] = [];
    const keys = pks.map((pk): Item => ({ pk: { S: pk }, sk: { S: "JOB" } }));
    await batchGet({ client, table, mayBeStale: true }, keys, (item) => found.push(jobOf(item)));
    return found.sort(byAge);
  }

  return {
    read,
    async list({ before, limit, state }) {
      const last = before === undefined ? undefined : await read(before);
      const partitions = Object.entries(PARTITIONS).filter(
        ([kind]) => state === undefined || (kind === "running") === (state === "running"),
      );
      const found: ReplayJob[] = [];
      for (const [, partition] of partitions) {
        let taken = 0;
        for await (const job of listed(partition, last)) {
          // The index is a moment behind the items.
          const isWanted =
            (state === undefined || job.state === state) &&
            (last === undefined || (job.id !== last.id && byAge(last, job) < 0));
          if (isWanted && found.every(({ id }) => id !== job.id)) {
            found.push(job);
            taken += 1;
          }
          if (taken >= limit) break;
        }
      }
      return found.sort(byAge).slice(0, limit);
    },
    async save(job) {
      const isFirst = job.version === 1;
      return isTaken(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: itemOf(job, days),
            ConditionExpression: isFirst ? "attribute_not_exists(pk)" : "version = :previous",
            ...(isFirst ? {} : { ExpressionAttributeValues: { ":previous": { N: String(job.version - 1) } } }),
          }),
        ),
      );
    },
  };
}

function keyOf(id: string): Item {
  return { pk: { S: `REPLAY#${id}` }, sk: { S: "JOB" } };
}

function itemOf(job: ReplayJob, days: number): Item {
  return {
    ...keyOf(job.id),
    job: { S: JSON.stringify(job) },
    version: { N: String(job.version) },
    attention: { S: job.state === "running" ? PARTITIONS.running : PARTITIONS.ended },
    attention_at: { N: String(job.created_at) },
    expires_at: expiresAt(job.updated_at, days),
  };
}

function jobOf(item: Item): ReplayJob {
  return JSON.parse(item.job?.S ?? "null") as ReplayJob;
}

function byAge(a: ReplayJob, b: ReplayJob): number {
  return b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
}
