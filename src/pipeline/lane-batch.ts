import { eventKey, eventKeyText } from "../core/event-key.ts";
import { isKept } from "../core/retry.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import type { ReadMessage, ReceivedMessage } from "./lane.ts";
import { parseLaneMessage } from "./lane-message.ts";
import { revivesAtLeast } from "./lane-replay.ts";

/** When a second copy of an event in one batch is looked at by itself, seconds: the first one is done by then. */
const COPY_RETURNS_SECONDS = 60;

/** Reads the messages; what can never be an event goes to the DLQ, and a second copy of an event is dropped. */
export async function readMessages(
  messages: readonly ReceivedMessage[],
  lane: string,
  ledger: BatchLedger,
): Promise<ReadMessage[]> {
  const poison: { message: ReceivedMessage; reason: string }[] = [];
  const events = new Map<string, ReadMessage>();
  for (const message of messages) {
    const parsed = parseLaneMessage(message.body, lane);
    if (!parsed.ok) {
      poison.push({ message, reason: parsed.reason });
      continue;
    }
    const read = { message, body: parsed.body, key: eventKey(parsed.body.event) };
    const id = eventKeyText(read.key);
    const other = events.get(id);
    const keep = other === undefined || isPreferred(read, other) ? read : other;
    events.set(id, keep);
    if (other !== undefined) dropCopy(keep, keep === read ? other : read, ledger);
  }
  if (poison.length > 0) await ledger.poison(poison);
  return [...events.values()];
}

/** A copy that can revive what the kept one cannot comes back: the kept one may find an end that it leaves as it is. */
function dropCopy(kept: ReadMessage, other: ReadMessage, ledger: BatchLedger): void {
  if (revivesAtLeast(kept.body, other.body)) ledger.acknowledge(other.message);
  else ledger.leave(other.message, COPY_RETURNS_SECONDS);
}

/**
 * Which of two copies speaks for their event: of dead letters the newest, since no other takes back that it expired, and
 * else the one that was put here last, which has the most time left to be tried.
 */
function isPreferred(read: ReadMessage, other: ReadMessage): boolean {
  const given = read.body.dead_lettered_at ?? 0;
  const before = other.body.dead_lettered_at ?? 0;
  return given === before ? waitingSince(read) > waitingSince(other) : given > before;
}

/** Since when a message is to be delivered, epoch ms. The body of a redriven one only knows of its first time on the lane. */
export function waitingSince({ body, message }: ReadMessage): number {
  if (body.dead_lettered_at === undefined) return body.enqueued_at;
  return Math.max(body.dead_lettered_at, message.firstReceivedAt);
}

/**
 * Puts off what came to a stopped lane, with nothing read or written. What its queue is about to forget goes on, to be
 * given up in sight: answers those.
 */
export function holdBack(
  reads: readonly ReadMessage[],
  { ledger, now }: { readonly ledger: BatchLedger; readonly now: number },
): ReadMessage[] {
  const dueOut = reads.filter(({ message }) => !isKept(message.sentAt, now));
  for (const read of reads) if (!dueOut.includes(read)) ledger.hold(read.message);
  return dueOut;
}
