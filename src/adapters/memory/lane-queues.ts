import type { LaneMessage } from "../../core/queue-messages.ts";
import type { LaneQueues } from "../../pipeline/ports.ts";
import { LANE_MESSAGE_BYTES } from "../sqs-text.ts";

/** The lanes' queues in memory, for tests and simulation. */
export interface MemoryLaneQueues extends LaneQueues {
  /** What one lane holds, oldest first. */
  messages(lane: string): LaneMessage[];
}

/** Queues of these lanes; a lane that does not exist refuses like a queue that was deleted. */
export function createMemoryLaneQueues(lanes: readonly string[]): MemoryLaneQueues {
  const bodies = new Map<string, string[]>(lanes.map((lane) => [lane, []]));
  let sent = 0;
  return {
    async send(lane, added) {
      const queue = bodies.get(lane);
      return added.map((body) => {
        if (queue === undefined) return { sent: false, reason: "QueueDoesNotExist" };
        if (Buffer.byteLength(body) > LANE_MESSAGE_BYTES) return { sent: false, reason: "MessageTooLong" };
        queue.push(body);
        sent += 1;
        return { sent: true, messageId: `memory-${sent}` };
      });
    },
    messages: (lane) => (bodies.get(lane) ?? []).map((body) => JSON.parse(body) as LaneMessage),
  };
}
