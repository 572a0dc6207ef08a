import type { OwnLaneQueue } from "../../pipeline/ports.ts";

/** One lane's queue in memory: remembers what it was told. */
export interface MemoryOwnLaneQueue extends OwnLaneQueue {
  /** Seconds by receipt handle, the latest of each. */
  readonly postponed: ReadonlyMap<string, number>;
  readonly deadLetters: readonly { readonly body: string; readonly reason: string }[];
}

/** A queue that takes everything, within SQS's limit of 12 hours of hiding. */
export function createMemoryOwnLaneQueue(): MemoryOwnLaneQueue {
  const postponed = new Map<string, number>();
  const deadLetters: { body: string; reason: string }[] = [];
  return {
    postponed,
    deadLetters,
    async postpone(entries) {
      for (const { receiptHandle, seconds } of entries) {
        if (Number.isInteger(seconds) && seconds >= 0 && seconds <= 43_200) postponed.set(receiptHandle, seconds);
      }
    },
    async deadLetter(entries) {
      deadLetters.push(...entries.map(({ body, reason }) => ({ body, reason })));
    },
  };
}
