/** A queue as people speak of it, without the environment in its name: `lane-meta-dlq`, `events-dlq`. */
export interface DeadLetterQueue {
  readonly queue: string;
  /** The lane it belongs to; absent for those that belong to none. */
  readonly lane?: string;
  /** Where a redrive puts the messages; absent where there is no such queue. */
  readonly redriveTo?: string;
}

/** Approximate numbers of SQS. */
interface QueueDepth {
  /** Ready to be received. */
  readonly waiting: number;
  /** Received, or hidden until a retry is due. */
  readonly in_flight: number;
}

/** A message that was looked at and stays where it is. */
export interface PeekedMessage {
  readonly messageId: string;
  readonly body: string;
  /** Epoch ms when it was put on its first queue. */
  readonly sentAt: number;
  /** Why it was given up, where our own code put it there. */
  readonly reason?: string;
}

/** A move of messages that was begun last. */
interface QueueMove {
  readonly running: boolean;
  readonly moved: number;
  readonly of?: number;
}

/** The queues, seen from people. Names are those of `DeadLetterQueue.queue`. Throws when SQS does not answer. */
export interface OpsQueues {
  depth(queue: string): Promise<QueueDepth>;
  /** Some messages, at most `limit` (1 to 10); they are given back at once. */
  peek(queue: string, limit: number): Promise<PeekedMessage[]>;
  /** Of the last move from this queue; undefined when there was none. */
  lastMove(queue: string): Promise<QueueMove | undefined>;
  /** `busy`: a move is under way already. */
  startMove(queue: string, to: string, messagesPerSecond: number | undefined): Promise<"started" | "busy">;
  /** `busy`: it was emptied within the last minute. */
  purge(queue: string): Promise<"purged" | "busy">;
}
