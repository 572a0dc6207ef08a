import type { LaneControl } from "../core/lane-control.ts";
import { errorFields } from "./error-fields.ts";
import type { LaneControlStore } from "./lane-control-ports.ts";
import type { Clock, Log } from "./ports.ts";

/** A pause takes effect at every worker within this, ms. It is also how seldom a busy worker pays for a read. */
const KNOWN_FOR_MS = 5_000;

/** What one container knows of its lane's control. */
export interface ControlView {
  /** As far as is known without asking. */
  known(): LaneControl | undefined;
  /** As read within the last seconds. What cannot be read counts as closed: the breaker may be lost, deliveries may not. */
  current(): Promise<LaneControl | undefined>;
  /** False when somebody was faster, or the store does not answer: then it is read again before the next request. */
  save(next: LaneControl): Promise<boolean>;
  /** The last reading failed. */
  isUnread(): boolean;
}

/** What a view reads and writes. */
export interface ControlViewPorts {
  readonly lane: { readonly id: string };
  readonly store: LaneControlStore;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** A view that has read nothing yet. */
export function createControlView({ clock, lane, log, store }: ControlViewPorts): ControlView {
  let known: LaneControl | undefined;
  let knownUntil = Number.NEGATIVE_INFINITY;
  let isUnread = false;

  function learn(control: LaneControl | undefined): void {
    known = control;
    knownUntil = clock.now() + KNOWN_FOR_MS;
  }

  return {
    known: () => known,
    isUnread: () => isUnread,

    async current() {
      const now = clock.now();
      if (now < knownUntil && knownUntil <= now + KNOWN_FOR_MS) return known;
      try {
        const [control] = await store.read([lane.id]);
        isUnread = false;
        learn(control);
      } catch (error) {
        isUnread = true;
        log.warn("the lane's control could not be read; it counts as closed", { lane: lane.id, ...errorFields(error) });
        learn(undefined);
      }
      return known;
    },

    async save(next) {
      try {
        if (await store.save(next)) {
          isUnread = false;
          learn(next);
          return true;
        }
      } catch (error) {
        log.error("the lane's control could not be written", { lane: lane.id, ...errorFields(error) });
      }
      knownUntil = Number.NEGATIVE_INFINITY;
      return false;
    },
  };
}
