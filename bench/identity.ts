import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoIdentityStore } from "../src/adapters/dynamo-identity-store.ts";
import { graphIdentifiers } from "../src/core/identity-identifiers.ts";
import { openIdentities } from "../src/pipeline/identity.ts";
import { IDENTITY_TABLE, startDynalite } from "../test/support/dynalite.ts";
import { createPopulation, type LabelledEvent } from "../test/support/population.ts";
import { learnPopulation, scorePopulation } from "../test/support/population-score.ts";
import { table } from "./table.ts";

const SEEDS = [1, 2, 3];
const HUMANS = 3_000;
/** How long the table is filled, ms: a graph of millions would take the emulator hours. */
const FILL_MS = 60_000;
const FILL_EVENTS = 500;
const RETENTION_MS = 180 * 86_400_000;

/** How well people are told apart, and what an event costs in a table that holds as many as a minute fits. */
export async function measureIdentity(): Promise<string> {
  const scores: Record<string, string | number>[] = [];
  for (const seed of SEEDS) {
    const population = createPopulation(seed, HUMANS);
    const { allowed, identifiers, joined, precision, recall } = await scorePopulation(population);
    scores.push({
      seed,
      events: population.events.length,
      identifiers,
      "joined pairs": joined,
      "precision %": percent(precision),
      "allowed pairs": allowed,
      "recall %": percent(recall),
    });
  }
  const costs = await measureCosts();
  return `Identity: ${HUMANS} people of a labelled population, events in random order on four workers\n\n${table(scores)}\n\n${costs}\n`;
}

function percent(share: number): string {
  return (share * 100).toFixed(3);
}

async function measureCosts(): Promise<string> {
  const dynalite = await startDynalite();
  try {
    const used = meter(dynalite.client);
    const store = createDynamoIdentityStore({
      client: dynalite.client,
      table: await dynalite.createTable(IDENTITY_TABLE),
      // Events of the population are of the past, and what they teach must not have expired.
      now: () => 0,
    });
    const { events } = createPopulation(SEEDS.length + 1, HUMANS * 4);
    const keys = new Set<string>();
    const rows: Record<string, string | number>[] = [];
    const end = Date.now() + FILL_MS;
    let at = 0;
    while (Date.now() < end && at + FILL_EVENTS * 2 < events.length) {
      const part = events.slice(at, at + FILL_EVENTS);
      await learnPopulation(part, store);
      for (const { event } of part) for (const { key } of graphIdentifiers(event)) keys.add(key);
      at += FILL_EVENTS;
    }
    rows.push(await costOf("next events of these people", events.slice(at, at + FILL_EVENTS), used, store));
    rows.push(await costOf("the same again, one by one", events.slice(at, at + FILL_EVENTS), used, store));
    const note = `Per event on its own, not in a batch; the table holds ${keys.size.toLocaleString("en-US")} identifiers (${FILL_MS / 1_000} s of filling)`;
    return `${note}\n\n${table(rows)}`;
  } finally {
    await dynalite.close();
  }
}

async function costOf(
  what: string,
  events: readonly LabelledEvent[],
  used: Used,
  store: ReturnType<typeof createDynamoIdentityStore>,
): Promise<Record<string, string | number>> {
  const before = { ...used };
  let mostReads = 0;
  for (const { event } of events) {
    const reads = used.reads;
    const session = await openIdentities([event], store, { retentionMs: RETENTION_MS });
    mostReads = Math.max(mostReads, used.reads - reads);
    await session.identify(event);
  }
  const each = (name: keyof Used) => Number(((used[name] - before[name]) / events.length).toFixed(2));
  return {
    events: what,
    reads: each("reads"),
    "most reads": mostReads,
    "read units": each("readUnits"),
    writes: each("writes"),
    "write units": each("writeUnits"),
  };
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
