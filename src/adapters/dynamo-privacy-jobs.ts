import { type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { PrivacyJob } from "../core/privacy-job.ts";
import type { PrivacyJobStore } from "../pipeline/privacy-ports.ts";
import { expiresAt } from "./delivery-items.ts";
import { batchGet, type Item, isConditionFailure } from "./dynamo-client.ts";

export interface DynamoPrivacyJobsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Running jobs have a partition of the index of their own: whoever looks for work each minute reads nothing else. */
const PARTITIONS = { running: "PRIVACY#RUNNING", ended: "PRIVACY" } as const;
/** Keys that are asked for at once. */
const PAGE = 50;
/** A person may ask after a year what became of their request, and a job that is over holds nothing of them. */
const KEPT_DAYS = 400;

/** Requests of people in the delivery table: pk `PRIVACY#<id>`, sk `JOB`, the job as JSON, found through the index `attention`. */
export function createDynamoPrivacyJobs({ client, table }: DynamoPrivacyJobsOptions): PrivacyJobStore {
  async function read(id: string): Promise<PrivacyJob | undefined> {
    const answer = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }));
    return answer.Item === undefined ? undefined : jobOf(answer.Item);
  }

  /** Newest first; of one moment the greater id first. */
  async function* listed(partition: string, before: PrivacyJob | undefined): AsyncGenerator<PrivacyJob> {
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

  async function jobsOf(pks: readonly string[]): Promise<PrivacyJob[]> {
    const found: PrivacyJob[] = [];
    const keys = pks.map((pk): Item => ({ pk: { S: pk }, sk: { S: "JOB" } }));
    await batchGet({ client, table, mayBeStale: true }, keys, (item) => found.push(jobOf(item)));
    return found.sort(byAge);
  }

  return {
    read,
    async list({ before, kind, limit, state }) {
      const last = before === undefined ? undefined : await read(before);
      const partitions = Object.entries(PARTITIONS).filter(
        ([name]) => state === undefined || (name === "running") === (state === "running"),
      );
      const found = new Map<string, PrivacyJob>();
      for (const [, partition] of partitions) {
        let taken = 0;
        for await (const job of listed(partition, last)) {
          // The index is a moment behind the items.
          const isWanted =
            (state === undefined || job.state === state) &&
            (kind === undefined || job.kind === kind) &&
            (last === undefined || (job.id !== last.id && byAge(last, job) < 0));
          if (isWanted && !found.has(job.id)) {
            found.set(job.id, job);
            taken += 1;
          }
          if (taken >= limit) break;
        }
      }
      return [...found.values()].sort(byAge).slice(0, limit);
    },
    async save(job) {
      const isFirst = job.version === 1;
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: itemOf(job),
            ConditionExpression: isFirst ? "attribute_not_exists(pk)" : "version = :previous",
            ...(isFirst ? {} : { ExpressionAttributeValues: { ":previous": { N: String(job.version - 1) } } }),
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
  };
}

function keyOf(id: string): Item {
  return { pk: { S: `PRIVACY#${id}` }, sk: { S: "JOB" } };
}

function itemOf(job: PrivacyJob): Item {
  return {
    ...keyOf(job.id),
    job: { S: JSON.stringify(job) },
    version: { N: String(job.version) },
    attention: { S: job.state === "running" ? PARTITIONS.running : PARTITIONS.ended },
    attention_at: { N: String(job.created_at) },
    expires_at: expiresAt(job.updated_at, KEPT_DAYS),
  };
}

function jobOf(item: Item): PrivacyJob {
  return JSON.parse(item.job?.S ?? "null") as PrivacyJob;
}

function byAge(a: PrivacyJob, b: PrivacyJob): number {
  return b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
}
