import type { PrivacyJob } from "./privacy-job.ts";

/** Version of the document's shape; it goes up when a reader of the one before would misread it. */
export const EXPORT_VERSION = 1;

/** How long an export is kept: everything of one person in one place, for no longer than fetching it takes. */
export const EXPORT_DAYS = 7;

/** Parts of the document, in their order. Every one is a list; see docs/privacy.md for what is in each. */
export const EXPORT_SECTIONS = ["persons", "identifiers", "events", "quarantine", "replays", "privacy_jobs"] as const;
export type ExportSection = (typeof EXPORT_SECTIONS)[number];

/** What the document says of itself, before its lists. */
export interface ExportAbout {
  readonly version: typeof EXPORT_VERSION;
  readonly id: string;
  readonly by: string;
  /** Epoch ms: what came until then is in it. */
  readonly requested_at: number;
  /** The oldest time of the archive that was searched, epoch ms. */
  readonly searched_from: number;
  /** As the identity graph knows the person, persons merged into it included; empty when it knows nobody by what was given. */
  readonly person_ids: readonly string[];
  readonly not_searched: readonly { readonly place: string; readonly reason: string }[];
}

/** Some items of one section, as they are stored while the document is collected. */
export interface ExportPart {
  readonly section: ExportSection;
  readonly items: readonly unknown[];
}

/** What is written last: the document begins to exist with it. */
export interface ExportManifest {
  readonly about: ExportAbout;
  /** Names of the parts, in their order. */
  readonly parts: readonly string[];
}

/** Everything of one export is below this; it is deleted with it, and by whoever erases the person. */
export function exportFolder({ id }: Pick<PrivacyJob, "id">): string {
  return `exports/${id}/`;
}
