/** One queue of given-up messages. */
export interface DeadLetterRow {
  readonly queue: string;
  /** Absent for the events queue's own. */
  readonly lane?: string;
  readonly messages: number;
  readonly oldest_seconds?: number;
  /** A redrive that is under way. */
  readonly redriving?: { readonly moved: number; readonly of?: number };
}

/** A given-up message. `body` is there only with `personal`; of a body that nobody can read there is no event. */
export interface DeadLetterMessage {
  readonly message_id: string;
  /** When it was put on its first queue, epoch ms. */
  readonly sent_at: number;
  /** Why it was given up, where a lane put it there itself. */
  readonly reason?: string;
  readonly event_id?: string;
  readonly event_name?: string;
  readonly source?: string;
  readonly body?: string;
}
