import { type QuarantinedEvent, sortKeyPrefix } from "../../core/delivery-record.ts";
import type { FindingRow } from "../../ops/contract/findings.ts";
import type { DayRange, EventLookups } from "../../ops/lookup-ports.ts";
import { storedName } from "../../pipeline/trace.ts";
import type { MemoryDeliveryStore } from "./delivery-store.ts";

/** People's questions to a delivery table in memory; `findings` is what the detectors found. */
export function createMemoryEventLookups(
  store: MemoryDeliveryStore,
  { findings = () => [] }: { findings?: () => readonly FindingRow[] } = {},
): EventLookups {
  return {
    readRecords: store.readRecords,
    readStory: store.readStory,

    async readEvents(wanted) {
      return Promise.all(
        wanted.map(async ({ key, lanes }) => {
          const stories = await store.readStory(key.event_id, [key.dedup_scope]);
          const stored = stories.find(({ name }) => name === sortKeyPrefix(key));
          const isOver = store.claims().some((it) => it.isOver && sameEvent(it.key, key));
          const records = await Promise.all(lanes.map(async (lane) => (await store.readRecords(lane, [key]))[0]));
          return {
            dedup_scope: key.dedup_scope,
            event_id: key.event_id,
            name: storedName(key),
            records: records.filter((record) => record !== undefined),
            ...(stored?.claim === undefined || isOver ? {} : { claim: stored.claim }),
          };
        }),
      );
    },

    async eventsOfOrder(dedupScope, orderId) {
      const found = store.claims().filter(({ key, order }) => order === orderId && key.dedup_scope === dedupScope);
      return found.map(({ key }) => key);
    },

    async listFailures(lane, range) {
      const failed = store.records().filter((record) => record.lane === lane);
      const listed = failed.flatMap((record) => {
        const at = store.listedAt(record);
        return at === undefined ? [] : [{ key: record.key, lane, at }];
      });
      return inRange(listed, range, ({ at }) => at);
    },

    async listQuarantined(range) {
      return inRange(store.quarantined(), range, (entry: QuarantinedEvent) => entry.received_at);
    },

    async listFindings(range) {
      return inRange(findings(), range, ({ window }) => window.end);
    },

    async removeQuarantined(entry) {
      return store.removeQuarantined(entry);
    },
  };
}

function sameEvent(a: Parameters<typeof sortKeyPrefix>[0] & { dedup_scope: string; event_id: string }, b: typeof a) {
  return a.dedup_scope === b.dedup_scope && a.event_id === b.event_id && sortKeyPrefix(a) === sortKeyPrefix(b);
}

/** The day's, newest first; a stable sort, so that a larger limit begins with the same ones. */
function inRange<Item>(items: readonly Item[], range: DayRange, atOf: (item: Item) => number): Item[] {
  const { day, from, until, limit } = range;
  const isWanted = (at: number) => at >= from && at <= until && new Date(at).toISOString().startsWith(day);
  const wanted = items.filter((item) => isWanted(atOf(item)));
  return wanted.sort((a, b) => atOf(b) - atOf(a)).slice(0, limit);
}
