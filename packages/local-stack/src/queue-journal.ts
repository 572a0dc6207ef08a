import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { QueueJournal } from "./local-queue.ts";
import type { QueueMessage } from "./queue-message.ts";
import type { RememberedSend } from "./recent-sends.ts";

/** Messages on disk: one row each, written as they change. */
export class SqliteQueueJournal implements QueueJournal {
  readonly #database: DatabaseSync;
  readonly #save: StatementSync;
  readonly #forget: StatementSync;
  readonly #remember: StatementSync;
  readonly #forgetSend: StatementSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    try {
      // Two stacks on the same data would each undo what the other did; the system frees the lock of a killed one.
      this.#database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT;");
    } catch (error) {
      this.#database.close();
      throw new Error(`${file} is in use: does another local stack run on this data? (${String(error)})`);
    }
    // A machine that loses power may lose the last messages; a killed process loses none.
    this.#database.exec("PRAGMA synchronous = OFF;");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, queue TEXT NOT NULL, json TEXT NOT NULL)",
    );
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS send (queue TEXT, key TEXT, id TEXT, sequence INTEGER, at INTEGER, PRIMARY KEY (queue, key))",
    );
    this.#save = this.#database.prepare("INSERT OR REPLACE INTO message (id, queue, json) VALUES (?, ?, ?)");
    this.#forget = this.#database.prepare("DELETE FROM message WHERE id = ?");
    this.#remember = this.#database.prepare("INSERT OR REPLACE INTO send VALUES (?, ?, ?, ?, ?)");
    this.#forgetSend = this.#database.prepare("DELETE FROM send WHERE queue = ? AND key = ?");
  }

  save(queueName: string, message: QueueMessage): void {
    this.#save.run(message.id, queueName, JSON.stringify(message));
  }

  forget(messageId: string): void {
    this.#forget.run(messageId);
  }

  /** By place in the queue. */
  load(queueName: string): QueueMessage[] {
    const rows = this.#database.prepare("SELECT json FROM message WHERE queue = ?").all(queueName);
    const messages = rows.map((row): QueueMessage => ({ ...JSON.parse(String(row.json)), state: "gone" }));
    return messages.sort((left, right) => left.sequence - right.sequence);
  }

  remember(queueName: string, { key, message, atMs }: RememberedSend): void {
    this.#remember.run(queueName, key, message.id, message.sequence, atMs);
  }

  forgetSend(queueName: string, key: string): void {
    this.#forgetSend.run(queueName, key);
  }

  /** The oldest first. */
  loadSends(queueName: string): RememberedSend[] {
    const rows = this.#database
      .prepare("SELECT key, id, sequence, at FROM send WHERE queue = ? ORDER BY at")
      .all(queueName);
    return rows.map(({ key, id, sequence, at }) => ({
      key: String(key),
      message: { id: String(id), sequence: Number(sequence) },
      atMs: Number(at),
    }));
  }

  close(): void {
    this.#database.close();
  }
}
