import { randomUUID } from "node:crypto";
import { DueHeap } from "./due-heap.ts";
import { LongPolls } from "./long-polls.ts";
import { deadLetter, type NewMessage, type QueueMessage, sentMessage } from "./queue-message.ts";
import { FifoLine, type ReadyLine, StandardLine } from "./ready-line.ts";
import { RecentSends, type SendJournal } from "./recent-sends.ts";

/** SQS's limit of messages in flight per queue. */
const MAX_IN_FLIGHT = 120_000;

/** Keeps messages over a restart, and what FIFO queues know of copies. */
export interface QueueJournal extends SendJournal {
  save(queueName: string, message: QueueMessage): void;
  forget(messageId: string): void;
  load(queueName: string): QueueMessage[];
}

/** Figures of `GetQueueAttributes`. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Settings of a queue that decide how messages move. */
export interface QueueSettings {
  readonly isFifo: boolean;
  readonly dedupPerGroup: boolean;
  readonly retentionMs: number;
  readonly maxReceiveCount: number;
  readonly deadLetterTo: LocalQueue | undefined;
}

/** One queue in memory, with SQS's rules for visibility, order, deduplication, dead letters and retention. */
export class LocalQueue {
  readonly name: string;
  readonly arn: string;
  settings: QueueSettings;
  readonly #now: () => number;
  readonly #journal: QueueJournal | undefined;
  #line: ReadyLine;
  readonly #messages = new Map<string, QueueMessage>();
  readonly #due = new DueHeap<QueueMessage>();
  readonly #recent: RecentSends;
  readonly #byHandle = new Map<string, QueueMessage>();
  readonly #polls = new LongPolls();
  #sequence = 0;
  #deduplicated = 0;
  #counts = { waiting: 0, ready: 0, in_flight: 0, gone: 0 };

  constructor(name: string, arn: string, settings: QueueSettings, now: () => number, journal?: QueueJournal) {
    this.name = name;
    this.arn = arn;
    this.settings = settings;
    this.#now = now;
    this.#journal = journal;
    this.#recent = new RecentSends(name, journal);
    this.#line = settings.isFifo ? new FifoLine() : new StandardLine();
  }

  /** Takes up where an earlier run stopped: what was hidden stays hidden for as long, under the handle it has. */
  restore(): void {
    this.#recent.restore();
    const now = this.#now();
    for (const message of this.#journal?.load(this.name) ?? []) {
      this.#sequence = Math.max(this.#sequence, message.sequence);
      this.#messages.set(message.id, message);
      if (message.receiptHandle !== undefined) this.#byHandle.set(message.receiptHandle, message);
      if (message.visibleAt <= now) {
        this.#makeReady(message);
        continue;
      }
      const isInFlight = message.receiptHandle !== undefined;
      this.#enter(message, isInFlight ? "in_flight" : "waiting");
      if (isInFlight) this.#line.hold(message);
      this.#due.push(message.visibleAt, message);
    }
  }

  /** Puts a message in, unless it is a duplicate: then the answer is the original. */
  send(message: NewMessage): Pick<QueueMessage, "id" | "sequence"> {
    const now = this.#now();
    const isPerGroup = this.settings.dedupPerGroup;
    const original = this.#recent.originalOf(message, isPerGroup, now);
    if (original !== undefined) {
      this.#deduplicated += 1;
      return original;
    }
    const stored = sentMessage(message, now);
    this.accept(stored);
    this.#recent.remember(message, isPerGroup, stored, now);
    return stored;
  }

  /** Sends since the last time of asking that were answered with an earlier message. */
  takeDeduplicated(): number {
    const count = this.#deduplicated;
    this.#deduplicated = 0;
    return count;
  }

  /** Takes a message that already has its identity: a dead letter, a redriven one. */
  accept(message: QueueMessage): void {
    this.#sequence += 1;
    message.sequence = this.#sequence;
    this.#messages.set(message.id, message);
    this.#journal?.save(this.name, message);
    if (message.visibleAt > this.#now()) {
      this.#enter(message, "waiting");
      this.#due.push(message.visibleAt, message);
      this.#scheduleWake();
    } else {
      this.#makeReady(message);
    }
  }

  /** Hands out up to `max` messages for `visibilityMs`, and moves those received too often to the dead-letter queue. */
  receive(max: number, visibilityMs: number): QueueMessage[] {
    const now = this.#now();
    this.#advance(now);
    const taken: QueueMessage[] = [];
    while (taken.length < max && this.#counts.in_flight < MAX_IN_FLIGHT) {
      const message = this.#line.take();
      if (message === undefined) break;
      if (message.retainedFrom + this.settings.retentionMs <= now) this.#leave(message);
      else if (message.receiveCount >= this.settings.maxReceiveCount) this.#moveToDeadLetters(message, now);
      else taken.push(this.#handOut(message, now, visibilityMs));
    }
    this.#line.endOfReceive();
    return taken;
  }

  /** Resolves when there may be something to receive, at the latest after `waitMs` or when `signal` aborts. */
  waitForMessages(waitMs: number, signal?: AbortSignal): Promise<void> {
    const waiting = this.#polls.wait(waitMs, signal);
    this.#scheduleWake();
    return waiting;
  }

  /** The message of a receipt handle; `current` when it is in flight under it. */
  findByHandle(handle: string): { message: QueueMessage; current: boolean } | undefined {
    this.#advance(this.#now());
    const message = this.#byHandle.get(handle);
    return message === undefined ? undefined : { message, current: message.state === "in_flight" };
  }

  remove(message: QueueMessage): void {
    this.#leave(message);
  }

  /** Zero makes the message visible at once, at its old place in its group. */
  changeVisibility(message: QueueMessage, visibilityMs: number): void {
    message.visibleAt = this.#now() + visibilityMs;
    this.#due.push(message.visibleAt, message);
    this.#journal?.save(this.name, message);
    if (visibilityMs === 0) this.#advance(this.#now());
    this.#scheduleWake();
  }

  counts(): QueueCounts {
    this.#advance(this.#now());
    return { visible: this.#counts.ready, inFlight: this.#counts.in_flight, delayed: this.#counts.waiting };
  }

  /** Age of the oldest message that is not deleted, in ms; zero when empty. */
  oldestAgeMs(): number {
    // Insertion order is the order of sending, but for messages moved in from elsewhere.
    for (const { sentAt, receiveCount, deadLetterSourceArn } of this.#messages.values()) {
      // CloudWatch passes over what was received more than three times; a dead letter brings its receives along.
      const isPoison = !this.settings.isFifo && receiveCount > 3 && deadLetterSourceArn === undefined;
      if (!isPoison) return Math.max(0, this.#now() - sentAt);
    }
    return 0;
  }

  /** A copy of what the queue holds, for inspection. */
  list(): QueueMessage[] {
    return [...this.#messages.values()].map((message) => ({ ...message }));
  }

  purge(): void {
    for (const message of this.#messages.values()) {
      this.#enter(message, "gone");
      this.#journal?.forget(message.id);
    }
    this.#messages.clear();
    this.#byHandle.clear();
    this.#due.clear();
    this.#line = this.settings.isFifo ? new FifoLine() : new StandardLine();
  }

  /** Ends long polls. */
  close(): void {
    this.#polls.close();
  }

  #handOut(message: QueueMessage, now: number, visibilityMs: number): QueueMessage {
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.receivedAt = now;
    message.visibleAt = now + visibilityMs;
    if (message.receiptHandle !== undefined) this.#byHandle.delete(message.receiptHandle);
    message.receiptHandle = Buffer.from(`${this.name}\n${message.id}\n${randomUUID()}`).toString("base64");
    this.#byHandle.set(message.receiptHandle, message);
    this.#enter(message, "in_flight");
    this.#due.push(message.visibleAt, message);
    this.#journal?.save(this.name, message);
    return message;
  }

  #moveToDeadLetters(message: QueueMessage, now: number): void {
    const target = this.settings.deadLetterTo;
    this.#leave(message);
    if (target === undefined) return;
    target.accept(deadLetter(message, now, { arn: this.arn, isFifo: this.settings.isFifo }));
  }

  /** Brings back what fell due. A heap entry counts only if it still says when its message is due. */
  #advance(now: number): void {
    for (let due = this.#due.popDue(now); due !== undefined; due = this.#due.popDue(now)) {
      const { at, item: message } = due;
      if (message.visibleAt !== at) continue;
      if (message.state === "in_flight") {
        this.#makeReady(message);
        this.#line.released(message);
        this.#wakeWaiter();
      } else if (message.state === "waiting") {
        this.#makeReady(message);
      }
    }
  }

  #makeReady(message: QueueMessage): void {
    this.#enter(message, "ready");
    this.#line.add(message);
    this.#wakeWaiter();
  }

  #leave(message: QueueMessage): void {
    const wasOut = message.state === "in_flight" || message.state === "ready";
    this.#enter(message, "gone");
    this.#messages.delete(message.id);
    this.#journal?.forget(message.id);
    if (message.receiptHandle !== undefined) this.#byHandle.delete(message.receiptHandle);
    if (wasOut) this.#line.released(message);
    this.#wakeWaiter();
  }

  #enter(message: QueueMessage, state: QueueMessage["state"]): void {
    this.#counts[message.state] -= 1;
    this.#counts[state] += 1;
    message.state = state;
  }

  #wakeWaiter(): void {
    if (this.#line.hasAny) this.#polls.wakeOne();
  }

  /** Long polls wait for what falls due, too. */
  #scheduleWake(): void {
    const at = this.#due.nextAt();
    this.#polls.wakeIn(at === undefined ? undefined : at - this.#now(), () => {
      this.#advance(this.#now());
      this.#scheduleWake();
    });
  }
}
