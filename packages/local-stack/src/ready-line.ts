import type { QueueMessage } from "./queue-message.ts";

/** The messages of a queue that can be received now. */
export interface ReadyLine {
  /** A message became visible: sent, delay over, visibility timeout over. */
  add(message: QueueMessage): void;
  /** The next message that may be handed out; it is no longer in the line. */
  take(): QueueMessage | undefined;
  /** A handed out message came back or was deleted. */
  released(message: QueueMessage): void;
  /** Called once per receive: what was passed over during it may be taken again. */
  endOfReceive(): void;
  readonly hasAny: boolean;
}

/** Standard queues: first come, first served, and no promise. */
export class StandardLine implements ReadyLine {
  #messages: QueueMessage[] = [];
  #head = 0;

  get hasAny(): boolean {
    this.#dropGone();
    return this.#head < this.#messages.length;
  }

  add(message: QueueMessage): void {
    this.#messages.push(message);
  }

  take(): QueueMessage | undefined {
    this.#dropGone();
    const message = this.#messages[this.#head];
    if (message === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  released(): void {}

  endOfReceive(): void {}

  /** A message can be deleted while it lies here, by the handle of an earlier receive. */
  #dropGone(): void {
    while (this.#messages[this.#head]?.state === "gone") this.#head += 1;
  }
}

interface Group {
  /** By sequence. */
  readonly messages: QueueMessage[];
  inFlight: number;
}

/**
 * FIFO queues: order within a group, and a group with a message in flight is closed to every other receive. One receive
 * may take several messages of a group, and goes on to the next group when that one is empty.
 */
export class FifoLine implements ReadyLine {
  readonly #groups = new Map<string, Group>();
  /** Open groups, the longest waiting first. */
  readonly #open = new Set<string>();
  #current: string | undefined;

  get hasAny(): boolean {
    return this.#open.size > 0;
  }

  add(message: QueueMessage): void {
    const group = this.#groupOf(message);
    const behind = group.messages.findLastIndex((other) => other.sequence < message.sequence);
    group.messages.splice(behind + 1, 0, message);
    this.#openIfFree(message.groupId ?? "", group);
  }

  take(): QueueMessage | undefined {
    for (;;) {
      this.#current ??= this.#open.values().next().value;
      if (this.#current === undefined) return undefined;
      this.#open.delete(this.#current);
      const group = this.#groups.get(this.#current);
      const message = group?.messages.shift();
      if (group !== undefined && message !== undefined) {
        group.inFlight += 1;
        return message;
      }
      this.#current = undefined;
    }
  }

  released(message: QueueMessage): void {
    const group = this.#groupOf(message);
    group.inFlight = Math.max(0, group.inFlight - 1);
    this.#openIfFree(message.groupId ?? "", group);
  }

  endOfReceive(): void {
    this.#current = undefined;
  }

  #groupOf(message: QueueMessage): Group {
    const id = message.groupId ?? "";
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { messages: [], inFlight: 0 };
      this.#groups.set(id, group);
    }
    return group;
  }

  #openIfFree(id: string, group: Group): void {
    if (group.inFlight > 0) return;
    if (group.messages.length > 0) this.#open.add(id);
    else this.#groups.delete(id);
  }
}
