/** What somebody may ask of all that is kept of a person: that it goes, or a copy of it. */
export type PrivacyKind = "erase" | "export";

/**
 * A person's request as it is stored (pk `PRIVACY#<id>`, sk `JOB`), worked on in slices by whoever holds its lease. It
 * holds digests only, and those only while it needs them.
 */
export interface PrivacyJob {
  readonly id: string;
  /** Goes up with each write; a write names the version that it replaces. */
  readonly version: number;
  readonly kind: PrivacyKind;
  /** Digests of the person's identifiers and of their person ids, as the identity graph keys them. Empty once nothing is to be done with them. */
  readonly person_keys: readonly string[];
  readonly state: "running" | "done" | "failed";
  /** Why it failed, or why its last slice was cut short. Free of personal data. */
  readonly reason?: string;
  readonly by: string;
  /** When it was asked for, epoch ms. */
  readonly created_at: number;
  /** Of an erasure whose first steps took long: until then the graph filled in who was to be erased, epoch ms. */
  readonly graph_used_until?: number;
  readonly updated_at: number;
  /** Epoch ms until which one worker has the job; it may be taken up after that. */
  readonly lease_until: number;
  /** There is nothing to do before, epoch ms: what is on its way into a store has to arrive first. */
  readonly not_before?: number;
  /** The step that is worked on; each kind has its own, in their order. */
  readonly step: string;
  /** Where that step goes on, in its own words; absent at its beginning. */
  readonly cursor?: string;
  /** Slices in a row that came to nothing. */
  readonly failures: number;
  /** What was removed or found, by store. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of an erasure: until when a copy may remain in a queue or a backup, epoch ms. */
  readonly copies_until?: number;
  /** Of an erasure: what stays by the configuration of its day, where, and until when (epoch ms). */
  readonly remains?: readonly { readonly place: string; readonly what: string; readonly until: number }[];
  /** Of an export: the object in the archive's bucket that lists its parts, all of them in one folder (see `exportFolder`), and until when. */
  readonly file?: { readonly key: string; readonly bytes: number; readonly expires_at: number };
}

/** Counts of an erasure's events by the lanes that they were meant for: there the person may have to be deleted as well. */
export function countsByLane(lanes: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const lane of lanes) counts[SENT_TO + lane] = (counts[SENT_TO + lane] ?? 0) + 1;
  return counts;
}

/** The lanes that such counts name. */
export function countedLanes(counts: PrivacyJob["counts"]): string[] {
  return Object.keys(counts).flatMap((name) => (name.startsWith(SENT_TO) ? [name.slice(SENT_TO.length)] : []));
}

const SENT_TO = "sent_to/";

/** Adds what one portion of the work came to. */
export function addPrivacyCounts(
  counts: PrivacyJob["counts"],
  more: Readonly<Record<string, number>>,
): PrivacyJob["counts"] {
  const sum: Record<string, number> = { ...counts };
  for (const [store, count] of Object.entries(more)) sum[store] = (sum[store] ?? 0) + count;
  return sum;
}
