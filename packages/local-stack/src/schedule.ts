import type { InvokeResult, Invoker, ScheduleModel } from "./model.ts";
import { parseSchedule, type ScheduleExpression } from "./schedule-expression.ts";

/** Node fires longer timers at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time as the schedules see it. */
export interface ScheduleClock {
  now(): number;
  /** Calls back once after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The schedules of a stack and what they stand on. */
export interface SchedulesOptions {
  readonly models: readonly ScheduleModel[];
  readonly invoker: Invoker;
  /** Told when a scheduled invocation fails. */
  readonly onProblem: (message: string) => void;
  readonly clock?: ScheduleClock;
}

interface Entry {
  readonly model: ScheduleModel;
  readonly expression: ScheduleExpression;
}

/** Invokes functions at the times of the template, as EventBridge would, and on demand. */
export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #clock: ScheduleClock;
  readonly #entries: readonly Entry[];
  readonly #cancels = new Map<string, () => void>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const startMs = this.#clock.now();
    this.#entries = options.models.map((model) => ({ model, expression: parseSchedule(model.expression, startMs) }));
  }

  start(): void {
    for (const entry of this.#entries) if (entry.model.enabled) this.#arm(entry, this.#clock.now());
  }

  /** Runs a schedule's target now, also of a disabled one; by name or logical id. */
  async runNow(name: string): Promise<InvokeResult> {
    const entry = this.#entries.find(({ model }) => model.name === name || model.logicalId === name);
    if (entry === undefined) {
      const known = this.#entries.map(({ model }) => model.name).join(", ");
      throw new Error(`no schedule ${name} in this stack; there are: ${known}`);
    }
    return this.#run(entry.model);
  }

  /** Stops the timers and waits for the runs under way. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    await Promise.all(this.#running);
  }

  #arm(entry: Entry, afterMs: number): void {
    const dueAtMs = entry.expression.nextAfter(afterMs);
    if (dueAtMs === undefined) return;
    const wait = (): void => {
      const leftMs = dueAtMs - this.#clock.now();
      const cancel = this.#clock.after(Math.min(Math.max(leftMs, 0), MAX_TIMER_MS), () => {
        if (this.#clock.now() < dueAtMs) return wait();
        this.#arm(entry, dueAtMs);
        const run = this.#run(entry.model)
          .catch((error: unknown) => this.#options.onProblem(`schedule ${entry.model.name}: ${String(error)}`))
          .finally(() => this.#running.delete(run));
        this.#running.add(run);
      });
      this.#cancels.set(entry.model.logicalId, cancel);
    };
    wait();
  }

  async #run(model: ScheduleModel): Promise<InvokeResult> {
    const result = await this.#options.invoker.invoke(model.functionArn, JSON.parse(model.input));
    if (!result.ok) this.#options.onProblem(`schedule ${model.name}: ${result.error}: ${result.message}`);
    return result;
  }
}

const systemClock: ScheduleClock = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
