import { close, pause } from "../core/breaker.ts";
import { isStopped, type LaneControl } from "../core/lane-control.ts";
import type { LaneControlStore, LaneIntakes } from "../pipeline/lane-control-ports.ts";
import { OpsRefusal } from "./route.ts";

/** The longest that `delivery.retryHours` may be: for who does not know what it is. */
const LONGEST_WINDOW_MS = 312 * 3_600_000;

/** Workers write the same item now and then: so often it is read again. */
const TRIES = 5;

/** Stops a lane until a person resumes it. */
export interface PauseRequest {
  readonly lane: string;
  /** For whoever wonders later. Free of personal data and secrets. */
  readonly reason: string;
  /** As the audit log names the person. */
  readonly by: string;
  /** Epoch ms. */
  readonly now: number;
  /** `delivery.retryHours` in ms; when it is not given, the lane's queue is polled again sooner than it has to be. */
  readonly retryWindowMs?: number;
}

/** Lets a stopped lane flow, whoever stopped it. */
export interface ResumeRequest {
  readonly lane: string;
  readonly by: string;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Pauses a lane: its workers stop within five seconds, after the requests that they have under way, and its events wait
 * on their queue. Nothing but `resumeLane` starts it again. Refused with 409 when the control changes too fast.
 */
export async function pauseLane(
  request: PauseRequest,
  store: LaneControlStore,
  intakes: LaneIntakes,
): Promise<LaneControl> {
  const { lane, retryWindowMs = LONGEST_WINDOW_MS, ...given } = request;
  const paused = await replace(lane, store, (control) => pause(lane, control, { ...given, retryWindowMs }));
  await atOnce(intakes.set(lane, false));
  return paused;
}

/**
 * Resumes a lane that a person paused or the breaker opened; its events' retry window begins anew. When the cause is
 * still there the breaker opens it again. A lane that flows is left alone.
 */
export async function resumeLane(
  { by, lane, now }: ResumeRequest,
  store: LaneControlStore,
  intakes: LaneIntakes,
): Promise<LaneControl> {
  const resumed = await replace(lane, store, (control) =>
    control !== undefined && isStopped(control) ? close(control, { now, by, reason: "resumed" }) : undefined,
  );
  await atOnce(intakes.set(lane, true));
  return resumed;
}

/** Replaces the control; `next` answers undefined where it may stay. */
async function replace(
  lane: string,
  store: LaneControlStore,
  next: (control: LaneControl | undefined) => LaneControl | undefined,
): Promise<LaneControl> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const [control] = await store.read([lane], { isConsistent: true });
    const wanted = next(control);
    if (wanted === undefined) return control ?? neverStopped(lane);
    if (await store.save(wanted)) return wanted;
  }
  throw new OpsRefusal(409, "lane_busy", `The lane ${lane} is changing too fast.`, "Try again in a few seconds.");
}

function neverStopped(lane: string): LaneControl {
  return { lane, state: "closed", version: 0, since: 0, reason: "never stopped", failed_probes: 0 };
}

/** The control is what counts, and it is stored. An intake that does not hear of it is switched within a minute. */
async function atOnce(switched: Promise<void>): Promise<void> {
  await switched.catch(() => {});
}
