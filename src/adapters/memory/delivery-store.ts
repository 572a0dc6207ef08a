import { isDeepStrictEqual } from "node:util";
import {
  type CopyView,
  type DeliveryRecord,
  type EventStory,
  type LaterCopy,
  partitionKey,
  type QuarantinedEvent,
  sortKeyPrefix,
} from "../../core/delivery-record.ts";
import { DAY_MS } from "../../core/durations.ts";
import type { EventKey } from "../../core/event-key.ts";
import { forgottenReceipt, forgottenStory, isForgotten } from "../../core/forgotten.ts";
import { ATTENTION_STATES } from "../../core/outcome.ts";
import type { DeliveryStore } from "../../pipeline/ports.ts";
import type { StoredEvent, StoryReader } from "../../pipeline/trace.ts";
import { COPY_DAYS, MAX_COPIES } from "../delivery-items.ts";
import { lastingAgainst } from "../receipt-items.ts";

/** The delivery table in memory, for tests and simulation. */
export interface MemoryDeliveryStore extends DeliveryStore, StoryReader {
  /** Every receipt, to count. */
  records(): DeliveryRecord[];
  quarantined(): QuarantinedEvent[];
  /** Every claim, with the order by which it is found. */
  claims(): { key: EventKey; order?: string; isOver: boolean }[];
  /** When the failed delivery was listed, epoch ms; undefined when it is not. */
  listedAt(record: DeliveryRecord): number | undefined;
  /** As `ForgettableDeliveries` says. */
  forgetEvents(keys: readonly EventKey[]): number;
  /** Answers whether it was there as given. */
  removeQuarantined(entry: QuarantinedEvent): boolean;
}

interface KeptCopy {
  readonly key: EventKey;
  readonly copy: LaterCopy;
  readonly views: readonly CopyView[];
  readonly expires_at: number;
}

interface Claim {
  key: EventKey;
  owner: string;
  copies: Set<string>;
  story: EventStory;
  /** Of the first copy that had one. */
  order?: string;
  expires_at: number;
}

/** Keeps copies both ways, as a database does: a caller's later change never reaches the store. Without a clock nothing expires. */
export function createMemoryDeliveryStore({
  now = () => 0,
  deliveryDays = 30,
}: {
  now?: () => number;
  deliveryDays?: number;
} = {}): MemoryDeliveryStore {
  const claims = new Map<string, Claim>();
  const records = new Map<string, DeliveryRecord>();
  const quarantine = new Map<string, QuarantinedEvent>();
  const eventId = (key: EventKey) => `${partitionKey(key)}\u0000${sortKeyPrefix(key)}`;
  const recordId = (key: EventKey, lane: string) => `${eventId(key)}\u0000${lane}`;
  const receiptOf = (id: string) => {
    const stored = records.get(id);
    if (stored === undefined) return undefined;
    // Whole seconds, as the table's.
    const expiresAt = Math.floor(stored.updated_at / 1_000) * 1_000 + deliveryDays * DAY_MS;
    return expiresAt <= now() ? undefined : stored;
  };

  /** Under the time at which it first failed, until it does not fail. */
  const listed = new Map<string, number>();
  const put = (record: DeliveryRecord) => {
    const id = recordId(record.key, record.lane);
    const since = receiptOf(id) === undefined ? undefined : listed.get(id);
    if (ATTENTION_STATES.has(record.state)) listed.set(id, since ?? record.updated_at);
    else listed.delete(id);
    records.set(id, structuredClone(record));
  };
  const copies = new Map<string, KeptCopy[]>();
  const copiesOf = (key: EventKey) => (copies.get(eventId(key)) ?? []).filter(({ expires_at: end }) => end > now());
  const quarantineId = ({ dedup_scope, event_id, event_name }: QuarantinedEvent) =>
    `${dedup_scope}\u0000${event_id}\u0000${event_name}`;

  return {
    async claim(key, copyId, story) {
      const id = eventId(key);
      const stored = claims.get(id);
      const isOver = stored !== undefined && stored.expires_at <= now() && stored.owner !== copyId;
      const expires_at = Math.max(now(), story.received_at) + deliveryDays * DAY_MS;
      const fresh: Claim = { key, owner: copyId, copies: new Set(), story: structuredClone(story), expires_at };
      const claim = stored === undefined || isOver ? fresh : stored;
      claims.set(id, claim);
      if (claim.order === undefined && story.order_id !== undefined) claim.order = story.order_id;
      if (claim.owner === copyId || claim.copies.size < MAX_COPIES) claim.copies.add(copyId);
      return {
        owner: claim.owner === copyId,
        story: structuredClone(claim.story),
        copies: claim.copies.size,
        first_received_at: claim.story.received_at,
      };
    },
    async addCopy(key, copy, views) {
      const found = copiesOf(key);
      const other = found.find((it) => it.copy.source.id === copy.source.id);
      const isOfThisEvent = (it: KeptCopy) => it.copy.first_received_at === copy.first_received_at;
      if (other !== undefined && isOfThisEvent(other)) return structuredClone(other.copy);
      const kept = other === undefined ? found : found.filter(isOfThisEvent);
      const expires_at = now() + Math.min(COPY_DAYS, deliveryDays) * DAY_MS;
      copies.set(eventId(key), [...kept, structuredClone({ key, copy, views, expires_at })]);
      return structuredClone(copy);
    },
    async readCopies(lane, keys) {
      return keys.map((key) =>
        copiesOf(key)
          .sort((a, b) => a.copy.received_at - b.copy.received_at)
          .flatMap(({ copy, views }) => {
            const score = copy.qualities.find((it) => it.lane === lane)?.quality.score;
            return views
              .filter(({ lanes }) => lanes.includes(lane))
              .map(({ lanes: _, raw: __, ...view }) =>
                structuredClone({
                  ...view,
                  source: copy.source.id,
                  received_at: copy.received_at,
                  first_received_at: copy.first_received_at,
                  ...(score === undefined ? {} : { score }),
                }),
              );
          }),
      );
    },
    async readRecords(lane, keys) {
      return keys.map((key) => structuredClone(receiptOf(recordId(key, lane))));
    },
    async writeRecords(written) {
      for (const record of written) {
        const id = recordId(record.key, record.lane);
        const stored = receiptOf(id);
        if (stored !== undefined && lastingAgainst(record.state).includes(stored.state)) continue;
        put(record);
      }
    },
    async claimAttempts(claims) {
      return claims.map(({ record, previous }) => {
        const id = recordId(record.key, record.lane);
        const stored = receiptOf(id);
        if (stored?.state !== previous?.state || stored?.updated_at !== previous?.updated_at) return { result: "lost" };
        put(record);
        return { result: "won" };
      });
    },
    async forget(key, source) {
      const claim = claims.get(eventId(key));
      if (claim !== undefined) {
        claim.story = forgottenStory(claim.story);
        delete claim.order;
      }
      const kept = (copies.get(eventId(key)) ?? []).filter(({ copy }) => copy.source.id !== source);
      copies.set(eventId(key), kept);
    },
    async quarantine(entry) {
      quarantine.set(quarantineId(entry), structuredClone(entry));
    },
    async readStory(id, scopes) {
      const found = new Map<string, StoredEvent>();
      const at = (scope: string, name: string): StoredEvent => {
        const stored = found.get(`${scope}\u0000${name}`) ?? { dedup_scope: scope, event_id: id, name, records: [] };
        found.set(`${scope}\u0000${name}`, stored);
        return stored;
      };
      const isWanted = (key: Pick<EventKey, "dedup_scope" | "event_id">) =>
        key.event_id === id && scopes.includes(key.dedup_scope);
      for (const { key, story, copies } of claims.values()) {
        if (!isWanted(key)) continue;
        at(key.dedup_scope, sortKeyPrefix(key)).claim = {
          story,
          copies: copies.size,
          first_received_at: story.received_at,
        };
      }
      for (const kept of [...copies.values()].flat()) {
        if (!isWanted(kept.key)) continue;
        const stored = at(kept.key.dedup_scope, sortKeyPrefix(kept.key));
        stored.copies = [...(stored.copies ?? []), kept.copy].sort((a, b) => a.received_at - b.received_at);
      }
      for (const record of records.values()) {
        if (isWanted(record.key)) at(record.key.dedup_scope, sortKeyPrefix(record.key)).records.push(record);
      }
      for (const entry of quarantine.values()) {
        if (isWanted(entry)) at(entry.dedup_scope, entry.event_name).quarantined = entry;
      }
      return structuredClone([...found.values()]);
    },
    forgetEvents(keys) {
      const isAny = keys.map((key) => {
        const id = eventId(key);
        const claim = claims.get(id);
        const hasStory = claim !== undefined && (claim.order !== undefined || !isForgotten(claim.story));
        if (claim !== undefined) {
          claim.story = forgottenStory(claim.story);
          delete claim.order;
        }
        const receipts = [...records].filter(([name]) => name.startsWith(`${id}\u0000`));
        const told = receipts.filter(([, record]) => !isDeepStrictEqual(forgottenReceipt(record), record));
        for (const [name, record] of told) records.set(name, forgottenReceipt(record));
        return [copies.delete(id), hasStory, told.length > 0].some(Boolean);
      });
      return isAny.filter(Boolean).length;
    },
    records: () => structuredClone([...records.values()]),
    quarantined: () => structuredClone([...quarantine.values()]),
    claims: () =>
      [...claims.values()].map(({ key, order, expires_at }) => ({
        key,
        ...(order === undefined ? {} : { order }),
        isOver: expires_at <= now(),
      })),
    listedAt: ({ key, lane }) => listed.get(recordId(key, lane)),
    removeQuarantined(entry) {
      const stored = quarantine.get(quarantineId(entry));
      if (stored?.raw !== entry.raw || stored.received_at !== entry.received_at) return false;
      return quarantine.delete(quarantineId(entry));
    },
  };
}
