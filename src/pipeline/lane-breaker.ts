import {
  admission,
  afterProbe,
  type CountedRequest,
  causeToStop,
  countRequest,
  probe,
  type RequestResult,
  stop,
  withoutResult,
} from "../core/breaker.ts";
import { HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import { isStopped, type LaneControl } from "../core/lane-control.ts";
import { type ControlViewPorts, createControlView } from "./control-view.ts";
import type { Random } from "./ports.ts";

/** Added to the time that a probe's worker can live, ms: clocks differ, and two probes at once are one too many. */
const LEASE_MARGIN_MS = MINUTE_MS;

/** For so long a message is put off while a probe is under way, ms: it is nearly always over by then. */
const PROBE_MS = 10_000;
/** And while a person holds the lane, ms. Its queue is not polled then; this is for what was received before. */
const PAUSE_MS = 5 * MINUTE_MS;

/**
 * Messages that come to a stopped lane again and again are put off for longer each time, up to an hour: twelve days of
 * probes would else use up the receives that SQS allows them.
 */
const HOLD_PER_RECEIVE_MS = 15_000;
const LONGEST_HOLD_MS = HOUR_MS;
/** Spread, ms, so that one invocation's messages do not all come back in one. */
const SPREAD_MS = 10_000;

/** What a lane's breaker works with. */
export interface LaneBreakerPorts extends ControlViewPorts {
  readonly lane: { readonly id: string; readonly retryWindowMs: number };
  readonly random: Pick<Random, "fraction">;
}

/** One container's part in its lane's breaker. What it counts lives as long as the container, what it decides is shared. */
export interface LaneBreaker {
  /** The gate of one invocation, which has `remainingMs` left. Never throws. */
  gate(remainingMs: () => number): Promise<LaneGate>;
}

/** What one invocation may send. */
export interface LaneGate {
  /** As the invocation began; `probe` means: one request, if `enter` says so. */
  readonly admits: "all" | "probe" | "none";
  /** When a stop of the lane was over, epoch ms: no event's retry window began before. */
  readonly resumedAt?: number;
  /** Before the first request. False: another worker has the probe. */
  enter(): Promise<boolean>;
  /** Before each request: false as soon as this container hears that the lane is stopped. */
  passes(): Promise<boolean>;
  /** Whether this invocation has the lane to itself for a probe that no request has decided yet. */
  isUndecided(): boolean;
  /** After each request. */
  heard(result: RequestResult): Promise<void>;
  /** Of a stopped lane: for how long a message of so many receives is put off, s. Undefined while it is not stopped. */
  holdSeconds(receiveCount: number): number | undefined;
  /** In the end: gives back a probe that came to nothing. */
  leave(): Promise<void>;
}

/** A gate that nothing closes: a test of a lane is to show what the platform says. */
export const OPEN_GATE: LaneGate = {
  admits: "all",
  enter: async () => true,
  passes: async () => true,
  isUndecided: () => false,
  heard: async () => {},
  holdSeconds: () => undefined,
  leave: async () => {},
};

/** A breaker that has heard of nothing yet. */
export function createLaneBreaker(ports: LaneBreakerPorts): LaneBreaker {
  const { clock, lane, log, random } = ports;
  const view = createControlView(ports);
  let requests: CountedRequest[] = [];

  async function count(result: RequestResult): Promise<void> {
    requests = countRequest(requests, { at: clock.now(), failed: result.kind !== "passed" }, view.known()?.resumed_at);
    const cause = causeToStop(requests, result);
    if (cause === undefined || result.kind === "passed") return;
    const control = await view.current();
    if (isStopped(control)) return;
    const now = clock.now();
    const { retryWindowMs } = lane;
    const afterMs = result.kind === "failed" ? result.afterMs : undefined;
    const asked = afterMs === undefined ? {} : { afterMs };
    const stopped = stop(lane.id, control, { now, retryWindowMs, cause, reason: result.reason, ...asked });
    if (!(await view.save(stopped))) return;
    requests = [];
    log.error("the lane is stopped", { lane: lane.id, cause, reason: result.reason, probe_at: stopped.probe_at ?? 0 });
  }

  return {
    async gate(remainingMs) {
      const control = await view.current();
      const admits = admission(control, clock.now());
      // It may have been a moment ago: no event is given up for what is not known.
      const resumedAt = view.isUnread() ? clock.now() : control?.resumed_at;
      let probing: LaneControl | undefined;
      return {
        admits,
        ...(resumedAt === undefined ? {} : { resumedAt }),
        async enter() {
          if (admits !== "probe" || control === undefined) return admits === "all";
          const next = probe(control, clock.now(), remainingMs() + LEASE_MARGIN_MS);
          if (!(await view.save(next))) return false;
          probing = next;
          return true;
        },
        async passes() {
          return probing !== undefined || admission(await view.current(), clock.now()) === "all";
        },
        isUndecided: () => probing !== undefined,
        async heard(result) {
          if (probing === undefined) return count(result);
          const next = afterProbe(probing, result, clock.now());
          probing = undefined;
          if (await view.save(next))
            log.info("the lane was probed", { lane: lane.id, state: next.state, reason: next.reason });
        },
        holdSeconds(receiveCount) {
          const known = view.known();
          if (known === undefined || !isStopped(known)) return undefined;
          const now = clock.now();
          const leastMs = Math.min(receiveCount * HOLD_PER_RECEIVE_MS, LONGEST_HOLD_MS);
          const waitMs = Math.min(Math.max(leastMs, waitsUntil(known, now) - now), LONGEST_HOLD_MS);
          return Math.max(1, Math.ceil((waitMs + random.fraction() * SPREAD_MS) / 1_000));
        },
        async leave() {
          if (probing !== undefined) await view.save(withoutResult(probing, clock.now()));
          probing = undefined;
        },
      };
    },
  };
}

function waitsUntil({ probe_at: at, state }: LaneControl, now: number): number {
  if (state === "paused") return now + PAUSE_MS;
  return state === "half_open" ? now + PROBE_MS : (at ?? now);
}
