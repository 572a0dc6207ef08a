import { type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { byAge, isListed, type JobStore, type StoredJob } from "../pipeline/job-store.ts";
import { expiresAt } from "./delivery-items.ts";
import { batchGet, type Item, isTaken } from "./dynamo-client.ts";

export interface DynamoJobsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** First part of the kind's keys, such as `REPLAY`. */
  readonly prefix: string;
  /** Life of a job after its last change, days. */
  readonly days: number;
}

/** Keys that are asked for at once. */
const PAGE = 50;

/**
 * Jobs in the delivery table: pk `<prefix>#<id>`, sk `JOB`, the job as JSON, found through the index `attention`. Running
 * ones have a partition of the index of their own: whoever looks for work each minute reads nothing else.
 */
export function createDynamoJobs<Job extends StoredJob>({
  client,
  days,
  prefix,
  table,
}: DynamoJobsOptions): JobStore<Job> {
  const partitions = { running: `${prefix}#RUNNING`, ended: prefix };
  const keyOf = (id: string): Item => ({ pk: { S: `${prefix}#${id}` }, sk: { S: "JOB" } });
  const jobOf = (item: Item) => JSON.parse(item.job?.S ?? "null") as Job;

  async function read(id: string): Promise<Job | undefined> {
    const answer = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }));
    return answer.Item === undefined ? undefined : jobOf(answer.Item);
  }

  async function* listed(partition: string, before: Job | undefined): AsyncGenerator<Job> {
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

  async function jobsOf(pks: readonly string[]): Promise<Job[]> {
    const found: Job[] = [];
    const keys = pks.map((pk): Item => ({ pk: { S: pk }, sk: { S: "JOB" } }));
    await batchGet({ client, table, mayBeStale: true }, keys, (item) => found.push(jobOf(item)));
    return found.sort(byAge);
  }

  return {
    read,
    async list(options, isWanted = () => true) {
      const { before, limit, state } = options;
      const last = before === undefined ? undefined : await read(before);
      const wanted = Object.entries(partitions).filter(
        ([name]) => state === undefined || (name === "running") === (state === "running"),
      );
      const found = new Map<string, Job>();
      for (const [, partition] of wanted) {
        let taken = 0;
        for await (const job of listed(partition, last)) {
          // The index is a moment behind the items.
          if (isListed(job, options, last) && isWanted(job) && !found.has(job.id)) {
            found.set(job.id, job);
            taken += 1;
          }
          if (taken >= limit) break;
        }
      }
      return [...found.values()].sort(byAge).slice(0, limit);
    },
    save(job) {
      const isFirst = job.version === 1;
      const item: Item = {
        ...keyOf(job.id),
        job: { S: JSON.stringify(job) },
        version: { N: String(job.version) },
        attention: { S: job.state === "running" ? partitions.running : partitions.ended },
        attention_at: { N: String(job.created_at) },
        expires_at: expiresAt(job.updated_at, days),
      };
      return isTaken(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: item,
            ConditionExpression: isFirst ? "attribute_not_exists(pk)" : "version = :previous",
            ...(isFirst ? {} : { ExpressionAttributeValues: { ":previous": { N: String(job.version - 1) } } }),
          }),
        ),
      );
    },
  };
}
