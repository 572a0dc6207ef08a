import type { LaneControl } from "../core/lane-control.ts";

/** Where it is kept how lanes stand. */
export interface LaneControlStore {
  /**
   * In order; undefined where there is none, which means `closed`. Batched. Eventually consistent, which costs half,
   * unless `isConsistent`: for who is going to replace what it read.
   */
  read(lanes: readonly string[], options?: { readonly isConsistent?: boolean }): Promise<(LaneControl | undefined)[]>;
  /** Stores it when the stored one still has `control.version - 1` (0: is absent); false means somebody was faster. */
  save(control: LaneControl): Promise<boolean>;
}

/** Whether a lane's queue is polled at all: what waits behind a closed intake costs nothing and is in flight nowhere. */
export interface LaneIntakes {
  isOpen(lane: string): Promise<boolean>;
  set(lane: string, open: boolean): Promise<void>;
}
