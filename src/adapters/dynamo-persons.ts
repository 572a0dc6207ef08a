import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Person } from "../core/identity.ts";
import type { IdentityStore } from "../pipeline/identity.ts";
import { type PackedTouches, unpackTouches } from "./campaign-text.ts";
import { batchGet, type Item } from "./dynamo-client.ts";

/** Where the identity table is, for those who read it. */
export interface DynamoPersonsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Epoch ms. DynamoDB deletes an item days after its time: from its time on it counts as absent. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A person as the attribute `facts` holds it; the rest is attributes of their own. */
export type StoredPerson = Omit<Person, "id" | "version" | "expires_at" | "contacts" | "touches"> & {
  readonly touches?: PackedTouches;
  /** Only where there are any: most installations never have one. */
  readonly contacts?: Person["contacts"];
};

/** As any version stored it. */
type OlderPerson = Omit<StoredPerson, "digests" | "answers" | "merge_records" | "apart"> & Partial<StoredPerson>;

/** The persons of the identity table, to read: all that a lane needs of it, so that its bundle holds no writing. */
export function createDynamoPersons(options: DynamoPersonsOptions): Pick<IdentityStore, "readPersons"> {
  return { readPersons: (ids) => readIdentityItems(options, { ids, prefix: "person#" }, parsePerson) };
}

/** Reads the items of one kind, in the order of the ids that were asked for; undefined where there is none, or its time is over. */
export async function readIdentityItems<T>(
  options: DynamoPersonsOptions,
  { ids, prefix }: { readonly ids: readonly string[]; readonly prefix: "id#" | "person#" },
  parse: (id: string, item: Item) => T,
): Promise<(T | undefined)[]> {
  const found = new Map<string, T>();
  const keys = [...new Set(ids)].map((id): Item => ({ pk: { S: prefix + id } }));
  const nowSeconds = Math.floor(options.now() / 1_000);
  await batchGet(options, keys, (item) => {
    if (Number(item.expires_at?.N ?? 0) <= nowSeconds) return;
    const id = item.pk?.S?.slice(prefix.length) ?? "";
    found.set(id, parse(id, item));
  });
  return ids.map((id) => found.get(id));
}

function parsePerson(id: string, item: Item): Person {
  const { touches, ...facts } = JSON.parse(item.facts?.S ?? "{}") as OlderPerson;
  return {
    // What older versions did not store yet.
    contacts: {},
    digests: {},
    answers: {},
    merge_records: [],
    apart: [],
    ...facts,
    touches: unpackTouches(touches),
    id,
    version: Number(item.version?.N ?? 0),
    expires_at: Number(item.expires_at?.N ?? 0) * 1_000,
  };
}
