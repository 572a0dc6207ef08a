/**
 * How one lane stands, for all of its workers and for people: one item of the delivery table, pk `LANE#<lane>`, sk
 * `CONTROL`. No item means `closed`, and so does an item that cannot be read: losing it must never stop deliveries.
 */
export interface LaneControl {
  readonly lane: string;
  /**
   * - `closed`: events flow.
   * - `open`: the breaker stopped it; nothing is sent before `probe_at`.
   * - `half_open`: one worker may send one request; its answer decides.
   * - `paused`: a person stopped it; only a person starts it again.
   */
  readonly state: "closed" | "open" | "half_open" | "paused";
  /** Goes up with each write; a write names the version that it replaces. */
  readonly version: number;
  /** Epoch ms of the last change of `state`. */
  readonly since: number;
  /** The platform's words, or what the person gave as reason. Free of personal data and secrets. */
  readonly reason: string;
  /** Who paused or resumed; absent where the breaker did it. */
  readonly by?: string;
  /** What opened it: nobody can pass until a person acts, too many requests failed, or the platform asked us to wait. */
  readonly cause?: "unauthorized" | "failures" | "throttled";
  /** Of `open`: when the next probe may go out, epoch ms. */
  readonly probe_at?: number;
  /** Of `half_open`: until when the probe's worker has the lane to itself, epoch ms. */
  readonly probe_until?: number;
  /** Probes that failed since it opened; the waits between them grow with it. */
  readonly failed_probes: number;
  /** When it last left `closed`, epoch ms; absent while it is closed. Probes do not change it, as they do `since`. */
  readonly stopped_at?: number;
  /** No message of the lane was put there before this, epoch ms. From it follows when its queue begins to forget. */
  readonly held_since?: number;
  /** When it last became `closed` again, epoch ms: time that events spent behind a stopped lane does not count against their retry window. */
  readonly resumed_at?: number;
}

/** Lanes whose events wait, by whoever's decision. */
export function isStopped(control: LaneControl | undefined): boolean {
  return control !== undefined && control.state !== "closed";
}

/** Since when a lane flows, is stopped or is paused, epoch ms: probes of a stopped lane change `since`, and not this. */
export function standsSince({ since, state, stopped_at }: LaneControl): number {
  return state === "open" || state === "half_open" ? (stopped_at ?? since) : since;
}
