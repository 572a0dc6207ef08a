import type { LaneReadBack } from "../core/quality-read-back.ts";

/** Keeps what platforms say of match quality, the latest of each lane. */
export interface ReadBackStore {
  /** In order; undefined where a lane's platform was never asked. Eventually consistent. */
  read(lanes: readonly string[]): Promise<(LaneReadBack | undefined)[]>;
  /** Takes a lane's turn for `leaseMs`; false when it is not due, or another run has it. */
  take(lane: string, now: number, leaseMs: number): Promise<boolean>;
  /** Replaces what is kept, and ends the turn. */
  save(readBack: LaneReadBack): Promise<void>;
}
