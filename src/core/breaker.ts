import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./durations.ts";
import type { LaneControl } from "./lane-control.ts";
import { present } from "./present.ts";

/** Requests are counted over this time, in each container for itself. */
const WINDOW_MS = MINUTE_MS;
/** Under this many requests a share says nothing: a quiet lane's few failures are what retries are for. */
const FEWEST_REQUESTS = 10;
const FAILURE_SHARE = 0.5;

const FIRST_WAIT_MS = 30 * SECOND_MS;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;

/** Asked to wait for longer than this, a lane stops at once. A shorter wait is a matter of the events concerned. */
const ASKED_TO_STOP_MS = MINUTE_MS;
/** A platform that asks for more is asked again all the same, with one request; events of their own wait as told. */
const LONGEST_ASKED_MS = HOUR_MS;

/** The intake is looked at each minute: one that will be needed before the next look stays on. */
const NEXT_LOOK_MS = MINUTE_MS;

/** A queue forgets after 14 days. From here on what it holds is looked at, so that it can be dead-lettered before. */
const FORGETS_SOON_MS = 12 * DAY_MS;

/** What one request says about the platform, whatever became of its events. */
export type RequestResult =
  /** It answered, be it with a refusal of what was sent: that is the platform at work. */
  | { readonly kind: "passed" }
  | {
      readonly kind: "failed";
      readonly reason: string;
      /** It said that it has too much to do (429, 503). */
      readonly isThrottled?: boolean;
      /** `Retry-After`, ms. */
      readonly afterMs?: number;
    }
  /** Nobody can pass: refused for its credentials, which are as new as they get. */
  | { readonly kind: "unauthorized"; readonly reason: string };

/** A request that ended at this time, epoch ms. */
export interface CountedRequest {
  readonly at: number;
  readonly failed: boolean;
}

/** The requests of the last minute with one more, leaving out those from before the lane was closed the last time. */
export function countRequest(
  window: readonly CountedRequest[],
  request: CountedRequest,
  closedAt = 0,
): CountedRequest[] {
  const from = Math.max(request.at - WINDOW_MS, closedAt);
  // A clock that was set back leaves requests of the future behind: they would be counted for too long.
  return [...window.filter(({ at }) => at > from && at <= request.at), request];
}

/** Why a lane is to be stopped after this result, the last one of `window`; undefined when it is not. */
export function causeToStop(window: readonly CountedRequest[], result: RequestResult): LaneControl["cause"] {
  if (result.kind === "passed") return undefined;
  if (result.kind === "unauthorized") return "unauthorized";
  if (result.isThrottled === true && (result.afterMs ?? 0) > ASKED_TO_STOP_MS) return "throttled";
  const failed = window.filter((request) => request.failed).length;
  return window.length >= FEWEST_REQUESTS && failed >= FAILURE_SHARE * window.length ? "failures" : undefined;
}

/** What a lane lets out now: everything, one request that decides, or nothing. */
export type Admission = "all" | "probe" | "none";

/** Whether `now` is the time for requests, as far as this version of the control says. */
export function admission(control: LaneControl | undefined, now: number): Admission {
  if (control === undefined || control.state === "closed") return "all";
  if (control.state === "paused") return "none";
  // A probe whose worker died is nobody's: after its time the next one has its turn.
  const until = control.state === "open" ? control.probe_at : control.probe_until;
  return now >= (until ?? 0) ? "probe" : "none";
}

/**
 * Whether the lane's queue is to be polled until the next look, a minute on. A stopped lane's is not, and then what
 * waits there costs nothing; but for a probe, and when its oldest message may soon be forgotten.
 */
export function shouldPoll(control: LaneControl | undefined, now: number): boolean {
  if (control === undefined || admission(control, now + NEXT_LOOK_MS) !== "none") return true;
  if (control.state === "half_open") return true;
  return control.held_since !== undefined && now >= control.held_since + FORGETS_SOON_MS;
}

/** What a lane is stopped by. */
export interface Stop {
  readonly now: number;
  /** How long an event may be tried for, ms: nothing older is on a lane that was never stopped. */
  readonly retryWindowMs: number;
  readonly reason: string;
}

/** The control that replaces a closed one when the breaker stops its lane. */
export function stop(
  lane: string,
  control: LaneControl | undefined,
  { cause, afterMs, ...given }: Stop & { readonly cause: NonNullable<LaneControl["cause"]>; readonly afterMs?: number },
): LaneControl {
  return {
    ...newlyStopped(lane, control, given),
    state: "open",
    cause,
    probe_at: given.now + probeWaitMs(0, afterMs),
  };
}

/** The control that replaces any other when a person pauses the lane. */
export function pause(
  lane: string,
  control: LaneControl | undefined,
  { by, ...given }: Stop & { readonly by: string },
): LaneControl {
  const { stopped_at, held_since, failed_probes = 0 } = control ?? {};
  const fresh = newlyStopped(lane, control, given);
  const kept = stopped_at === undefined ? fresh : { ...fresh, stopped_at, ...present({ held_since }) };
  return { ...kept, failed_probes, state: "paused", by };
}

/** The control of a lane whose probe is under way, until its worker cannot be alive any more. */
export function probe(control: LaneControl, now: number, leaseMs: number): LaneControl {
  const { probe_at: _, ...kept } = control;
  return { ...kept, state: "half_open", version: control.version + 1, since: now, probe_until: now + leaseMs };
}

/** The control after a probe. A failure makes the next wait longer, and says why last. */
export function afterProbe(control: LaneControl, result: RequestResult, now: number): LaneControl {
  if (result.kind === "passed") return close(control, { now, reason: "a probe passed" });
  const { probe_until: _, ...kept } = control;
  const failed_probes = control.failed_probes + 1;
  const cause = causeToStop([], result) ?? "failures";
  const afterMs = result.kind === "failed" ? result.afterMs : undefined;
  return {
    ...kept,
    state: "open",
    version: control.version + 1,
    since: now,
    reason: result.reason,
    cause,
    failed_probes,
    probe_at: now + probeWaitMs(failed_probes, afterMs),
  };
}

/** The control after a probe for which there was nothing to send after all: the next one has its turn. */
export function withoutResult(control: LaneControl, now: number): LaneControl {
  const { probe_until: _, ...kept } = control;
  return { ...kept, state: "open", version: control.version + 1, since: now, probe_at: now };
}

/** The control of a lane that flows again, by a probe or by a person. */
export function close(
  control: LaneControl,
  { by, now, reason }: { readonly now: number; readonly reason: string; readonly by?: string },
): LaneControl {
  const { lane, held_since, version } = control;
  return {
    lane,
    state: "closed",
    version: version + 1,
    since: now,
    reason,
    failed_probes: 0,
    resumed_at: now,
    ...present({ by, held_since }),
  };
}

/** How long a stopped lane waits for its next probe: doubles, and is no shorter than what the platform asked for. */
export function probeWaitMs(failedProbes: number, afterMs = 0): number {
  const asked = Number.isNaN(afterMs) ? 0 : Math.min(Math.max(0, afterMs), LONGEST_ASKED_MS);
  return Math.max(asked, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failedProbes, 10)));
}

/**
 * What a control says of a lane that flowed until now, whoever stopped it. Nothing on it is older than its retry window,
 * unless it was resumed lately.
 */
function newlyStopped(lane: string, control: LaneControl | undefined, { now, reason, retryWindowMs }: Stop) {
  const { held_since, resumed_at, version = 0 } = control ?? {};
  // Resumed lately, it may still hold what waited then: that got a window anew.
  const stillHolds = resumed_at !== undefined && now < resumed_at + retryWindowMs;
  const oldest = now - retryWindowMs;
  return {
    lane,
    version: version + 1,
    since: now,
    reason,
    failed_probes: 0,
    stopped_at: now,
    held_since: stillHolds && held_since !== undefined ? Math.min(held_since, oldest) : oldest,
    ...present({ resumed_at }),
  };
}
