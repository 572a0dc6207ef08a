/** How many invocations of one function may run, and what happens to the next one. */
export interface SlotLimits {
  /** Environments this machine will run; further invocations wait. */
  readonly maxEnvironments: number;
  /** Reserved concurrency of the template; further invocations are refused, as Lambda refuses them. */
  readonly reserved: number | undefined;
}

/** Counts the running invocations of one function: grants, queues or refuses. */
export class FunctionSlots {
  readonly #limits: SlotLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  /** Resolves to true when the invocation may run, and to false when it is throttled. */
  acquire(): Promise<boolean> {
    const { reserved, maxEnvironments } = this.#limits;
    const wanted = this.#running + this.#waiting.length;
    if (reserved !== undefined && wanted >= reserved) return Promise.resolve(false);
    if (this.#running < maxEnvironments) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => this.#waiting.push(() => resolve(true)));
  }

  /** Gives the place to the longest waiting invocation, or frees it. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
