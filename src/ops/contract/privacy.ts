import type { PersonDeletion } from "../../core/destination-catalogue.ts";
import type { ExportAbout, ExportPart } from "../../core/export-document.ts";
import type { PrivacyJob } from "../../core/privacy-job.ts";

/**
 * A person's request for their data as people see it. `file` is there once an export can be fetched; `platforms` are
 * those that an erasure found the person's events meant for, where nothing deletes them but you.
 */
export type PrivacyJobView = Omit<
  PrivacyJob,
  "version" | "person_keys" | "lease_until" | "cursor" | "failures" | "file"
> & {
  readonly file?: Omit<NonNullable<PrivacyJob["file"]>, "key">;
  readonly platforms?: readonly PlatformDeletion[];
};

/** One part of an export. The document is `about` and the items of all parts, by section; `next` is the number of the next part. */
export interface ExportPage {
  readonly about: ExportAbout;
  /** From 0; there is one at least. */
  readonly part: number;
  readonly of: number;
  /** Absent of a part without items, which is all there is when nothing was found. */
  readonly section?: ExportPart["section"];
  readonly items: readonly unknown[];
  readonly next?: number;
}

/** What the platform behind a configured destination offers when a person wants to be forgotten. */
export interface PlatformDeletion extends PersonDeletion {
  readonly lane: string;
  readonly type: string;
  readonly name: string;
}
