import { setInterval } from "node:timers/promises";
import { purchase } from "./load.ts";
import { eventually, type RunningApp } from "./running-app.ts";

const EVENTS_PER_REQUEST = 5;
/** Between two requests, ms: some fifty events a second, which two processors carry beside everything else. */
const PACE_MS = 100;
/** A deployment on a busy machine takes its time, and its door is closed meanwhile. */
const ANSWERED_WITHIN_MS = 180_000;
/** Every so many requests are sent twice at once, as by a browser and a server. */
const REPEAT_EVERY = 5;
/** Every so many events are no events. */
const BROKEN_EVERY = 25;

/** What senders were told so far, by event id. */
interface Told {
  readonly accepted: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
}

/** Senders that report at an even pace, whatever happens, and again what they were not told about. */
export interface SteadyLoad {
  readonly told: Told;
  /** Resolves when all of so many new events were answered for. */
  send(events: number): Promise<void>;
  /** Sends events again that were answered for long ago. */
  repeat(ids: readonly string[]): Promise<void>;
}

/** A load on whatever app is running at the moment; while none is, senders try again. */
export function createSteadyLoad(app: () => RunningApp): SteadyLoad {
  const accepted = new Set<string>();
  const refused = new Set<string>();
  let made = 0;

  async function tell(ids: readonly string[]): Promise<void> {
    let open = ids;
    const answered = async () => {
      const results = await app()
        .post(open.map(input))
        .then(
          ({ body }) => body.results ?? [],
          () => [],
        );
      for (const { event_id: id, status } of results) {
        if (status === "accepted") accepted.add(id);
        if (status === "rejected") refused.add(id);
      }
      open = open.filter((id) => !accepted.has(id) && !refused.has(id));
      return open.length === 0;
    };
    await eventually(`an answer for ${ids[0]} and those with it`, answered, ANSWERED_WITHIN_MS);
  }

  return {
    told: { accepted, refused },
    async send(events) {
      const last = made + events;
      const requests: Promise<void>[] = [];
      for await (const _ of setInterval(PACE_MS)) {
        const size = Math.min(EVENTS_PER_REQUEST, last - made);
        const ids = Array.from({ length: size }, (_none, index) => idOf(made + index));
        requests.push(tell(ids));
        if ((made / EVENTS_PER_REQUEST) % REPEAT_EVERY === 0) requests.push(tell(ids));
        made += size;
        if (made === last) break;
      }
      await Promise.all(requests);
    },
    repeat: tell,
  };
}

function idOf(number: number): string {
  return number % BROKEN_EVERY === BROKEN_EVERY - 1 ? `broken-${number}` : `steady-${number}`;
}

function input(id: string): Record<string, unknown> {
  return { ...purchase(id), ...(id.startsWith("broken") ? { value: "much" } : {}) };
}
