import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { QueueMessage } from "./queue-message.ts";

/** Messages on disk: one row each, written as they change. */
export class SqliteQueueJournal {
  readonly #database: DatabaseSync;
  readonly #save: StatementSync;
  readonly #forget: StatementSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    // A machine that loses power may lose the last messages; a killed process loses none.
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, queue TEXT NOT NULL, json TEXT NOT NULL)",
    );
    this.#save = this.#database.prepare("INSERT OR REPLACE INTO message (id, queue, json) VALUES (?, ?, ?)");
    this.#forget = this.#database.prepare("DELETE FROM message WHERE id = ?");
  }

  save(queueName: string, message: QueueMessage): void {
    this.#save.run(message.id, queueName, JSON.stringify(message));
  }

  forget(messageId: string): void {
    this.#forget.run(messageId);
  }

  /** By place in the queue. A restart ends every visibility timeout: nobody holds those handles any more. */
  load(queueName: string): QueueMessage[] {
    const rows = this.#database.prepare("SELECT json FROM message WHERE queue = ?").all(queueName);
    const messages = rows.map((row) => JSON.parse(String(row.json)) as QueueMessage);
    for (const message of messages) {
      if (message.receivedAt !== undefined) message.visibleAt = 0;
      message.receiptHandle = undefined;
      message.state = "gone";
    }
    return messages.sort((left, right) => left.sequence - right.sequence);
  }

  close(): void {
    this.#database.close();
  }
}
