import { setTimeout as delay } from "node:timers/promises";
import type { EventSourceMappingModel, Invoker } from "./model.ts";
import type { ReceivedMessage, SourceQueue } from "./source-queue.ts";
import { failedIds, sqsRecord } from "./sqs-event.ts";

const RECEIVE_COUNT = 10;
const LONG_POLL_SECONDS = 20;
const RETRY_MS = 1000;
/** Lambda's payload limit, less room for what surrounds the records. */
const MAX_BATCH_BYTES = 6 * 2 ** 20 - 1024;

/** Time as the batching window sees it. */
export interface MappingClock {
  now(): number;
  /** Rejects or resolves early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** One mapping and what it stands on. */
export interface EventSourceMappingOptions {
  readonly model: EventSourceMappingModel;
  /** Whether it polls from the start; as the template says when absent. */
  readonly enabled?: boolean;
  readonly region: string;
  readonly queue: SourceQueue;
  readonly invoker: Invoker;
  /** Batches in the function at once on this machine, under the mapping's own MaximumConcurrency; 4 when absent. */
  readonly maxConcurrency?: number;
  /** Told when polling or deleting fails: the service's error, in words. */
  readonly onProblem: (message: string) => void;
  readonly clock?: MappingClock;
}

/** As the Lambda API says it; `Disabling` until the batches under way have ended. */
export type MappingState = "Enabled" | "Disabling" | "Disabled";

interface Sized {
  readonly message: ReceivedMessage;
  readonly bytes: number;
}

/**
 * Moves messages from a queue to a function. One poller gathers batches and hands each to a free slot, so that an idle
 * queue costs one long poll and batches fill before concurrency grows; AWS runs several pollers side by side.
 */
export class EventSourceMapping {
  readonly #options: EventSourceMappingOptions;
  readonly #clock: MappingClock;
  readonly #concurrency: number;
  readonly #running = new Set<Promise<void>>();
  readonly #isFifo: boolean;
  #carried: Sized[] = [];
  #stopping = new AbortController();
  #polling: Promise<void> | undefined;
  #state: MappingState = "Disabled";

  constructor(options: EventSourceMappingOptions) {
    const { model } = options;
    this.#options = options;
    this.#clock = options.clock ?? { now: Date.now, sleep: (ms, signal) => delay(ms, undefined, { signal }) };
    this.#isFifo = model.queueArn.endsWith(".fifo");
    this.#concurrency = Math.min(model.maximumConcurrency ?? Number.POSITIVE_INFINITY, options.maxConcurrency ?? 4);
    if (this.#isFifo && (model.batchSize > 10 || model.windowSeconds > 0)) {
      throw new Error(`${model.logicalId}: a FIFO queue takes batches of up to 10 and no batching window`);
    }
    if (model.batchSize > 10 && model.windowSeconds < 1) {
      throw new Error(`${model.logicalId}: batches over 10 need a batching window of a second or more`);
    }
  }

  get model(): EventSourceMappingModel {
    return this.#options.model;
  }

  get state(): MappingState {
    return this.#state;
  }

  /** Checks that the function's role may poll, then polls until stopped. A disabled mapping waits for `enable`. */
  async start(): Promise<void> {
    const { model, queue, enabled = model.enabled } = this.#options;
    if (!enabled) return;
    try {
      await queue.checkAccess();
      this.#carry(await queue.receive(Math.min(RECEIVE_COUNT, model.batchSize), 0, this.#stopping.signal));
    } catch (error) {
      throw new Error(
        `${model.logicalId}: the role of ${model.functionArn} cannot poll ${model.queueArn}: ${words(error)}`,
        {
          cause: error,
        },
      );
    }
    this.#state = "Enabled";
    this.#polling = this.#poll();
  }

  /** Polls again after `disable`; does nothing unless the mapping is disabled. A role that may not poll is a problem, not an error. */
  enable(): void {
    if (this.#state !== "Disabled") return;
    this.#stopping = new AbortController();
    this.#state = "Enabled";
    this.#polling = this.#poll();
  }

  /** Stops polling; what was received already still goes to the function. Resolves when the last batch has ended. */
  async disable(): Promise<void> {
    if (this.#state === "Enabled") this.#state = "Disabling";
    await this.stop();
    this.#state = "Disabled";
  }

  /** Stops polling and waits for the batches under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#freeSlot();
        const batch = await this.#gather();
        if (batch.length > 0) this.#dispatch(batch);
      } catch (error) {
        if (signal.aborted) break;
        this.#options.onProblem(`${this.#options.model.logicalId}: polling failed: ${words(error)}`);
        await this.#clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
    // Left alone, what is carried would wait out its visibility timeout for nothing.
    while (this.#carried.length > 0) {
      await this.#freeSlot();
      this.#dispatch(this.#fill([]).map(({ message }) => message));
    }
  }

  async #freeSlot(): Promise<void> {
    while (this.#running.size >= this.#concurrency) await Promise.race(this.#running);
  }

  /** Fills one batch: by count, by bytes, or until the window after its first message closes. */
  async #gather(): Promise<readonly ReceivedMessage[]> {
    const { batchSize, windowSeconds } = this.#options.model;
    const { signal } = this.#stopping;
    if (this.#carried.length === 0) this.#carry(await this.#receive(batchSize, LONG_POLL_SECONDS));
    const closesAtMs = this.#clock.now() + windowSeconds * 1000;
    let batch = this.#fill([]);
    while (batch.length > 0 && this.#carried.length === 0 && batch.length < batchSize && !signal.aborted) {
      const leftMs = closesAtMs - this.#clock.now();
      if (leftMs <= 0) break;
      this.#carry(await this.#receiveWithin(batchSize - batch.length, leftMs));
      batch = this.#fill(batch);
    }
    return batch.map(({ message }) => message);
  }

  /**
   * Waits for more until the window closes. Waits are whole seconds in SQS, so the last part of a window is slept, but
   * only once the queue is known to be empty: a backlog fills batches without pause.
   */
  async #receiveWithin(wanted: number, leftMs: number): Promise<readonly ReceivedMessage[]> {
    const wait = Math.min(LONG_POLL_SECONDS, Math.floor(leftMs / 1000));
    const messages = await this.#receive(wanted, wait);
    if (messages.length > 0 || wait > 0) return messages;
    await this.#clock.sleep(leftMs, this.#stopping.signal).catch(() => undefined);
    return this.#receive(wanted, 0);
  }

  #receive(wanted: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    return this.#options.queue.receive(Math.min(RECEIVE_COUNT, wanted), waitSeconds, this.#stopping.signal);
  }

  #carry(messages: readonly ReceivedMessage[]): void {
    const { model, region } = this.#options;
    for (const message of messages) {
      const record = sqsRecord(message, { queueArn: model.queueArn, region });
      this.#carried.push({ message, bytes: Buffer.byteLength(JSON.stringify(record)) + 1 });
    }
  }

  /** Moves carried messages into the batch as long as they fit; the rest opens the next one. */
  #fill(batch: readonly Sized[]): readonly Sized[] {
    const filled = [...batch];
    let bytes = filled.reduce((sum, sized) => sum + sized.bytes, 0);
    let [next] = this.#carried;
    while (next !== undefined && filled.length < this.#options.model.batchSize) {
      if (filled.length > 0 && bytes + next.bytes > MAX_BATCH_BYTES) break;
      filled.push(next);
      bytes += next.bytes;
      this.#carried.shift();
      [next] = this.#carried;
    }
    return filled;
  }

  #dispatch(batch: readonly ReceivedMessage[]): void {
    const done = this.#process(batch)
      .catch((error: unknown) => {
        this.#options.onProblem(`${this.#options.model.logicalId}: a batch failed: ${words(error)}`);
      })
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  /** What failed keeps the visibility it has, also one that the function chose; only what succeeded is deleted. */
  async #process(batch: readonly ReceivedMessage[]): Promise<void> {
    const { model, region, invoker, queue } = this.#options;
    const Records = batch.map((message) => sqsRecord(message, { queueArn: model.queueArn, region }));
    const result = await invoker.invoke(model.functionArn, { Records });
    if (!result.ok) return;
    const ids = new Set(batch.map((message) => message.MessageId));
    const failed = model.reportBatchItemFailures ? failedIds(result.payload, ids) : new Set<string>();
    const succeeded = batch.filter((message) => !failed.has(message.MessageId));
    if (succeeded.length > 0) await queue.delete(succeeded.map((message) => message.ReceiptHandle));
  }
}

function words(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
