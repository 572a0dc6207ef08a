import type { ReplayJob } from "../core/replay-job.ts";
import type { MaintenanceTask } from "./maintenance.ts";
import type { Clock } from "./ports.ts";
import { type ReplayDeps, runReplaySlice } from "./replay.ts";
import type { ReplayStore } from "./replay-ports.ts";

/** Jobs that are looked at in one run. */
const MOST_JOBS = 50;
/** Rounds of trying again after the job's worker wrote its progress. */
const CANCEL_ROUNDS = 10;

/** Gives every running replay a slice of the time that the run has left, the oldest first. */
export function replayTask(deps: ReplayDeps): MaintenanceTask {
  return {
    name: "replays",
    async run(deadline) {
      const jobs = (await deps.replays.list({ state: "running", limit: MOST_JOBS })).toReversed();
      for (const [index, job] of jobs.entries()) {
        const left = deadline - deps.clock.now();
        if (left <= 0) return;
        await runReplaySlice(job, deps.clock.now() + left / (jobs.length - index), deps);
      }
    },
  };
}

/** Ends a running job; what it put on the lanes stays there. Answers it as it then is, undefined when there is none. */
export async function cancelReplay(
  id: string,
  by: string,
  { clock, replays }: { readonly replays: ReplayStore; readonly clock: Pick<Clock, "now"> },
): Promise<ReplayJob | undefined> {
  for (let round = 0; round < CANCEL_ROUNDS; round += 1) {
    const job = await replays.read(id);
    if (job === undefined || job.state !== "running") return job;
    const changes = { state: "cancelled", reason: `cancelled by ${by}`, lease_until: 0 } as const;
    const cancelled = { ...job, ...changes, version: job.version + 1, updated_at: clock.now() };
    if (await replays.save(cancelled)) return cancelled;
  }
  throw new Error("the replay kept changing");
}
