/** A timer is set anew at least this often: what Node takes for a delay has an end. */
const LONGEST_TIMER_MS = 60_000;

/** Who waits for a queue's messages. They are woken one by one, and each looks for itself whether there is something. */
export class LongPolls {
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Resolves when woken, at the latest after `waitMs` or when `signal` aborts. */
  wait(waitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
      signal?.addEventListener("abort", done);
    });
  }

  /** Wakes whoever has waited longest. */
  wakeOne(): void {
    const [first] = this.#waiting;
    first?.();
  }

  /** Runs `look` after this time, in place of what was to run before; nothing while nobody waits, or without a time. */
  wakeIn(ms: number | undefined, look: () => void): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0 || ms === undefined) return;
    this.#timer = setTimeout(look, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const wake of [...this.#waiting]) wake();
  }
}
