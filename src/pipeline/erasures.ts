import { SECOND_MS } from "../core/durations.ts";
import { ERASURE_REACH_MS, type ErasureHead, erasureKeys, mayBeErased, tombstoneOf } from "../core/erasure.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { Clock } from "./ports.ts";

/** Tombstones, seen from whoever is about to use an event. Throws when the table does not answer. */
export interface TombstoneReader {
  /** Undefined when nobody was erased so lately that it matters. */
  head(): Promise<ErasureHead | undefined>;
  /** When each was erased, epoch ms, in order; undefined where there is none. Batched and consistent. */
  erasedAt(names: readonly string[]): Promise<(number | undefined)[]>;
}

/** Tombstones, seen from whoever puts them up: the secret first, then the stones, and what makes others look last. */
export interface TombstoneStore extends TombstoneReader {
  /** The secret that is in use, which is `fresh` where there was none; from then on it lasts until `until` at least. */
  secret(fresh: string, until: number): Promise<string>;
  /** Puts them up; one that stands for a later time stays. */
  put(names: readonly string[], times: { readonly erasedAt: number; readonly until: number }): Promise<void>;
  /** Has everybody look up what was received until `lastAt`. Throws when the head has another secret. */
  announce(head: Pick<ErasureHead, "secret" | "last_at">): Promise<void>;
}

/** Tells which events are of people who were erased. Lives as long as the container. */
export interface Erasures {
  /** Of these, what was received before its person was erased. Throws when that cannot be found out. */
  among<Item>(items: readonly Item[], eventOf: (item: Item) => CanonicalEvent): Promise<ReadonlySet<Item>>;
}

/** How long one look at the head serves: a read per container and half a minute, whatever comes by. */
const HEAD_SERVES_MS = 30 * SECOND_MS;

/** Costs one read in half a minute; only for events from before the last erasure a read for each of their identifiers. */
export function createErasures(store: TombstoneReader, clock: Pick<Clock, "now">): Erasures {
  let looked: { readonly at: number; readonly head: ErasureHead | undefined } | undefined;

  async function currentHead(): Promise<ErasureHead | undefined> {
    const now = clock.now();
    if (looked === undefined || now - looked.at >= HEAD_SERVES_MS) looked = { at: now, head: await store.head() };
    return looked.head;
  }

  return {
    async among(items, eventOf) {
      if (items.length === 0) return new Set();
      const head = await currentHead();
      if (head === undefined) return new Set();
      const old = items
        .map((item) => ({ item, event: eventOf(item) }))
        .filter(({ event }) => mayBeErased(event, head))
        .map((it) => ({ ...it, names: erasureKeys(it.event).map((key) => tombstoneOf(key, head)) }));
      const names = [...new Set(old.flatMap((it) => it.names))];
      if (names.length === 0) return new Set();
      const times = await store.erasedAt(names);
      const erasedAt = new Map(names.map((name, index) => [name, times[index]]));
      const isErased = (name: string, { received_at }: CanonicalEvent) => {
        const at = erasedAt.get(name);
        return at !== undefined && received_at <= at + ERASURE_REACH_MS;
      };
      return new Set(old.filter((it) => it.names.some((name) => isErased(name, it.event))).map(({ item }) => item));
    },
  };
}
