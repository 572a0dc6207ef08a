import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A record that waits for its object. */
export interface BufferedRecord {
  /** Rises with every record of the stream. */
  readonly id: number;
  readonly atMs: number;
  readonly data: Buffer;
}

/** Keeps records over a restart until their object is written. */
export interface DeliveryJournal {
  save(streamName: string, record: BufferedRecord): void;
  /** Forgets every record up to and including this id. */
  forget(streamName: string, upToId: number): void;
  load(streamName: string): BufferedRecord[];
}

/** Records on disk, one row each. A process killed between its object and this table writes the same records once more. */
export class SqliteDeliveryJournal implements DeliveryJournal {
  readonly #database: DatabaseSync;
  readonly #save: StatementSync;
  readonly #forget: StatementSync;
  readonly #load: StatementSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS record (stream TEXT, id INTEGER, at INTEGER, data BLOB, PRIMARY KEY (stream, id))",
    );
    this.#save = this.#database.prepare("INSERT INTO record VALUES (?, ?, ?, ?)");
    this.#forget = this.#database.prepare("DELETE FROM record WHERE stream = ? AND id <= ?");
    this.#load = this.#database.prepare("SELECT id, at, data FROM record WHERE stream = ? ORDER BY id");
  }

  save(streamName: string, { id, atMs, data }: BufferedRecord): void {
    this.#save.run(streamName, id, atMs, data);
  }

  forget(streamName: string, upToId: number): void {
    this.#forget.run(streamName, upToId);
  }

  load(streamName: string): BufferedRecord[] {
    return this.#load.all(streamName).map(({ id, at, data }) => ({
      id: Number(id),
      atMs: Number(at),
      data: Buffer.from(data as Uint8Array),
    }));
  }

  close(): void {
    this.#database.close();
  }
}
