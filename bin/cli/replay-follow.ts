import type { ReplayView } from "../../src/ops/contract/replays.ts";
import type { Cli } from "./cli.ts";
import { type OpsClient, opsPath } from "./ops-client.ts";
import { progressBar } from "./replay-text.ts";
import { readable } from "./shown-text.ts";

/** Between two looks at a replay, ms: it is worked on once a minute, and by whoever started it at first. */
const LOOK_MS = 2000;

/**
 * Shows how far a replay is until it ends, and gives it as it is then. Ctrl-C ends the watching, never the replay, and
 * says how to watch on.
 */
export async function followReplay({ terminal }: Cli, ops: OpsClient, job: ReplayView): Promise<ReplayView> {
  const last = await terminal.untilInterrupted(async (signal) => {
    let current = job;
    while (current.state === "running" && !signal.aborted) {
      terminal.progress(progressBar(readable(current)));
      await terminal.wait(LOOK_MS, signal);
      current = await ops.get<ReplayView>(opsPath("replays", job.id));
    }
    return current;
  });
  terminal.progress("");
  if (last.state === "running") {
    terminal.err(`It goes on by itself. To follow it again: tracklayer replay show ${job.id} --follow`);
    terminal.err(`To stop it: tracklayer replay cancel ${job.id}`);
  }
  return last;
}
