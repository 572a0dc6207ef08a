import { open, stat } from "node:fs/promises";
import { type ArchivedEvent, archivedLineId } from "../../src/core/archived-event.ts";
import { EXPORT_SECTIONS, type ExportAbout, type ExportSection } from "../../src/core/export-document.ts";
import type { ExportPage } from "../../src/ops/contract/privacy.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { type OpsClient, opsPath } from "./ops-client.ts";

/** An export as people get it: what it says of itself, then its lists. */
export type ExportDocument = ExportAbout & Readonly<Record<ExportSection, readonly unknown[]>>;

/** Fetches every part of a finished export; each is written to the audit log. */
export async function fetchExport(ops: OpsClient, id: string): Promise<ExportDocument> {
  const lists = Object.fromEntries(EXPORT_SECTIONS.map((section) => [section, [] as unknown[]]));
  const seen = new Set<string>();
  for (let part: number | undefined = 0; ; ) {
    const page: ExportPage = await ops.get<ExportPage>(opsPath("privacy", "exports", id), { part, personal: true });
    if (page.section !== undefined) lists[page.section]?.push(...newItems(page, seen));
    if (page.next === undefined) return { ...page.about, ...lists } as ExportDocument;
    part = page.next;
  }
}

/** After a crash the archive holds an event twice, and two parts may have one each. */
function newItems({ items, section }: ExportPage, seen: Set<string>): readonly unknown[] {
  if (section !== "events") return items;
  return items.filter((item) => {
    const id = archivedLineId((item as { readonly archived: ArchivedEvent }).archived);
    return !seen.has(id) && seen.add(id);
  });
}

/** Refuses a path at which there is something. */
export async function expectNoFile(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw isThereAlready(path);
}

function isThereAlready(path: string): CliError {
  return new CliError(`${path} is there already.`, EXIT.failed, "Say another --output.");
}

/** Writes a new file that only its owner reads. One that is there stays: it may be open to others, or be another person's. */
export async function writeOwnFile(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw isThereAlready(path);
    throw new CliError(`${path} cannot be written: ${error.code ?? error.message}.`, EXIT.failed);
  });
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
