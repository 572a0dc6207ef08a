/**
 * How a platform lets go of one person: by an API, by hand in its account, after a number of days by itself, not at all
 * because it holds nobody, or in no way that it documents.
 */
export const DELETION_WAYS = ["api", "account", "expiry", "nothing", "undocumented"] as const;
type DeletionWay = (typeof DELETION_WAYS)[number];

/** What a platform offers for the deletion of one person, from its public documentation. Nothing here calls it. */
export interface PersonDeletion {
  readonly by: DeletionWay;
  /** What to call or expect, with its limits, in sentences. Of `undocumented`: what is known all the same. */
  readonly how: string;
  /** What names the person there, in the platform's form; empty where nobody is named. */
  readonly identifiers: readonly string[];
  /** Of `expiry`: how long it keeps what it was sent. */
  readonly afterDays?: number;
  /** Where the platform says so, or where it says nothing and should. */
  readonly docs: string;
}

/** What the catalogue in the README says of a destination, beside what the declaration shows by itself. */
export interface CatalogueEntry {
  /** `beta`: the platform publishes too little to be sure of every answer. */
  readonly status: "stable" | "beta";
  /** By what the platform drops second copies and within which time, as in "event name + event id, 48 h". */
  readonly dedup: string;
  /** Oldest event that the platform takes, as in "7 days; physical stores 62". */
  readonly maxAge: string;
  /** How a test is marked, as in "`test_event_code`"; absent when the platform has no test mode. */
  readonly testMode?: string;
  /** Fields that carry consent or limit the use of data; absent when the platform has none. */
  readonly consentFields?: string;
  /** Why it does with refusals what it does, in one sentence, and where the platform says so unless on its page `docs`. */
  readonly consentRule: { readonly because: string; readonly source?: string };
  /** What the platform offers when a person wants to be forgotten. */
  readonly deletion: PersonDeletion;
  /** The platform's documentation. */
  readonly docs: string;
}
