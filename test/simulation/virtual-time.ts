interface Due {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** The work of one run, ordered by virtual time; what is due at one instant runs in the order it was planned. */
export interface VirtualTime {
  /** Epoch ms. */
  now(): number;
  after(ms: number, run: () => void): void;
  /** Lets time pass until nothing is planned any more. Answers why it gave up when that does not come. */
  runOut(limits: { readonly untilMs: number; readonly steps: number }): Promise<"idle" | "too_late" | "too_many_steps">;
}

/** Starts at `start`, epoch ms. */
export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  let sequence = 0;
  const heap: Due[] = [];
  return {
    now: () => now,
    after(ms, run) {
      push(heap, { at: now + Math.max(0, ms), sequence: sequence++, run });
    },
    async runOut({ untilMs, steps }) {
      for (let step = 0; step < steps; step += 1) {
        const due = pop(heap);
        if (due === undefined) return "idle";
        if (due.at > untilMs) return "too_late";
        now = due.at;
        due.run();
        // A turn of the event loop comes only after every promise that this step settled has run to its next await.
        await new Promise(setImmediate);
      }
      return "too_many_steps";
    },
  };
}

function isBefore(a: Due | undefined, b: Due): boolean {
  return a !== undefined && (a.at < b.at || (a.at === b.at && a.sequence < b.sequence));
}

function push(heap: Due[], due: Due): void {
  let index = heap.push(due) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as Due;
    if (!isBefore(due, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = due;
}

function pop(heap: Due[]): Due | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const child = isBefore(heap[left + 1], heap[left] ?? last) ? left + 1 : left;
    const below = heap[child];
    if (below === undefined || !isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
  return first;
}
