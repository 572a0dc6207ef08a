import type { FaultPlan, FaultShares } from "./fault-plan.ts";
import type { Seeded } from "./seeded.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What all of one run shares. */
export interface RunContext {
  readonly time: VirtualTime;
  readonly seeded: Seeded;
  readonly faults: FaultPlan;
  readonly tell: (line: string) => void;
  /** Told of every invocation that ended without an answer. */
  readonly died: (invocation: string) => void;
}

/** One call of a worker to a service. */
export interface Call<T> {
  /** What is called, for the trace and as part of the fault's name. */
  readonly label: string;
  readonly shares: FaultShares;
  /** Ordinary time for the way there and back together, ms. */
  readonly tookMs: number;
  /** After this the caller gives up, ms. */
  readonly timeoutMs: number;
  /** What it does, at one instant. */
  readonly effect: () => T | Promise<T>;
  readonly error: (kind: "refused" | "lost") => unknown;
}

/**
 * One λ container: a process that serves one invocation after the other, keeps its module state between them, and may
 * be gone at any await. A call of a dead container never comes back to it; what it had sent by then may still happen.
 */
export class Container {
  readonly name: string;
  /** How far this machine's clock is from the true time, ms. */
  readonly skewMs: number;
  readonly #context: RunContext;
  readonly #counts = new Map<string, number>();
  #invocation = 0;
  #onEnd: (() => void) | undefined;
  alive = true;
  /** True time at which the invocation is stopped, epoch ms. */
  #stopsAt = Number.POSITIVE_INFINITY;

  constructor(name: string, context: RunContext, skewMs: number) {
    this.name = name;
    this.skewMs = skewMs;
    this.#context = context;
  }

  /** Names the invocation under way; unique within the run. */
  get invocation(): string {
    return `${this.name}.${this.#invocation}`;
  }

  /** This machine's clock, epoch ms. */
  now(): number {
    return Math.floor(this.#context.time.now() + this.skewMs);
  }

  remainingMs(): number {
    return Math.max(0, this.#stopsAt - this.#context.time.now());
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#context.time.after(ms, () => this.alive && resolve()));
  }

  /** Runs one invocation; `ended` hears of its answer or of its death, whichever comes first, and once. */
  invoke<T>(timeoutMs: number, run: () => Promise<T>, ended: (answer: { value: T } | undefined) => void): void {
    const { time } = this.#context;
    this.#invocation += 1;
    this.#counts.clear();
    this.#stopsAt = time.now() + timeoutMs;
    let answer: { value: T } | undefined;
    this.#onEnd = () => ended(answer);
    const mine = this.#invocation;
    time.after(timeoutMs, () => mine === this.#invocation && this.#onEnd !== undefined && this.kill("timed out"));
    run().then(
      (value) => {
        answer = { value };
        this.#end();
      },
      (error: unknown) => {
        this.#context.tell(`${this.invocation} threw ${String(error)}`);
        this.#end();
      },
    );
  }

  kill(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.#context.tell(`${this.invocation} is gone: ${why}`);
    this.#context.died(this.invocation);
    this.#end();
  }

  /** A name for the next thing of this kind that happens in the invocation under way. */
  nextPoint(label: string): string {
    const count = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, count);
    return `${this.invocation} ${label}#${count}`;
  }

  /** Calls a service, with whatever the fault plan has for this call. */
  call<T>({ effect, error, label, shares, timeoutMs, tookMs }: Call<T>): Promise<T> {
    const { faults, seeded, tell, time } = this.#context;
    const point = this.nextPoint(label);
    const fault = faults.decide(point, shares);
    const ms = tookMs * (0.5 + seeded.fraction(`took ${point}`)) + (fault === "slow" ? timeoutMs / 2 : 0);
    return new Promise<T>((resolve, reject) => {
      const back = (settle: () => void, afterMs: number) => time.after(afterMs, () => this.alive && settle());
      const act = (): { value: T | Promise<T> } | { error: unknown } => {
        try {
          const value = effect();
          // Nobody may be left to hear of a failure.
          if (value instanceof Promise) value.catch(() => {});
          return { value };
        } catch (thrown) {
          return { error: thrown };
        }
      };
      const settle = (result: ReturnType<typeof act>) =>
        "value" in result ? resolve(result.value) : reject(result.error);
      // A request that was on its way when its sender died arrives or not.
      const arrives = () => this.alive || seeded.chance(`arrives ${point}`, 0.5);
      switch (fault) {
        case "refused":
          return back(() => reject(error("refused")), ms);
        case "hangs":
          return;
        case "dies_before":
          return this.kill(`before ${label}`);
        case "dies_after":
          return time.after(ms, () => {
            if (arrives()) act();
            this.kill(`after ${label}`);
          });
        case "late":
          time.after(timeoutMs + seeded.fraction(`late ${point}`) * 30_000, () => {
            tell(`late effect of ${point}`);
            act();
          });
          return back(() => reject(error("lost")), timeoutMs);
        default:
          return time.after(ms / 2, () => {
            if (!arrives()) return;
            if (fault === "twice") act();
            const result = act();
            if (fault === "lost") back(() => reject(error("lost")), timeoutMs);
            else back(() => settle(result), ms / 2);
          });
      }
    });
  }

  #end(): void {
    const end = this.#onEnd;
    this.#onEnd = undefined;
    end?.();
  }
}
