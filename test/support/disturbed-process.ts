/**
 * Preloaded into a running app by `startApp({ disturbable: true })`: lets a test move the app's wall clock and kill its
 * λ workers. Runs in the main thread, which takes the test's orders, and in every worker, which only shares the clock.
 */
import { syncBuiltinESMExports } from "node:module";
import threads, { type WorkerOptions } from "node:worker_threads";

/** What a test asks for, `kill` in [0, 1) being the place of the victim among all workers; every order is answered with what came of it. */
export type Disturbance = { readonly id: string } & ({ readonly advanceMs: number } | { readonly kill: number });
export type Disturbed = { readonly id: string; readonly nowMs: number; readonly killed: number };

const SHARED_CLOCK = "shift of the wall clock, ms";
const RealDate = Date;
const shift = sharedShift();

function sharedShift(): Float64Array<SharedArrayBuffer> {
  const inherited = threads.getEnvironmentData(SHARED_CLOCK);
  if (inherited instanceof SharedArrayBuffer) return new Float64Array(inherited);
  const made = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  threads.setEnvironmentData(SHARED_CLOCK, made);
  const shared = new Float64Array(made);
  // What an app before this one had moved, on whose data it goes on.
  shared[0] = Number(process.env.TEST_CLOCK_AHEAD_MS ?? 0);
  return shared;
}

const now = (): number => RealDate.now() + (shift[0] ?? 0);

// Timers keep real time: only what is read from the wall clock moves.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made) as object,
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});

if (threads.isMainThread) {
  const alive = watchWorkers();
  process.on("message", (order: Disturbance) => {
    let killed = 0;
    if ("advanceMs" in order) shift[0] = (shift[0] ?? 0) + order.advanceMs;
    else killed = killOne(alive, order.kill);
    process.send?.({ id: order.id, nowMs: now(), killed } satisfies Disturbed);
  });
  // Listening must not keep the app from ending.
  process.channel?.unref();
}

/** Every worker from now on loads this file first and is in the set while it lives. */
function watchWorkers(): Set<threads.Worker> {
  const workers = new Set<threads.Worker>();
  threads.Worker = class extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), "--import", import.meta.url] });
      workers.add(this);
      this.once("exit", () => workers.delete(this));
    }
  };
  syncBuiltinESMExports();
  return workers;
}

/** Ends one thread in the middle of whatever it does, as a lost host would. */
function killOne(workers: ReadonlySet<threads.Worker>, at: number): number {
  const victims = [...workers];
  const victim = victims[Math.floor(at * victims.length)];
  if (victim === undefined) return 0;
  void victim.terminate();
  return 1;
}
