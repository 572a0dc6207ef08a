import { createHash } from "node:crypto";
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { batchGet, type Item } from "./dynamo-client.ts";

/** Longest list of digests that stays within its job, bytes: a job is written every few seconds, and paid by the kilobyte. */
const MOST_INSIDE_BYTES = 32_000;
/** Of one part, bytes. DynamoDB takes items of 400 KB. */
const PART_BYTES = 300_000;

/** Where a list of digests is that does not fit into its job: which one, and in how many parts. */
export interface KeyParts {
  readonly digest: string;
  readonly count: number;
}

interface JobKeysOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** The parts that a list takes; undefined where it fits into the job. */
export function partsFor(keys: readonly string[] | undefined): KeyParts | undefined {
  if (keys === undefined || Buffer.byteLength(JSON.stringify(keys)) <= MOST_INSIDE_BYTES) return undefined;
  return { digest: digestOf(keys), count: slicesOf(keys).length };
}

/** As they stand in the job's item: `<digest>/<count>`. */
export function packParts({ digest, count }: KeyParts): string {
  return `${digest}/${count}`;
}

/** The parts that `packParts` packed. */
export function unpackParts(text: string): KeyParts {
  const [digest = "", count] = text.split("/");
  return { digest, count: Number(count) };
}

/**
 * Digests of a job's person in items of their own (the job's pk, sk `KEYS#<digest of the list>#<part>`). A person of many
 * merges over many scopes has tens of thousands. Under the digest of the list nothing that a job refers to is ever
 * overwritten: whoever writes a longer list and dies leaves the old one whole.
 */
export function createDynamoJobKeys({ client, table }: JobKeysOptions) {
  const keyOf = (pk: string, { digest }: KeyParts, index: number): Item => ({
    pk: { S: pk },
    sk: { S: `KEYS#${digest}#${index}` },
  });
  const put = (item: Item) => client.send(new PutItemCommand({ TableName: table, Item: item }));

  return {
    /** Writes a list under what `partsFor` said of it. */
    async write(pk: string, keys: readonly string[], parts: KeyParts, expires_at: Item[string]): Promise<void> {
      for (const [index, slice] of slicesOf(keys).entries()) {
        await put({ ...keyOf(pk, parts, index), keys: { S: JSON.stringify(slice) }, expires_at });
      }
    },

    /** The list; undefined when it is not there any more: its job has another one by now. */
    async read(pk: string, parts: KeyParts): Promise<string[] | undefined> {
      const wanted = Array.from({ length: parts.count }, (_, index) => keyOf(pk, parts, index));
      const found = new Map<string, string[]>();
      await batchGet({ client, table }, wanted, ({ keys, sk }) => {
        if (keys?.S !== undefined) found.set(sk?.S ?? "", JSON.parse(keys.S) as string[]);
      });
      const keys = wanted.flatMap(({ sk }) => found.get(sk?.S ?? "") ?? []);
      return digestOf(keys) === parts.digest ? keys : undefined;
    },

    /** Empties a list that no job refers to any more. `expires_at` is in the past, for DynamoDB to remove what is left. */
    async empty(pk: string, parts: KeyParts, expires_at: Item[string]): Promise<void> {
      for (let index = 0; index < parts.count; index += 1) await put({ ...keyOf(pk, parts, index), expires_at });
    },
  };
}

function digestOf(keys: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(keys)).digest("base64url").slice(0, 22);
}

function slicesOf(keys: readonly string[]): string[][] {
  const slices: string[][] = [];
  let room = 0;
  for (const key of keys) {
    const bytes = Buffer.byteLength(JSON.stringify(key)) + 1;
    if (bytes > room) {
      slices.push([]);
      room = PART_BYTES;
    }
    slices.at(-1)?.push(key);
    room -= bytes;
  }
  return slices;
}
