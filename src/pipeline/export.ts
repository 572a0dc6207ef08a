import { EXPORT_VERSION, type ExportManifest, type ExportPart, exportFolder } from "../core/export-document.ts";
import { personKey } from "../core/person-keys.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import type { ContactVaults } from "./contact-vaults.ts";
import { exportEvents } from "./export-events.ts";
import { notSearched, searchedFrom } from "./export-limits.ts";
import type { ExportReads, ExportStore } from "./export-ports.ts";
import { exportQuarantine } from "./export-quarantine.ts";
import { exportRecords } from "./export-records.ts";
import { readExportedPerson } from "./exported-person.ts";
import type { IdentityStore } from "./identity.ts";
import type { Clock, Log } from "./ports.ts";
import type { PrivacyPortion, PrivacyStep } from "./privacy-jobs.ts";
import type { PrivacyJobStore } from "./privacy-ports.ts";
import type { ReplayStore } from "./replay-ports.ts";

/** What exports are collected with. */
export interface ExportDeps {
  readonly exports: ExportStore;
  readonly archive: ArchiveReader;
  readonly reads: ExportReads;
  readonly identities: Pick<IdentityStore, "readPersons" | "readPointers">;
  readonly replays: Pick<ReplayStore, "list">;
  readonly jobs: Pick<PrivacyJobStore, "list">;
  /** Absent: no lane takes contacts in clear. */
  readonly contacts?: ContactVaults;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Those that are configured: whose receipts are read of every event. */
  readonly lanes: readonly string[];
  /** In which user and anonymous ids mean something. */
  readonly scopes: readonly string[];
  readonly defaultCountry?: string;
  readonly archiveDays: number;
  readonly quarantineDays: number;
  /** Life of stories and receipts. */
  readonly deliveryDays: number;
  /** How long an event may be on its way into the archive, ms. */
  readonly settleMs: number;
  /** How long a finished export is kept, ms. */
  readonly keptMs: number;
}

/** Sections that are collected one after the other, each in portions. */
const SOURCES = ["records", "quarantine", "events"] as const;

/** Where the collecting is: what is written so far, and where in which source it goes on. */
interface Place {
  readonly source: (typeof SOURCES)[number];
  /** In the source's own words; absent at its beginning. */
  readonly at?: string;
  readonly parts: readonly string[];
  readonly bytes: number;
}

/** What one portion of a source found. */
export interface ExportFind {
  readonly parts: readonly ExportPart[];
  /** Lines or entries that could not be read. */
  readonly unreadable?: number;
  /** Where it goes on; absent at its end. */
  readonly next?: string;
}

/** The one step of an export. It begins when everything of before the request has reached the archive. */
export function exportStep(deps: ExportDeps): PrivacyStep {
  return {
    name: EXPORT_STEP,
    async portion(job, deadline) {
      const settledAt = job.created_at + deps.settleMs;
      if (deps.clock.now() < settledAt) return { notBefore: settledAt };
      const place = placeOf(job);
      const person = await readExportedPerson(job, deps);
      const found = await FINDERS[place.source](person, { at: place.at, deadline, job }, deps);
      return written(job, place, found, person.ids, deps);
    },
  };
}

/** Its name. */
export const EXPORT_STEP = "collect";

const FINDERS = { records: exportRecords, quarantine: exportQuarantine, events: exportEvents } as const;

/**
 * Stores what a portion found. Names hold the job's version, which one worker has at a time: whoever lost its lease
 * writes under names that nobody reads, and never over what another one wrote.
 */
async function written(
  job: PrivacyJob,
  place: Place,
  { next, parts, unreadable = 0 }: ExportFind,
  personIds: readonly string[],
  deps: ExportDeps,
): Promise<PrivacyPortion> {
  const names: string[] = [];
  const counts: Record<string, number> = unreadable === 0 ? {} : { unreadable };
  let { bytes } = place;
  for (const part of parts.flatMap(inPieces)) {
    const name = `${job.version}-${part.section}-${names.length}.json`;
    const text = JSON.stringify(part);
    await deps.exports.put(exportFolder(job) + name, text);
    names.push(name);
    bytes += Buffer.byteLength(text);
    counts[part.section] = (counts[part.section] ?? 0) + part.items.length;
  }
  const after = [...place.parts, ...names];
  const source = next === undefined ? SOURCES[SOURCES.indexOf(place.source) + 1] : place.source;
  if (source === undefined) return { counts, ...(await finished(job, { parts: after, bytes, personIds }, deps)) };
  const there: Place = { source, parts: after, bytes, ...(next === undefined ? {} : { at: next }) };
  return { counts, cursor: JSON.stringify(there) };
}

/** A part as parts that each fit into an answer of the API, 5.5 MB; a single item always does. None of an empty one. */
function inPieces({ items, section }: ExportPart): ExportPart[] {
  const pieces: unknown[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item));
    if (bytes > room) {
      pieces.push([]);
      room = PART_BYTES;
    }
    pieces.at(-1)?.push(item);
    room -= bytes;
  }
  return pieces.map((piece) => ({ section, items: piece }));
}

/** Where a part is full. */
const PART_BYTES = 2_000_000;

async function finished(
  job: PrivacyJob,
  collected: { readonly parts: readonly string[]; readonly bytes: number; readonly personIds: readonly string[] },
  deps: ExportDeps,
): Promise<PrivacyPortion> {
  const { bytes, parts, personIds } = collected;
  const manifest: ExportManifest = {
    about: {
      version: EXPORT_VERSION,
      id: job.id,
      by: job.by,
      requested_at: job.created_at,
      searched_from: searchedFrom(job, deps),
      person_ids: personIds,
      not_searched: notSearched(deps),
    },
    parts,
  };
  const key = `${exportFolder(job)}${job.version}-manifest.json`;
  const text = JSON.stringify(manifest);
  await deps.exports.put(key, text);
  const expires_at = deps.clock.now() + deps.keptMs;
  // From now on the job only has to be found by whoever erases the person: that takes no identifier of theirs.
  const person_keys = personIds.length > 0 ? personIds.map(personKey) : job.person_keys;
  return { changes: { person_keys, file: { key, bytes: bytes + Buffer.byteLength(text), expires_at } } };
}

function placeOf({ cursor }: PrivacyJob): Place {
  return cursor === undefined ? { source: "records", parts: [], bytes: 0 } : (JSON.parse(cursor) as Place);
}
