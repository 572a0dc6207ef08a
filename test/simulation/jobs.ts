import type { MemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { ArchiveReader } from "../../src/pipeline/archive-ports.ts";
import type { Container } from "./container.ts";
import type { FaultShares } from "./fault-plan.ts";
import { tableCall } from "./stores.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A store of jobs of either kind: what they are listed by differs. */
interface Jobs<Job extends { readonly id: string }, Asked extends readonly unknown[]> {
  read(id: string): Promise<Job | undefined>;
  list(...asked: Asked): Promise<Job[]>;
  save(job: Job): Promise<boolean>;
}

/** The store as a container sees it. `saving` is told of each write as it happens, also of one that comes late. */
export function jobsOf<Job extends { readonly id: string }, Asked extends readonly unknown[]>(
  container: Container,
  shares: FaultShares,
  jobs: Jobs<Job, Asked>,
  saving: () => void,
): Jobs<Job, Asked> {
  return {
    read: (id) => tableCall(container, shares, { label: `read ${id}`, effect: () => jobs.read(id) }),
    list: (...asked) => tableCall(container, shares, { label: "list jobs", effect: () => jobs.list(...asked) }),
    save: (job) =>
      tableCall(container, shares, {
        label: `save ${job.id}`,
        effect: () => {
          saving();
          return jobs.save(job);
        },
      }),
  };
}

/** The run of each minute, planned anew for as long as a job is running. Answers what has to be called when there may be one. */
export function minutely(
  time: VirtualTime,
  jobs: { list(options: { state: "running"; limit: number }): Promise<readonly object[]> },
  run: (ended: () => void) => void,
): () => void {
  let isPlanned = false;
  return function goOn() {
    if (isPlanned) return;
    isPlanned = true;
    time.after(MINUTE_MS - (time.now() % MINUTE_MS), async () => {
      const running = await jobs.list({ state: "running", limit: 1 });
      isPlanned = false;
      if (running.length > 0) run(goOn);
    });
  };
}

/** The archive as a container reads it: lines come with the call that opens their object. */
export function archiveReaderOf(container: Container, shares: FaultShares, archive: MemoryEventArchive): ArchiveReader {
  return {
    objects: (from, to) =>
      tableCall(container, shares, { label: "list archive", effect: () => archive.objects(from, to) }),
    async *lines(key) {
      await tableCall(container, shares, { label: "get object", effect: () => key });
      yield* archive.lines(key);
    },
  };
}
