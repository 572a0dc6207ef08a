import type { DeliveryState } from "./outcome.ts";

/** Which archived events to which destinations. All parts must hold; at least one of `event_ids`, `person` and `from` is given. */
export interface ReplaySelection {
  readonly event_ids?: readonly string[];
  /** An identifier of the person, as the sender gave it (e-mail, phone, user id, anonymous id) or a person id. Never stored in clear: see `ReplayJob.person_keys`. */
  readonly person?: string;
  /** `archived_at`, epoch ms: `from` inclusive, `to` exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly sources?: readonly string[];
  readonly event_names?: readonly string[];
  /** Lanes to send to; every configured one when absent. */
  readonly destinations?: readonly string[];
  /** Only where the event's state at the destination is one of these; `pending` is no record at all. */
  readonly outcomes?: readonly DeliveryState[];
}

/** What a replay came to so far. Counts are of event × destination, but for `events`. */
export interface ReplayCounts {
  /** Archived events that the selection found. */
  readonly events: number;
  /** Put on their lane's queue (in a dry run: that would be). */
  readonly sent: number;
  /** Left out because the destination has it already, or may have it: its receipt is too old to be kept, or was never written. */
  readonly delivered_already: number;
  /** Left out because it is older than the platform takes. */
  readonly too_old: number;
  /** Left out by today's configuration, consent, or a withdrawal or erasure since. */
  readonly not_allowed: number;
  /** Left out because it is still on its way. */
  readonly on_its_way: number;
  /** Lines of the archive that could not be read, and events on which the code of today fails. */
  readonly unreadable: number;
}

/** A replay as it is stored (pk `REPLAY#<id>`, sk `JOB`), worked on in slices by whoever holds its lease, and shown. */
export interface ReplayJob {
  readonly id: string;
  readonly version: number;
  readonly selection: Omit<ReplaySelection, "person">;
  /** Digests of the person's identifiers, as the identity graph keys them. */
  readonly person_keys?: readonly string[];
  readonly dry_run: boolean;
  /** Sends even what was delivered. */
  readonly force: boolean;
  /** Events a second over all destinations. */
  readonly pace: number;
  readonly state: "running" | "done" | "cancelled" | "failed";
  readonly reason?: string;
  readonly by: string;
  readonly created_at: number;
  readonly updated_at: number;
  /** Epoch ms until which one worker has the job; it may be taken up after that. */
  readonly lease_until: number;
  /** The object and the line in it to go on with; absent before the first and after the last slice. */
  readonly cursor?: { readonly object: string; readonly line: number };
  /** Archive objects done, of those in range: the progress. */
  readonly progress: { readonly done: number; readonly of: number };
  /** Parts of the archive that are read, by `archived_at` as in the selection; apart from each other, oldest first. */
  readonly windows: readonly { readonly from: number; readonly to: number }[];
  readonly counts: ReplayCounts;
  /** `sent` by lane. */
  readonly by_destination: Readonly<Record<string, number>>;
  /** What it costs in AWS, US dollars at list prices; of a dry run, what the real one would. */
  readonly cost_usd: number;
}
