import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { createDynamoIdentityStore } from "../src/adapters/dynamo-identity-store.ts";
import { createMemoryIdentityStore, type MemoryIdentityStore } from "../src/adapters/memory/identity-store.ts";
import { campaignConsent } from "../src/core/campaign-touches.ts";
import { DAY_MS } from "../src/core/durations.ts";
import type { CanonicalEvent } from "../src/core/event.ts";
import type { Person, Pointer } from "../src/core/identity.ts";
import { scopedDigest } from "../src/core/scoped-digest.ts";
import { openIdentities } from "../src/pipeline/identity.ts";
import { IDENTITY_TABLE, startDynalite } from "../test/support/dynalite.ts";
import { hashedEvent } from "../test/support/events.ts";
import { createPopulation } from "../test/support/population.ts";
import { fillTable, type TableItem } from "./filled-table.ts";
import { table } from "./table.ts";

/** People of one shop; a graph is filled shop by shop, each with people of its own. */
const HUMANS = 3_000;
/** Of each shop: people who came with this many new browsers, each of which was somebody of its own first. */
const REGULARS = 10;
const BROWSERS_OF_REGULAR = 60;
const SAMPLE = 1_000;
const RULES = { retentionMs: 180 * DAY_MS, keepsCampaigns: campaignConsent({ defaults: [], honourGpc: true }) };

/** Shops that the pipeline learns; further ones are the same people under other keys. */
const LEARNED_SHOPS = 3;

/**
 * What one event costs in a graph of so many identifiers. A few shops are learned by the pipeline in memory; their items,
 * as the adapter writes them, are put into the table in bulk, and again under other keys until there are enough: learning
 * a million one by one would take the emulator hours.
 */
export async function measureGraph(identifiers: number): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "tracklayer-graph-"));
  try {
    const shops = Array.from({ length: LEARNED_SHOPS }, (_, shop) => createShop(shop));
    const filled = { pointers: 0, persons: 0 };
    const name = await fillTable(path, IDENTITY_TABLE, itemsOf(shops, identifiers, filled));
    const dynalite = await startDynalite({ path });
    try {
      const [shop] = shops;
      if (shop === undefined) return "no graph\n";
      const rows = await measured(shop, dynalite.client, name);
      const held = `${filled.pointers.toLocaleString("en-US")} identifiers of ${filled.persons.toLocaleString("en-US")} persons`;
      return `What one event costs, on its own and not in a batch, where the table holds ${held}\n\n${table(rows)}\n`;
    } finally {
      await dynalite.close();
    }
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function measured(shop: Shop, client: DynamoDBClient, name: string) {
  const used = meter(client);
  // Events of the population are of the past, and what they teach must not have expired.
  const store = createDynamoIdentityStore({ client, table: name, now: () => 0 });
  const measure = (what: string, events: readonly CanonicalEvent[], isRepeated = false) =>
    costOf(what, isRepeated ? events.flatMap((event) => [event, event]) : events, { isRepeated, store, used });
  const [known, regulars] = [shop.events.slice(-SAMPLE), shop.regulars.slice(-SAMPLE)];
  return [
    await measure("of people who are new", createShop(-1).events.slice(0, SAMPLE)),
    await measure("of people who are known", known),
    await measure("repeated at once", known, true),
    await measure("of people with sixty browsers", regulars),
    await measure("repeated at once", regulars, true),
  ];
}

/** The items of the shops, and of as many copies of them as it takes; counts what it gave. */
async function* itemsOf(
  shops: readonly Shop[],
  identifiers: number,
  filled: { pointers: number; persons: number },
): AsyncGenerator<readonly TableItem[]> {
  const graphs = [];
  for (const shop of shops) graphs.push((await learned(shop)).contents());
  for (let copy = 0; filled.pointers < identifiers; copy += 1) {
    for (const { persons, pointers } of graphs) {
      if (filled.pointers >= identifiers) return;
      const as = copy === 0 ? (id: string) => id : (id: string) => scopedDigest(`copy ${copy}`, id);
      yield* await adapterItems(
        persons.map((person) => personAs(person, as)),
        pointers.map((pointer) => pointerAs(pointer, as)),
      );
      filled.pointers += pointers.length;
      filled.persons += persons.length;
    }
  }
}

function personAs(person: Person, as: (id: string) => string): Person {
  const { id, apart, merge_records, merged_into } = person;
  return {
    ...person,
    id: as(id),
    apart: apart.map(as),
    merge_records: merge_records.map((record) => ({ ...record, id: as(record.id) })),
    ...(merged_into === undefined ? {} : { merged_into: as(merged_into) }),
  };
}

function pointerAs(pointer: Pointer, as: (id: string) => string): Pointer {
  const [kind = "", digest = ""] = pointer.key.split("#");
  return {
    ...pointer,
    key: `${kind}#${as(digest)}`,
    person_id: as(pointer.person_id),
    seen_with: pointer.seen_with.map(as),
  };
}

interface Shop {
  readonly events: readonly CanonicalEvent[];
  readonly regulars: readonly CanonicalEvent[];
}

/** One shop's events, in the order in which they came. Scopes keep its people apart from those of the others. */
function createShop(shop: number): Shop {
  const scope = `shop-${shop}`;
  const source = { ...hashedEvent().source, dedup_scope: scope, contact_scope: scope };
  const population = createPopulation(1_000 + shop, HUMANS);
  const regulars = Array.from({ length: REGULARS }, (_, n) => n).flatMap((n) =>
    Array.from({ length: BROWSERS_OF_REGULAR }, (_, visit) => regularsVisit(n, visit)).flat(),
  );
  const own = (event: CanonicalEvent): CanonicalEvent => ({ ...event, source });
  return { events: population.events.map(({ event }) => own(event)), regulars: regulars.map(own) };
}

/** Through a campaign without a name, and then with an account: each browser is merged into the person. */
function regularsVisit(regular: number, visit: number): CanonicalEvent[] {
  const at = hashedEvent().event_time - (BROWSERS_OF_REGULAR - visit) * DAY_MS;
  const name = `${regular}-${visit}`;
  const browser = {
    event_time: at,
    received_at: at,
    browser_ids: { fbp: `fb.1.${at}.${name}`, ga_client_id: `${name}.${at}` },
    page: { url: `https://shop.example.com/?utm_source=s${visit % 7}&utm_campaign=c${visit % 11}` },
  };
  const anonymous_id = `regular-${name}`;
  const account = { anonymous_id, user_id: `regular-${regular}`, email: `regular${regular}@mail.example` };
  return [
    hashedEvent({ ...browser, event_name: "page_view", user: { anonymous_id } }),
    hashedEvent({ ...browser, user: account }),
  ];
}

async function learned({ events, regulars }: Shop): Promise<MemoryIdentityStore> {
  const store = createMemoryIdentityStore();
  for (const event of [...events, ...regulars]) await (await openIdentities([event], store, RULES)).identify(event);
  return store;
}

/** What the adapter would write of these, in batches. */
async function adapterItems(persons: readonly Person[], pointers: readonly Pointer[]): Promise<TableItem[][]> {
  const items: TableItem[] = [];
  const collecting = {
    async send({ input }: { readonly input: UpdateItemCommandInput }) {
      items.push(itemOf(input));
      return {};
    },
  } as unknown as DynamoDBClient;
  const adapter = createDynamoIdentityStore({ client: collecting, table: "", now: () => 0 });
  for (const person of persons) await adapter.savePerson({ ...person, version: person.version - 1 });
  for (const pointer of pointers) await adapter.savePointer(pointer, undefined);
  const batches = Math.ceil(items.length / BATCH);
  return Array.from({ length: batches }, (_, n) => items.slice(n * BATCH, (n + 1) * BATCH));
}

const BATCH = 5_000;

/** The item that an update makes where there is none. */
function itemOf({
  ExpressionAttributeValues: values = {},
  Key,
  UpdateExpression = "",
}: UpdateItemCommandInput): TableItem {
  const set = [...UpdateExpression.matchAll(/(\w+) = (:\w+)/g)].flatMap(([, name = "", value = ""]) => {
    const given = values[value];
    return given === undefined ? [] : [[name, given] as const];
  });
  return { ...Key, ...Object.fromEntries(set) };
}

interface Measured {
  /** Only every second event counts: it is the one before it once more, and can teach nothing. */
  readonly isRepeated: boolean;
  readonly store: ReturnType<typeof createDynamoIdentityStore>;
  readonly used: Used;
}

async function costOf(
  what: string,
  events: readonly CanonicalEvent[],
  { isRepeated, store, used }: Measured,
): Promise<Record<string, string | number>> {
  const costs: Used[] = [];
  for (const [n, event] of events.entries()) {
    const before = { ...used };
    await (await openIdentities([event], store, RULES)).identify(event);
    if (isRepeated && n % 2 === 0) continue;
    const { readUnits, reads, writeUnits, writes } = used;
    costs.push({
      reads: reads - before.reads,
      readUnits: readUnits - before.readUnits,
      writes: writes - before.writes,
      writeUnits: writeUnits - before.writeUnits,
    });
  }
  const of = (name: keyof Used, share: number) =>
    quantile(
      costs.map((cost) => cost[name]),
      share,
    );
  const mean = (name: keyof Used) =>
    Number((costs.reduce((sum, cost) => sum + cost[name], 0) / costs.length).toFixed(3));
  return {
    events: what,
    "reads p50": of("reads", 0.5),
    p99: of("reads", 0.99),
    max: of("reads", 1),
    "read units p50": of("readUnits", 0.5),
    "units p99": of("readUnits", 0.99),
    "units max": of("readUnits", 1),
    "writes mean": mean("writes"),
    "write units mean": mean("writeUnits"),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

interface Used {
  reads: number;
  readUnits: number;
  writes: number;
  writeUnits: number;
}

/** Counts calls and capacity units of a client, as the table answers them. */
function meter(client: DynamoDBClient): Used {
  const used = { reads: 0, readUnits: 0, writes: 0, writeUnits: 0 };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        const { ConsumedCapacity: consumed } = result.output as { ConsumedCapacity?: Capacity | readonly Capacity[] };
        const units = [consumed ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
        const isRead = commandName === "BatchGetItemCommand";
        used[isRead ? "reads" : "writes"] += 1;
        used[isRead ? "readUnits" : "writeUnits"] += units;
        return result;
      },
    { step: "initialize", name: "meter" },
  );
  return used;
}

interface Capacity {
  readonly CapacityUnits?: number;
}
