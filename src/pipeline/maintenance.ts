import { MINUTE_MS } from "../core/durations.ts";
import type { Clock, Log, Metrics } from "./ports.ts";

/** Something that the run of each minute does. */
export interface MaintenanceTask {
  readonly name: string;
  /** Ends well before `deadline` (epoch ms), and goes on in the next run where it stopped. */
  run(deadline: number): Promise<void>;
}

/** What a run works with. */
export interface MaintenanceDeps {
  readonly tasks: readonly MaintenanceTask[];
  /** After those: each may take all the time that is left, so that another one is first in each minute. */
  readonly inTurn?: readonly MaintenanceTask[];
  readonly clock: Pick<Clock, "now">;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Runs every task, one after the other. A task that fails does not keep the others from their turn; its error is thrown
 * in the end, so that the run counts as failed.
 */
export async function maintain(deadline: number, deps: MaintenanceDeps): Promise<void> {
  const { clock, inTurn = [], log, tasks } = deps;
  const errors: unknown[] = [];
  const first = inTurn.length === 0 ? 0 : Math.floor(clock.now() / MINUTE_MS) % inTurn.length;
  const all = [...tasks, ...inTurn.slice(first), ...inTurn.slice(0, first)];
  for (const task of all) {
    try {
      await task.run(deadline);
    } catch (error) {
      log.error("a task failed", { task: task.name, error: error instanceof Error ? error.name : "unknown" });
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${all.length} tasks failed`);
}
