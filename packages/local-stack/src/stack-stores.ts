import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { SqliteDeliveryJournal } from "./delivery-journal.ts";
import type { StackModel } from "./model.ts";
import { ObjectStore } from "./object-store.ts";
import { SqliteQueueJournal } from "./queue-journal.ts";
import { Tables } from "./tables.ts";

/** Where a stack's data lies: on disk, or in memory alone. */
export interface StackStores {
  /** Absent in memory: queues and streams hold all they need themselves. */
  readonly queueJournal: SqliteQueueJournal | undefined;
  readonly deliveryJournal: SqliteDeliveryJournal | undefined;
  readonly tables: Tables;
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

/** Opens what an earlier run left in the directory; in memory without one. Only one stack at a time may hold it. */
export async function openStores({ tables: models }: StackModel, dataDir: string | undefined): Promise<StackStores> {
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
  const file = (name: string) => (dataDir === undefined ? undefined : join(dataDir, name));
  // The first to be opened, as it is the one that can tell that somebody else is here.
  const queueJournal = dataDir === undefined ? undefined : new SqliteQueueJournal(join(dataDir, "queues.sqlite"));
  try {
    const tables = await Tables.open(models, file("tables"));
    const objects = new ObjectStore(file("objects.sqlite"));
    const deliveryJournal =
      dataDir === undefined ? undefined : new SqliteDeliveryJournal(join(dataDir, "firehose.sqlite"));
    const close = async () => {
      objects.close();
      deliveryJournal?.close();
      await tables.close();
      queueJournal?.close();
    };
    return { queueJournal, deliveryJournal, tables, objects, close };
  } catch (error) {
    queueJournal?.close();
    throw error;
  }
}
