import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import type { MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import {
  type CopyView,
  type DeliveryRecord,
  type LaterCopy,
  partitionKey,
  sortKeyPrefix,
} from "../../src/core/delivery-record.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import type { Person } from "../../src/core/identity.ts";
import type { ErasableIdentityStore } from "../../src/pipeline/identity-edit.ts";
import type { AttemptClaimResult, DeliveryStore } from "../../src/pipeline/ports.ts";
import type { Call, Container, RunContext } from "./container.ts";
import type { FaultShares } from "./fault-plan.ts";
import { named } from "./queues.ts";

/** Oldest that an eventually consistent read may be, ms. */
export const STALE_MS = 1_000;

/** Told of what really reached the delivery table, at the moment it does. */
export interface TableWitness {
  claimed(key: EventKey, copyId: string): void;
  /** This copy of the event is the one that is kept of its source. */
  kept(key: EventKey, copy: LaterCopy, views: readonly CopyView[]): void;
  copiesRead(lane: string, keys: readonly EventKey[], by: string): void;
  /** A receipt was written, unless what is stored forbade it. */
  wrote(record: DeliveryRecord, by: string): void;
  attemptClaimed(record: DeliveryRecord): void;
  /** Somebody asked for this receipt to be written, and was not told that it is. */
  writeFailed(record: DeliveryRecord, by: string): void;
}

/** Told of what the identity table has, at the moment it has it. */
export interface GraphWitness {
  learned(person: Person): void;
}

/** Faults of the tables: of calls, and the share of eventually consistent reads that are stale. */
export interface TableFaults {
  readonly calls: FaultShares;
  readonly stale: number;
}

/** Names one event in one lane. */
export function receiptId(key: EventKey, lane: string): string {
  return `${partitionKey(key)} ${sortKeyPrefix(key)} ${lane}`;
}

type TableCall<T> = Pick<Call<T>, "label" | "effect">;

/** A call to DynamoDB through the SDK, which gives up after its last try. */
export function tableCall<T>(container: Container, shares: FaultShares, call: TableCall<T>): Promise<T> {
  return container.call({
    ...call,
    shares,
    tookMs: 8,
    timeoutMs: 9_000,
    error: (kind) => named(kind === "refused" ? "ThrottlingException" : "TimeoutError"),
  });
}

/**
 * The delivery table as a container sees it: the memory twin, which does its work before it first waits, with one call
 * for each item as the real adapter makes them. Each of them may fail by itself.
 */
export function createTable(
  inner: MemoryDeliveryStore,
  { calls, stale }: TableFaults,
  witness: TableWitness,
  { faults, time }: RunContext,
): (container: Container) => DeliveryStore {
  const before = new Map<string, { record: Promise<(DeliveryRecord | undefined)[]>; until: number }>();

  function remember({ key, lane }: DeliveryRecord): void {
    before.set(receiptId(key, lane), { record: inner.readRecords(lane, [key]), until: time.now() + STALE_MS });
  }

  return (container) => {
    const call = <T>(it: TableCall<T>) => tableCall(container, calls, it);

    async function writeOne(record: DeliveryRecord): Promise<void> {
      // Now: by the time of a late effect the container may be in its next invocation.
      const by = container.invocation;
      try {
        await call({
          label: `write ${record.state} ${receiptId(record.key, record.lane)}`,
          effect() {
            remember(record);
            witness.wrote(record, by);
            return inner.writeRecords([record]);
          },
        });
      } catch (error) {
        witness.writeFailed(record, by);
        throw error;
      }
    }

    async function claimOne(claim: Parameters<DeliveryStore["claimAttempts"]>[0][number]): Promise<AttemptClaimResult> {
      try {
        return await call({
          label: `claim attempt ${receiptId(claim.record.key, claim.record.lane)}`,
          async effect() {
            remember(claim.record);
            const [result] = await inner.claimAttempts([claim]);
            if (result?.result === "won") witness.attemptClaimed(claim.record);
            return result ?? { result: "failed", error: "NoAnswer" };
          },
        });
      } catch (error) {
        return { result: "failed", error: error instanceof Error ? error.name : "unknown" };
      }
    }

    return {
      claim: (key, copyId, story) =>
        call({
          label: `claim ${partitionKey(key)}`,
          effect() {
            witness.claimed(key, copyId);
            return inner.claim(key, copyId, story);
          },
        }),
      addCopy: (key, copy, views) =>
        call({
          label: `keep a copy of ${partitionKey(key)}`,
          async effect() {
            const kept = await inner.addCopy(key, copy, views);
            witness.kept(key, kept, views);
            return kept;
          },
        }),
      readCopies(lane, keys) {
        const by = container.invocation;
        return call({
          label: `read copies of ${keys.length} for ${lane}`,
          effect() {
            witness.copiesRead(lane, keys, by);
            return inner.readCopies(lane, keys);
          },
        });
      },
      readRecords: (lane, keys, options = {}) =>
        call({
          label: `read ${keys.length} receipts of ${lane}`,
          async effect() {
            const records = await inner.readRecords(lane, keys);
            if (options.mayBeStale !== true) return records;
            return Promise.all(
              keys.map(async (key, index) => {
                const older = before.get(receiptId(key, lane));
                const isStale = older !== undefined && time.now() < older.until;
                if (!isStale || !faults.strikes(container.nextPoint(`stale read ${lane}`), stale))
                  return records[index];
                return (await older.record)[0];
              }),
            );
          },
        }),
      async writeRecords(records) {
        const results = await Promise.allSettled(records.map(writeOne));
        const failed = results.find((result) => result.status === "rejected");
        if (failed !== undefined) throw failed.reason;
      },
      claimAttempts: (claims) => Promise.all(claims.map(claimOne)),
      forget: (key, source) => call({ label: "forget", effect: () => inner.forget(key, source) }),
      quarantine: (entry) => call({ label: "quarantine", effect: () => inner.quarantine(entry) }),
    };
  };
}

/** The identity table as a container sees it. */
export function createGraph(
  inner: MemoryIdentityStore,
  { calls }: TableFaults,
  witness: GraphWitness,
): (container: Container) => ErasableIdentityStore {
  return (container) => {
    const call = <T>(it: TableCall<T>) => tableCall(container, calls, it);
    return {
      readPointers: (keys) => call({ label: "read pointers", effect: () => inner.readPointers(keys) }),
      readPersons: (ids) => call({ label: "read persons", effect: () => inner.readPersons(ids) }),
      savePerson: (person) =>
        call({
          label: "save person",
          async effect() {
            const saved = await inner.savePerson(person);
            if (saved) witness.learned(person);
            return saved;
          },
        }),
      deletePerson: (person) => call({ label: "delete person", effect: () => inner.deletePerson(person) }),
      deletePointer: (pointer) => call({ label: "delete pointer", effect: () => inner.deletePointer(pointer) }),
      savePointer: (pointer, was) => call({ label: "save pointer", effect: () => inner.savePointer(pointer, was) }),
    };
  };
}
