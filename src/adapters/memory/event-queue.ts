import type { EventQueue, FifoMessage } from "../../pipeline/ports.ts";

/** The events queue in memory, with SQS's rules for what a producer sees. */
export interface MemoryEventQueue extends EventQueue {
  /** What arrived, in order, copies left out. */
  readonly messages: readonly FifoMessage[];
  /** Decides per message whether it is refused, and with which code; undefined takes it. */
  refuse: (message: FifoMessage) => string | undefined;
}

/** SQS takes no message over 1 MiB. */
const MAX_BYTES = 1024 * 1024;

/** An empty queue. A copy within one group is answered with the first one's message id and not kept, as SQS does. */
export function createMemoryEventQueue(): MemoryEventQueue {
  const messages: FifoMessage[] = [];
  const ids = new Map<string, string>();
  return {
    messages,
    refuse: () => undefined,
    async send(batch) {
      return batch.map((message) => {
        const tooLong = Buffer.byteLength(message.body) > MAX_BYTES;
        const reason = tooLong ? "BatchRequestTooLong" : this.refuse(message);
        if (reason !== undefined) return { sent: false, reason };
        const key = JSON.stringify([message.groupId, message.deduplicationId]);
        const messageId = ids.get(key) ?? `message-${ids.size + 1}`;
        if (!ids.has(key)) messages.push(message);
        ids.set(key, messageId);
        return { sent: true, messageId };
      });
    },
  };
}
