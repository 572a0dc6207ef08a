import type { ArchivedEvent } from "../core/archived-event.ts";
import { erasedLine } from "../core/erased-line.ts";
import { parseArchived } from "../core/replay.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import type { spanOfCopies } from "./archived-copies.ts";
import { linesWhileThere } from "./archived-lines.ts";
import type { ErasedPerson } from "./erased-person.ts";
import type { Clock } from "./ports.ts";
import type { ArchiveEraser } from "./privacy-ports.ts";

interface EraseCopiesDeps {
  readonly archive: ArchiveReader & ArchiveEraser;
  readonly clock: Pick<Clock, "now">;
}

/** Around which object, and how far it is. */
interface Around {
  readonly key: string;
  /** When copies of the person's actions in it were archived. */
  readonly span: ReturnType<typeof spanOfCopies>;
  /** The last object that is done. */
  readonly done: string;
  readonly endsAt: number;
}

/** Times that an object is looked at again which another erasure keeps rewriting. */
const MAX_ROUNDS = 5;

/**
 * Erases copies of the person's actions that name nobody, in the objects of the time in which they were archived: Firehose
 * may part two copies of a second. `left` is the last object that is done where the time was over before all were; one
 * more at least, so that every portion gets further.
 */
export async function eraseCopiesAround(
  { key, span, done, endsAt }: Around,
  person: ErasedPerson,
  deps: EraseCopiesDeps,
): Promise<{ readonly objects: number; readonly events: number; readonly left?: string }> {
  const all = span === undefined ? [] : await deps.archive.objects(span.from, span.to);
  const counts = { objects: 0, events: 0 };
  let last = done;
  for (const object of all) {
    if (object.key === key || object.key <= done) continue;
    if (last !== done && deps.clock.now() >= endsAt) return { ...counts, left: last };
    const erased = await eraseCopiesIn(object.key, person, deps);
    counts.objects += Math.sign(erased);
    counts.events += erased;
    last = object.key;
  }
  return counts;
}

async function eraseCopiesIn(key: string, person: ErasedPerson, { archive }: EraseCopiesDeps): Promise<number> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    let found = 0;
    for await (const text of linesWhileThere(archive, key)) {
      const archived = parseArchived(text);
      if (archived !== undefined && person.hasCopy(archived)) found += 1;
    }
    if (found === 0 || (await eraseLines(key, (archived) => person.hasCopy(archived), archive))) return found;
  }
  throw new Error("an archive object kept changing");
}

/** Puts in the place of some events of an object that they were erased. False when somebody else replaced it meanwhile. */
export function eraseLines(
  key: string,
  isTheirs: (archived: ArchivedEvent) => boolean,
  archive: ArchiveEraser,
): Promise<boolean> {
  return archive.rewrite(key, (line) => {
    const archived = parseArchived(line);
    return archived !== undefined && isTheirs(archived) ? erasedLine(archived) : line;
  });
}
