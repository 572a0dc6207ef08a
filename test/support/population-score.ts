import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { suspicionOf } from "../../src/core/suspect-identifiers.ts";
import { type IdentityStore, openIdentities } from "../../src/pipeline/identity.ts";
import { IDENTIFIER_FIELDS, type LabelledEvent, type Population, writtenAs } from "./population.ts";

const RETENTION_MS = 180 * 86_400_000;
const BATCH = 10;
const WORKERS = 4;

/** How well the graph tells people apart. Pairs are of identifiers that lead to one person. */
export interface PopulationScore {
  readonly identifiers: number;
  readonly joined: number;
  /** Of the joined pairs, those that are one human's. */
  readonly precision: number;
  /** Pairs that one human's own events connect by identifiers that no other human has. */
  readonly allowed: number;
  /** Of the allowed pairs, those that are joined. */
  readonly recall: number;
}

/** Has workers learn from all events at once, each from its share in batches, as enrich does. */
async function learnPopulation(events: readonly LabelledEvent[], store: IdentityStore): Promise<void> {
  let next = 0;
  async function work(): Promise<void> {
    while (next < events.length) {
      const batch = events.slice(next, next + BATCH).map(({ event }) => event);
      next += BATCH;
      for (let left: readonly CanonicalEvent[] = batch; left.length > 0; ) left = await learned(left, store);
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work));
}

/** Answers what goes back to the queue. */
async function learned(batch: readonly CanonicalEvent[], store: IdentityStore): Promise<CanonicalEvent[]> {
  const session = await openIdentities(batch, store, { retentionMs: RETENTION_MS });
  const failed: CanonicalEvent[] = [];
  for (const event of batch) await session.identify(event).catch(() => failed.push(event));
  return failed;
}

/** Learns a population and scores what became of it. */
export async function scorePopulation(
  { events, owners }: Population,
  store: MemoryIdentityStore = createMemoryIdentityStore(),
): Promise<PopulationScore> {
  await learnPopulation(events, store);
  const ownersOfKey = new Map<string, ReadonlySet<number>>();
  for (const { event } of events) {
    for (const { key, kind } of graphIdentifiers(event)) {
      const field = IDENTIFIER_FIELDS.find((name) => name === kind);
      const value = field === undefined ? undefined : writtenAs(event, field);
      ownersOfKey.set(key, owners.get(`${kind} ${value}`) ?? new Set());
    }
  }
  const people = peopleIn(store);
  // Not the clicks themselves: what a nameless visitor does at a shared device is of whoever was named there last.
  const joined = people.groups.map((keys) => keys.filter((key) => ownersOfKey.has(key))).flatMap(pairsOf);
  const right = joined.filter(([a, b]) => !isDisjoint(ownersOfKey.get(a), ownersOfKey.get(b)));
  const allowed = allowedPairs(events, ownersOfKey);
  const found = allowed.filter(([a, b]) => people.of.get(a) !== undefined && people.of.get(a) === people.of.get(b));
  return {
    identifiers: ownersOfKey.size,
    joined: joined.length,
    precision: right.length / joined.length,
    allowed: allowed.length,
    recall: found.length / allowed.length,
  };
}

/** Who every identifier leads to; a suspect one leads to nobody. */
function peopleIn(store: MemoryIdentityStore): { of: Map<string, string>; groups: string[][] } {
  const { persons, pointers } = store.contents();
  const merged = new Map(persons.map(({ id, merged_into }) => [id, merged_into]));
  const of = new Map<string, string>();
  for (const pointer of pointers) {
    if (suspicionOf(pointer) !== undefined) continue;
    let id = pointer.person_id;
    for (let into = merged.get(id); into !== undefined; into = merged.get(id)) id = into;
    of.set(pointer.key, id);
  }
  return { of, groups: [...Map.groupBy(of.keys(), (key) => of.get(key)).values()] };
}

/**
 * What one human's identifiers allow, from the events alone: names that stand in one event are one person's, and so are
 * names that share one; a browser belongs to the names at it when they are all one person's, and to nobody otherwise.
 */
function allowedPairs(
  events: readonly LabelledEvent[],
  owners: ReadonlyMap<string, ReadonlySet<number>>,
): [string, string][] {
  const names = new Groups();
  const at = new Map<string, Set<string>>();
  for (const { event } of events) {
    const own = graphIdentifiers(event).filter(({ key }) => owners.get(key)?.size === 1);
    const [first, ...strong] = own.filter((it) => it.strong).map(({ key }) => key);
    if (first !== undefined) for (const key of [first, ...strong]) names.join(first, key);
    for (const { key, strong: isName } of own) {
      if (isName) continue;
      at.set(key, at.get(key) ?? new Set());
      if (first !== undefined) at.get(key)?.add(first);
    }
  }
  const groups = Map.groupBy(names.members(), (key) => names.root(key));
  for (const [browser, named] of at) {
    const roots = new Set([...named].map((key) => names.root(key)));
    if (roots.size === 1) for (const root of roots) groups.get(root)?.push(browser);
  }
  return [...groups.values()].flatMap(pairsOf);
}

/** Disjoint sets. */
class Groups {
  readonly #parent = new Map<string, string>();

  root(key: string): string {
    let at = key;
    for (let up = this.#parent.get(at); up !== undefined && up !== at; up = this.#parent.get(at)) at = up;
    return at;
  }

  join(a: string, b: string): void {
    for (const key of [a, b]) if (!this.#parent.has(key)) this.#parent.set(key, key);
    this.#parent.set(this.root(b), this.root(a));
  }

  members(): Iterable<string> {
    return this.#parent.keys();
  }
}

function pairsOf(keys: readonly string[]): [string, string][] {
  return keys.flatMap((a, n) => keys.slice(n + 1).map((b): [string, string] => [a, b]));
}

function isDisjoint(a: ReadonlySet<number> = new Set(), b: ReadonlySet<number> = new Set()): boolean {
  return [...a].every((human) => !b.has(human));
}
