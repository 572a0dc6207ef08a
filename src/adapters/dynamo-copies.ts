import { type LaneCopy, partitionKey } from "../core/delivery-record.ts";
import type { DeliveryStore } from "../pipeline/ports.ts";
import { isOver, mergeSortKey } from "./delivery-items.ts";
import { batchGet, type Item } from "./dynamo-client.ts";
import type { DynamoReceiptsOptions } from "./dynamo-receipts.ts";

/** A view as `packViews` of `copy-items.ts` stores it. */
type StoredView = Omit<LaneCopy, "source" | "score"> & {
  readonly lanes: readonly string[];
  readonly scores: Readonly<Record<string, number>>;
};

const VIEWS = /^(?:parts|raw):(.+)$/;

/** Later copies as lanes read them; apart from what writes them, so that a lane's bundle holds nothing of that. */
export function createDynamoCopies(options: DynamoReceiptsOptions): Pick<DeliveryStore, "readCopies"> {
  return {
    async readCopies(lane, keys) {
      const found = new Map<string, LaneCopy[]>();
      const wanted = new Map<string, Item>();
      const ids = keys.map((key) => {
        const [pk, sk] = [partitionKey(key), mergeSortKey(key)];
        wanted.set(`${pk}\u0000${sk}`, { pk: { S: pk }, sk: { S: sk } });
        return `${pk}\u0000${sk}`;
      });
      await batchGet({ ...options, mayBeStale: false }, [...wanted.values()], (item) => {
        if (!isOver(item, options.now())) found.set(`${item.pk?.S}\u0000${item.sk?.S}`, copiesFor(lane, item));
      });
      return ids.map((id) => found.get(id) ?? []);
    },
  };
}

function copiesFor(lane: string, item: Item): LaneCopy[] {
  const copies = Object.entries(item).flatMap(([name, { S: text = "[]" }]) => {
    const source = VIEWS.exec(name)?.[1];
    if (source === undefined) return [];
    return (JSON.parse(text) as StoredView[])
      .filter(({ lanes }) => lanes.includes(lane))
      .map(({ lanes: _, scores, ...view }): LaneCopy => {
        const score = scores[lane];
        return { ...view, source, ...(score === undefined ? {} : { score }) };
      });
  });
  return copies.sort((a, b) => a.received_at - b.received_at);
}
