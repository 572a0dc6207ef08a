import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { byAge, isListed, type JobStore, type StoredJob } from "../pipeline/job-store.ts";
import { expiresAt } from "./delivery-items.ts";
import { batchGet, type Item, isTaken } from "./dynamo-client.ts";
import { createDynamoJobKeys, type KeyParts, packParts, partsFor, unpackParts } from "./dynamo-job-keys.ts";
import { queryPages } from "./dynamo-query.ts";

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
/** Times that a job is read again whose digests were replaced meanwhile. */
const MAX_ROUNDS = 5;

/**
 * Jobs in the delivery table: pk `<prefix>#<id>`, sk `JOB`, the job as JSON, found through the index `attention`. Running
 * ones have a partition of the index of their own: whoever looks for work each minute reads nothing else. Many digests of a
 * person are in parts of their own (`keys` names them). A list that was replaced is named in `stale` until it is emptied, so
 * that whoever reads the job after a crash does it: digests must not outlive what they were for.
 */
export function createDynamoJobs<Job extends StoredJob>({
  client,
  days,
  prefix,
  table,
}: DynamoJobsOptions): JobStore<Job> {
  const partitions = { running: `${prefix}#RUNNING`, ended: prefix };
  const keyOf = (id: string): Item => ({ pk: { S: `${prefix}#${id}` }, sk: { S: "JOB" } });
  const jobKeys = createDynamoJobKeys({ client, table });
  /** Of jobs that were read or saved here and have parts, or had: which, by their newest version, and which to empty. */
  const known = new Map<string, { version: number; parts?: KeyParts; stale: readonly KeyParts[] }>();

  async function read(id: string): Promise<Job | undefined> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const answer = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }));
      if (answer.Item === undefined) return undefined;
      const job = await jobOf(answer.Item);
      if (job !== undefined) return job;
    }
    throw new Error("a job's digests kept changing");
  }

  /** Undefined where the item is older than its digests. */
  async function jobOf(item: Item): Promise<Job | undefined> {
    const job = JSON.parse(item.job?.S ?? "null") as Job;
    if (item.stale?.S !== undefined) await emptyStale(item);
    const parts = item.keys?.S === undefined ? undefined : unpackParts(item.keys.S);
    remember(job, parts, []);
    if (parts === undefined) return job;
    const person_keys = await jobKeys.read(`${prefix}#${job.id}`, parts);
    return person_keys === undefined ? undefined : { ...job, person_keys };
  }

  /** A list may show an item of before, which must not take the place of what was saved since. */
  function remember({ id, version }: StoredJob, parts: KeyParts | undefined, stale: readonly KeyParts[]): void {
    const before = known.get(id);
    if (before === undefined && parts === undefined) return;
    if (before === undefined || before.version <= version) known.set(id, { version, stale, ...(parts && { parts }) });
  }

  /** Empties the digests that the item names as replaced, and takes their name off unless the job went on meanwhile. */
  async function emptyStale({ stale, ...item }: Item): Promise<void> {
    const { updated_at } = JSON.parse(item.job?.S ?? "null") as Job;
    // Not a time of long ago: DynamoDB leaves alone what ended more than five years before.
    for (const parts of (stale?.S ?? "").split(" "))
      await jobKeys.empty(item.pk?.S ?? "", unpackParts(parts), expiresAt(updated_at, 0));
    const put = new PutItemCommand({
      TableName: table,
      Item: item,
      ConditionExpression: "version = :same",
      ExpressionAttributeValues: { ":same": item.version ?? { N: "0" } },
    });
    await isTaken(client.send(put));
  }

  async function* listed(partition: string, before: Job | undefined): AsyncGenerator<Job> {
    const pages = queryPages(client, {
      TableName: table,
      IndexName: "attention",
      KeyConditionExpression: `attention = :partition${before === undefined ? "" : " AND attention_at <= :before"}`,
      ExpressionAttributeValues: {
        ":partition": { S: partition },
        ...(before === undefined ? {} : { ":before": { N: String(before.created_at) } }),
      },
      ScanIndexForward: false,
      Limit: PAGE,
    });
    for await (const page of pages) yield* await jobsOf(page.flatMap(({ pk }) => pk?.S ?? []));
  }

  async function jobsOf(pks: readonly string[]): Promise<Job[]> {
    const found: Job[] = [];
    const keys = pks.map((pk): Item => ({ pk: { S: pk }, sk: { S: "JOB" } }));
    const items: Item[] = [];
    await batchGet({ client, table, mayBeStale: true }, keys, (item) => items.push(item));
    for (const item of items) {
      const job = (await jobOf(item)) ?? (await read(item.pk?.S?.slice(prefix.length + 1) ?? ""));
      if (job !== undefined) found.push(job);
    }
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
    async save(job) {
      const isFirst = job.version === 1;
      const expires_at = expiresAt(job.updated_at, days);
      const { parts: before, stale: left = [] } = known.get(job.id) ?? {};
      const parts = partsFor(job.person_keys);
      const isReplaced = before !== undefined && before.digest !== parts?.digest;
      // What could not be emptied the last time stays named, or nobody would ever do it.
      const stale = (isReplaced ? [...left, before] : left).filter(({ digest }) => digest !== parts?.digest);
      if (parts !== undefined && before?.digest !== parts.digest) {
        await jobKeys.write(`${prefix}#${job.id}`, job.person_keys ?? [], parts, expires_at);
      }
      const { person_keys: _, ...head } = job;
      const item: Item = {
        ...keyOf(job.id),
        job: { S: JSON.stringify(parts === undefined ? job : head) },
        version: { N: String(job.version) },
        attention: { S: job.state === "running" ? partitions.running : partitions.ended },
        attention_at: { N: String(job.created_at) },
        expires_at,
        ...(parts === undefined ? {} : { keys: { S: packParts(parts) } }),
        ...(stale.length > 0 ? { stale: { S: stale.map(packParts).join(" ") } } : {}),
      };
      const put = new PutItemCommand({
        TableName: table,
        Item: item,
        ConditionExpression: isFirst ? "attribute_not_exists(pk)" : "version = :previous",
        ...(isFirst ? {} : { ExpressionAttributeValues: { ":previous": { N: String(job.version - 1) } } }),
      });
      if (!(await isTaken(client.send(put)))) return false;
      remember(job, parts, stale);
      if (stale.length === 0) return true;
      try {
        await emptyStale(item);
        remember(job, parts, []);
      } catch {
        // It is saved all the same, and emptied with the next change or by whoever reads the job next.
      }
      return true;
    },
  };
}
