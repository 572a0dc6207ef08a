import { DAY_MS, MINUTE_MS } from "../core/durations.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import type { TombstoneReader } from "./erasures.ts";
import type { MaintenanceTask } from "./maintenance.ts";
import type { Clock } from "./ports.ts";
import type { ArchiveEraser } from "./privacy-ports.ts";

/** What deletes objects that S3 takes for younger than they are. */
export interface ArchiveAgeDeps {
  readonly archive: Pick<ArchiveReader, "objects"> & Pick<ArchiveEraser, "removeFolder">;
  readonly tombstones: Pick<TombstoneReader, "head">;
  readonly clock: Pick<Clock, "now">;
  readonly archiveDays: number;
}

/** Once a day, in UTC, when little else goes on: minutes of the day. */
const AT_MINUTE = 3 * 60;

/**
 * Keeps the archive's promise of how long events stay. S3 counts an object's days from its last writing, and an erasure
 * writes objects again: what is past its days by its name goes here. There is nothing to do unless somebody was erased
 * within those days, which one read a day tells.
 */
export function archiveAgeTask({ archive, archiveDays, clock, tombstones }: ArchiveAgeDeps): MaintenanceTask {
  return {
    name: "archive age",
    async run(deadline) {
      const now = clock.now();
      if (Math.floor((now % DAY_MS) / MINUTE_MS) !== AT_MINUTE || (await tombstones.head()) === undefined) return;
      // A day for S3, which deletes late itself.
      const end = now - (archiveDays + 1) * DAY_MS;
      const objects = await archive.objects(end - archiveDays * DAY_MS, end);
      for (const { key, to } of objects) {
        // The rest is found again tomorrow.
        if (clock.now() >= deadline) return;
        if (to < end) await archive.removeFolder(key);
      }
    },
  };
}
