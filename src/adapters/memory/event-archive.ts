import type { ArchivedEvent } from "../../core/archived-event.ts";
import { parseErased } from "../../core/erased-line.ts";
import type { ArchiveObject, ArchiveReader, EventArchive } from "../../pipeline/archive-ports.ts";
import type { ArchiveEraser } from "../../pipeline/privacy-ports.ts";
import { archivePrefix, objectKey } from "../archive-objects.ts";

/** The archive in memory, for tests and simulation: what is put is readable at once. */
export interface MemoryEventArchive extends EventArchive, ArchiveReader, ArchiveEraser {
  /** Everything that was put, in order. */
  events(): ArchivedEvent[];
  /** Puts lines of any kind there, as an object of this moment (epoch ms). */
  plant(at: number, lines: readonly string[]): void;
}

/** An empty archive; `now` (epoch ms) names its objects. */
export function createMemoryEventArchive({ now = () => 0 }: { now?: () => number } = {}): MemoryEventArchive {
  const objects = new Map<string, { object: ArchiveObject; lines: readonly string[] }>();
  let puts = 0;
  const add = (at: number, lines: readonly string[], from: number, to: number) => {
    puts += 1;
    const key = objectKey(archivePrefix(at), at, String(puts).padStart(8, "0"));
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    objects.set(key, { object: { key, bytes, from, to }, lines });
  };
  return {
    async put(events) {
      if (events.length > 0) {
        const times = events.map(({ archived_at: at }) => at);
        add(
          now(),
          events.map((event) => JSON.stringify(event)),
          Math.min(...times),
          Math.max(...times),
        );
      }
      return events.map(() => ({ sent: true, messageId: `memory-${puts}` }));
    },
    async objects(from, to) {
      return [...objects.values()]
        .map(({ object }) => object)
        .filter((object) => object.from < to && object.to >= from)
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    async *lines(key) {
      const stored = objects.get(key);
      // By the name that S3 gives it.
      if (stored === undefined) throw Object.assign(new Error(`no object ${key}`), { name: "NoSuchKey" });
      yield* stored.lines;
    },
    async rewrite(key, lineFor) {
      const stored = objects.get(key);
      if (stored !== undefined) objects.set(key, { ...stored, lines: stored.lines.map(lineFor) });
      return true;
    },
    async removeFolder(prefix) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
      for (const key of keys) objects.delete(key);
      return keys.length;
    },
    events: () =>
      [...objects.values()].flatMap(({ lines }) =>
        lines.flatMap((line) =>
          line.startsWith("{") && parseErased(line) === undefined ? [JSON.parse(line) as ArchivedEvent] : [],
        ),
      ),
    plant: (at, lines) => add(at, lines, at, at),
  };
}
