import type { ArchiveReader } from "./archive-ports.ts";
import type { Log } from "./ports.ts";

/** The lines of an object. Its days may be over while somebody reads: then it ends there, and `gone` is what it returns. */
export async function* linesWhileThere(
  archive: Pick<ArchiveReader, "lines">,
  key: string,
): AsyncGenerator<string, "whole" | "gone"> {
  try {
    yield* archive.lines(key);
    return "whole";
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "NoSuchKey") throw error;
    return "gone";
  }
}

/** The same for those who tell what they could not read: an object that is gone counts as one line of that kind. */
export async function* linesOf(
  { key }: { readonly key: string },
  { archive, log }: { readonly archive: Pick<ArchiveReader, "lines">; readonly log: Log },
): AsyncGenerator<string> {
  if ((yield* linesWhileThere(archive, key)) === "whole") return;
  log.warn("an archive object is gone", { object: key });
  yield "";
}
