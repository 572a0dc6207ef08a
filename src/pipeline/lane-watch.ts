import { shouldPoll } from "../core/breaker.ts";
import { isStopped, type LaneControl } from "../core/lane-control.ts";
import { errorFields } from "./error-fields.ts";
import type { LaneControlStore, LaneIntakes } from "./lane-control-ports.ts";
import type { MaintenanceTask } from "./maintenance.ts";
import type { Clock, Log, Metrics } from "./ports.ts";

/** What watching lanes needs. */
export interface LaneWatchPorts {
  readonly lanes: readonly string[];
  readonly controls: Pick<LaneControlStore, "read">;
  readonly intakes: LaneIntakes;
  readonly clock: Pick<Clock, "now">;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Sees to it that a stopped lane's queue is not polled, and that every other one's is, whoever switched it: a deployment
 * may turn an intake on, and a run that died may have left one off. The lane's own gate is what holds events back; the
 * intake makes their waiting free. Says each minute which lanes are stopped.
 */
export function createLaneWatch(ports: LaneWatchPorts): MaintenanceTask {
  const { clock, controls, lanes, log, metrics } = ports;
  return {
    name: "lanes",
    async run(deadline) {
      const read = await controls.read(lanes);
      const errors: unknown[] = [];
      for (const [index, lane] of lanes.entries()) {
        const control = read[index];
        if (isStopped(control)) metrics.add("LaneStopped", 1, { destination: lane });
        if (clock.now() >= deadline) {
          errors.push(new Error(`no time for lane ${lane}`));
          continue;
        }
        try {
          await switchIntake(lane, control, ports);
        } catch (error) {
          log.error("the lane's intake could not be switched", { lane, ...errorFields(error) });
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${lanes.length} lanes`);
    },
  };
}

async function switchIntake(
  lane: string,
  control: LaneControl | undefined,
  { clock, intakes, log }: LaneWatchPorts,
): Promise<void> {
  const open = shouldPoll(control, clock.now());
  if ((await intakes.isOpen(lane)) === open) return;
  await intakes.set(lane, open);
  // Told, and not yet done: it takes a while, and while it is busy with an earlier change it does not listen.
  log.info("the lane's intake is told to switch", { lane, on: open, state: control?.state ?? "closed" });
}
