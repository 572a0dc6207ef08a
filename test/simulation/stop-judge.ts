import { isStopped, type LaneControl } from "../../src/core/lane-control.ts";
import type { ControlWitness } from "./lane-controls.ts";
import type { SentRequest } from "./platforms.ts";
import type { VirtualTime } from "./virtual-time.ts";

/**
 * What a worker may be late in hearing of a stop, ms: it knows the control for five seconds, a read of it may take nine
 * and be a second old, and a claim of its events comes after that.
 */
const GRACE_MS = 30_000;
const WINDOW_MS = 60_000;
/** Requests after which a lane whose every request failed has to be stopped. */
const ENOUGH = 10;

/** Watches how lanes stand and what is sent to them all the same. */
export interface StopJudge extends ControlWitness {
  readonly states: ReadonlySet<LaneControl["state"]>;
  /** Before the request is among `requests`. */
  judge(request: SentRequest): void;
  /**
   * Since when an event's retry window runs on this lane, which is not earlier than the event's own `since`. Of a request
   * whose sender could not read the control: since now.
   */
  windowSince(lane: string, since: number, request?: SentRequest): number;
  judgeEnd(faultsEndAt: number): void;
}

interface Standing {
  control: LaneControl;
  /** True times. */
  changedAt: number;
  stoppedAt: number;
  closedAt: number;
  /** The invocation that has the probe. */
  prober?: string;
}

/** A judge of one run. */
export function createStopJudge({
  fail,
  requests,
  time,
}: {
  readonly fail: (rule: string, what: string) => void;
  readonly requests: readonly SentRequest[];
  readonly time: VirtualTime;
}): StopJudge {
  const lanes = new Map<string, Standing>();
  const states = new Set<LaneControl["state"]>();
  /** True times at which a container's own word about a lane was not heard, or not told. */
  const unheard = new Map<string, number>();

  const containerOf = (invocation: string) => invocation.slice(0, invocation.lastIndexOf("."));

  /** Nothing but a probe goes to a lane that is stopped, and only the worker's who has it. */
  function judgeStopped(request: SentRequest, standing: Standing): void {
    const { control, prober, stoppedAt } = standing;
    if (control.state === "half_open" && request.by === prober) return;
    // Who cannot read the control takes the lane for one that flows.
    const unheardAt = unheard.get(containerOf(request.by)) ?? Number.NEGATIVE_INFINITY;
    if (time.now() < Math.max(stoppedAt, unheardAt) + GRACE_MS) return;
    fail("a stopped lane is left alone", `${control.state} ${request.lane}, by ${request.by}`);
  }

  /** A container whose every request of the last minute failed, and that goes on. */
  function judgeFailing(request: SentRequest): void {
    const from = time.now() - WINDOW_MS;
    const container = containerOf(request.by);
    if ((unheard.get(container) ?? 0) > from || (lanes.get(request.lane)?.changedAt ?? 0) > from) return;
    const mine = requests.filter(
      ({ by, endedAt = 0, events, lane }) =>
        lane === request.lane && containerOf(by) === container && endedAt > from && events.length > 0,
    );
    const settled = mine.filter(({ endedAt = 0 }) => endedAt < time.now() - GRACE_MS / 2);
    if (settled.length < ENOUGH || !mine.every(({ failed }) => failed === true)) return;
    fail("a platform that fails is left alone", `${request.lane}, by ${request.by}`);
  }

  return {
    states,
    controlled(control, by) {
      states.add(control.state);
      const now = time.now();
      const before = lanes.get(control.lane);
      const wasStopped = isStopped(before?.control);
      lanes.set(control.lane, {
        control,
        changedAt: now,
        stoppedAt: wasStopped ? (before?.stoppedAt ?? now) : now,
        closedAt: isStopped(control) ? (before?.closedAt ?? 0) : now,
        ...(control.state === "half_open" ? { prober: by } : {}),
      });
    },
    controlFailed(container) {
      unheard.set(container, time.now());
    },
    judge(request) {
      if (request.events.length === 0) return;
      const standing = lanes.get(request.lane);
      if (standing !== undefined && isStopped(standing.control)) judgeStopped(request, standing);
      else judgeFailing(request);
    },
    windowSince(lane, since, request) {
      const standing = lanes.get(lane);
      const unheardAt = request === undefined ? undefined : unheard.get(containerOf(request.by));
      if (request !== undefined && (unheardAt ?? 0) > request.startedAt - GRACE_MS) return time.now();
      if (standing === undefined) return since;
      return Math.max(since, isStopped(standing.control) ? time.now() : standing.closedAt);
    },
    judgeEnd(faultsEndAt) {
      for (const [lane, { control }] of lanes) {
        if (!isStopped(control)) continue;
        // An access token that was fetched says nothing of whether events pass.
        const last = requests.filter((request) => request.lane === lane && request.events.length > 0).at(-1);
        if (control.state === "paused") fail("who resumes a lane has it flow", lane);
        else if (last !== undefined && last.failed === false && last.sentAt > faultsEndAt) {
          fail("a lane that works is let go", `${lane} is ${control.state}`);
        }
      }
    },
  };
}
