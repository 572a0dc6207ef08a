import type { NewMessage, QueueMessage } from "./queue-message.ts";

const DEDUP_INTERVAL_MS = 5 * 60_000;

/** A send that is still known to deduplication, whether or not its message is. */
export interface RememberedSend {
  /** Deduplication id, with its group where that counts. */
  readonly key: string;
  readonly message: Pick<QueueMessage, "id" | "sequence">;
  readonly atMs: number;
}

/** Keeps a FIFO queue's memory of sends over a restart. */
export interface SendJournal {
  remember(queueName: string, send: RememberedSend): void;
  forgetSend(queueName: string, key: string): void;
  /** The oldest first. */
  loadSends(queueName: string): RememberedSend[];
}

/** What a FIFO queue knows of the sends of the last five minutes. */
export class RecentSends {
  readonly #queueName: string;
  readonly #journal: SendJournal | undefined;
  /** The oldest first. */
  readonly #sends = new Map<string, RememberedSend>();

  constructor(queueName: string, journal: SendJournal | undefined) {
    this.#queueName = queueName;
    this.#journal = journal;
  }

  restore(): void {
    for (const send of this.#journal?.loadSends(this.#queueName) ?? []) this.#sends.set(send.key, send);
  }

  /** The original that a message is a copy of. In high-throughput mode the same id in another group is another message. */
  originalOf(message: NewMessage, isPerGroup: boolean, nowMs: number): RememberedSend["message"] | undefined {
    for (const [key, { atMs }] of this.#sends) {
      if (atMs + DEDUP_INTERVAL_MS > nowMs) break;
      this.#sends.delete(key);
      this.#journal?.forgetSend(this.#queueName, key);
    }
    return message.dedupId === undefined ? undefined : this.#sends.get(keyOf(message, isPerGroup))?.message;
  }

  remember(message: NewMessage, isPerGroup: boolean, { id, sequence }: QueueMessage, atMs: number): void {
    if (message.dedupId === undefined) return;
    const send = { key: keyOf(message, isPerGroup), message: { id, sequence }, atMs };
    this.#sends.set(send.key, send);
    this.#journal?.remember(this.#queueName, send);
  }
}

function keyOf({ groupId, dedupId }: NewMessage, isPerGroup: boolean): string {
  return isPerGroup ? `${groupId}\n${dedupId}` : `${dedupId}`;
}
