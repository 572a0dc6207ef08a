import type { QueueMessage } from "../../packages/local-stack/src/queue-message.ts";
import { failedIds } from "../../packages/local-stack/src/sqs-event.ts";
import { Container, type RunContext } from "./container.ts";
import type { SimulatedQueues } from "./queues.ts";

/** A λ: what it is called, how long it may run, and how a fresh container of it answers. */
export interface FunctionPlan<In, Out> {
  readonly name: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  /** Most that a machine's clock is off, either way, ms. */
  readonly skewMs: number;
  /** Makes module state: it lives as long as the container. */
  readonly coldStart: (container: Container) => (input: In) => Promise<Out>;
}

/** The containers of one function. */
export interface SimulatedFunction<In, Out> {
  readonly isFull: boolean;
  /** `ended` gets no answer from an invocation that died. */
  invoke(input: In, ended: (answer: { value: Out } | undefined) => void): void;
}

/** No containers yet; an idle one is used again. */
export function createFunction<In, Out>(plan: FunctionPlan<In, Out>, context: RunContext): SimulatedFunction<In, Out> {
  const { seeded } = context;
  const idle: { container: Container; handler: (input: In) => Promise<Out> }[] = [];
  let started = 0;
  let busy = 0;
  return {
    get isFull() {
      return busy >= plan.concurrency;
    },
    invoke(input, ended) {
      const warm = idle.pop() ?? coldStart();
      busy += 1;
      warm.container.invoke(
        plan.timeoutMs,
        () => warm.handler(input),
        (answer) => {
          busy -= 1;
          if (warm.container.alive) idle.push(warm);
          ended(answer);
        },
      );
    },
  };

  function coldStart() {
    started += 1;
    const name = `${plan.name}${started}`;
    const skewMs = Math.round((seeded.fraction(`skew ${name}`) * 2 - 1) * plan.skewMs);
    const container = new Container(name, context, skewMs);
    return { container, handler: plan.coldStart(container) };
  }
}

/** How a queue's messages reach their function. */
export interface MappingPlan {
  readonly queue: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Share of batches whose invocation is throttled, so that the receives were for nothing. */
  readonly throttled: number;
  /** Share of batches of which a message is handed out a second time meanwhile. */
  readonly exposed: number;
  /** Share of deletes that do not come about. */
  readonly undeleted: number;
}

type Batch = readonly QueueMessage[];
/** What a function answers to `ReportBatchItemFailures`. */
export type BatchAnswer = { batchItemFailures: { itemIdentifier: string }[] };

/** An event source mapping: polls when there may be something, and deletes what the function did not give back. */
export interface SimulatedMapping {
  wake(afterMs: number): void;
  /** What it was told last; what it does follows within half a minute. */
  isOn(): boolean;
  turn(on: boolean): void;
}

/** A mapping that is on. */
export function createMapping(
  plan: MappingPlan,
  target: SimulatedFunction<Batch, BatchAnswer>,
  queues: SimulatedQueues,
  { faults, seeded, tell, time }: RunContext,
): SimulatedMapping {
  const planned = new Set<number>();
  let isWaiting = false;
  let batches = 0;
  let isOn = true;
  let polls = true;
  let turns = 0;

  function turn(on: boolean): void {
    isOn = on;
    turns += 1;
    const mine = turns;
    tell(`intake of ${plan.queue} ${on ? "on" : "off"}`);
    time.after(seeded.fraction(`${plan.queue} turn ${turns}`) * 30_000, () => {
      if (mine !== turns) return;
      polls = on;
      if (on) wake(1);
    });
  }

  function wake(afterMs: number): void {
    // Gathers what comes within the window. Plans no second poll for the same time.
    const at = time.now() + Math.max(1, afterMs) + plan.windowMs;
    if (planned.has(at)) return;
    planned.add(at);
    time.after(at - time.now(), () => {
      planned.delete(at);
      poll();
    });
  }

  function poll(): void {
    if (!polls) return;
    if (target.isFull) {
      isWaiting = true;
      return;
    }
    const batch: QueueMessage[] = [];
    for (let more = true; more && batch.length < plan.batchSize; ) {
      const received = queues.receive(plan.queue, Math.min(10, plan.batchSize - batch.length));
      // A later receive of the same message changes the queue's own object, and its handle with it.
      batch.push(...received.map((message) => ({ ...message })));
      more = received.length > 0;
    }
    if (batch.length === 0) return;
    batches += 1;
    const point = `${plan.queue} batch ${batches}`;
    if (faults.strikes(`${point} throttled`, plan.throttled)) return;
    tell(`${point}: ${batch.length} messages`);
    target.invoke(batch, (answer) => settle(batch, point, answer));
    if (faults.strikes(`${point} handed out twice`, plan.exposed)) {
      const [first] = batch;
      if (first?.receiptHandle !== undefined) queues.expose(plan.queue, first.receiptHandle);
    }
    wake(1);
  }

  function settle(batch: Batch, point: string, answer: { value: BatchAnswer } | undefined): void {
    const ids = new Set(batch.map(({ id }) => id));
    const failed = answer === undefined ? ids : failedIds(answer.value, ids);
    for (const [index, { id, receiptHandle }] of batch.entries()) {
      if (failed.has(id) || receiptHandle === undefined) continue;
      if (!faults.strikes(`${point} delete ${index} lost`, plan.undeleted)) queues.remove(plan.queue, receiptHandle);
    }
    if (isWaiting) {
      isWaiting = false;
      wake(1);
    }
  }

  return { wake, turn, isOn: () => isOn };
}
