import type { ArchivedEvent } from "../core/archived-event.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import type { PartialBehaviour } from "../core/consent-behaviour.ts";
import type { ClaimResult, DeliveryAttempt, LaterCopy, RoutingDecision } from "../core/delivery-record.ts";
import type { Identifier, PersonDeletion, SkipReason } from "../core/destination.ts";
import type { CampaignTouch } from "../core/event.ts";
import type { Explanation } from "../core/explanation.ts";
import type { ExportAbout, ExportPart } from "../core/export-document.ts";
import type { Finding } from "../core/finding.ts";
import type { LaneControl } from "../core/lane-control.ts";
import type { DeliveryState } from "../core/outcome.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import type { LaneReadBack } from "../core/quality-read-back.ts";
import type { QualityRow } from "../core/quality-rollup.ts";
import type { ReconciledHour } from "../core/reconciliation.ts";
import type { ReplayCounts, ReplayJob } from "../core/replay-job.ts";
import type { SensitiveCell } from "../core/sensitive-rollup.ts";
import type { Suspicion } from "../core/suspect-identifiers.ts";

/**
 * What the ops API answers, as JSON. Times are epoch ms. Personal data is masked unless the request says
 * `personal=true` and its key has the permission `personal`; then the reading is in the audit log.
 */

/**
 * What an ops key may do. `read`: look, masked. `operate`: pause, resume, replay, redrive, submit again. `personal`:
 * see personal data in clear. `admin`: make and revoke keys.
 */
export const OPS_PERMISSIONS = ["read", "operate", "personal", "admin"] as const;
export type OpsPermission = (typeof OPS_PERMISSIONS)[number];

/** A page of a list. `next` is given back as `cursor`; absent at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** Of `GET /v1/ops/events`: how far back this page has looked, for lists that are found by searching the archive. */
export interface EventPage extends Page<EventRow> {
  /** Everything archived since then has been looked at, epoch ms; a page may be empty and still have a `next`. */
  readonly searched_to?: number;
  /** What came within this time may not be in the archive yet; it is found by its event id or its order id at once. */
  readonly archive_lag_seconds?: number;
  /** Lines of the archive that could not be read. */
  readonly unreadable?: number;
}

/** One line of a list of events. */
export interface EventRow {
  readonly event_id: string;
  readonly dedup_scope: string;
  /** Canonical name, or `custom:<own name>`. */
  readonly name: string;
  readonly event_time: number;
  readonly received_at: number;
  readonly source: string;
  readonly order_id?: string;
  readonly value?: string;
  readonly currency?: string;
  readonly person_id?: string;
  readonly destinations: readonly { readonly lane: string; readonly state: DeliveryState; readonly reason?: string }[];
  /** It was refused at the door. */
  readonly quarantined?: true;
}

/** One destination's part of an event's story. */
export interface DeliveryStory {
  readonly lane: string;
  readonly state: DeliveryState;
  readonly decision?: RoutingDecision;
  readonly attempts: readonly DeliveryAttempt[];
  readonly attempt_count: number;
  readonly updated_at?: number;
  readonly delivered_at?: number;
  /** Sources whose later copies were in the last request beside the first one. */
  readonly merged?: readonly string[];
  /** In which form it was in the last request, where consent did not allow the whole of it. */
  readonly sent_as?: PartialBehaviour;
  /** Id of the last replay that put the event on the lane. */
  readonly replay?: string;
  readonly reason?: string;
  readonly skip?: SkipReason;
  /** Of what is not delivered and not on its way. */
  readonly explanation?: Explanation;
  /** The lane is stopped, since when and why: what is `pending` waits for that. */
  readonly stopped?: Pick<LaneControl, "state" | "since" | "reason" | "by" | "probe_at">;
}

/** Of `GET /v1/ops/events/{event_id}`: one entry for each name and dedup scope that has an event of this id. */
export interface EventStories {
  readonly event_id: string;
  readonly found: boolean;
  readonly events: readonly EventStoryView[];
}

/** All that is known of one event. `story`, `copies` and `first_received_at` are there once enrich has claimed it. */
export interface EventStoryView extends Partial<Omit<ClaimResult, "owner">> {
  readonly event_id: string;
  readonly dedup_scope: string;
  readonly name: string;
  readonly deliveries: readonly DeliveryStory[];
  readonly quarantined?: QuarantineRow;
  /** Later copies that brought something to an event that waited for them, oldest first. */
  readonly later_copies?: readonly LaterCopy[];
  /** `unknown`: there was no time to read all objects that may hold it; `off`: there is no archive. */
  readonly archived: "yes" | "no" | "unknown" | "off";
  /** As it is archived, in clear; only with `personal`. */
  readonly archived_event?: ArchivedEvent;
}

/** How one destination does. Shares are 0 to 1 of the attempts that came to an end in the window. */
export interface DestinationHealth {
  readonly lane: string;
  readonly type: string;
  readonly name: string;
  readonly control?: Pick<LaneControl, "state" | "since" | "reason" | "by" | "cause" | "probe_at">;
  /** Over the window asked for; absent figures were not measured in it. */
  readonly window: { readonly from: number; readonly to: number };
  readonly outcomes: Readonly<Partial<Record<DeliveryState, number>>>;
  readonly success_share?: number;
  /** From `received_at` to the platform's confirmation, ms. */
  readonly latency_p50_ms?: number;
  readonly latency_p95_ms?: number;
  readonly queue?: { readonly waiting: number; readonly in_flight: number; readonly oldest_seconds?: number };
  readonly dead_letters?: number;
  readonly match_quality?: number;
  readonly last_error?: { readonly at: number; readonly state: DeliveryState; readonly reason: string };
  /** `ok`: nothing was refused for its credentials in the window. */
  readonly auth: "ok" | "refused" | "not_needed" | "unknown";
  /** Days until the platform's API version ends, when that is known. */
  readonly version_ends_in_days?: number;
  readonly test_mode: boolean;
  /** Named exceptions by which it gets more than its declaration lets through; absent when there are none. */
  readonly consent_overrides?: readonly { readonly name: string; readonly because: string }[];
  /** Sources of figures that did not answer: what comes from them is absent. */
  readonly unavailable?: readonly ("metrics" | "queue" | "control" | "failures")[];
}

/** Failures of one destination that have one cause. */
export interface FailureGroup {
  readonly lane: string;
  readonly state: DeliveryState;
  /** What the failures have in common: the platform's words without ids and numbers that differ. */
  readonly cause: string;
  readonly events: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly explanation: Explanation;
  readonly samples: readonly {
    readonly event_id: string;
    readonly dedup_scope: string;
    readonly name: string;
    readonly at: number;
  }[];
}

/** Of `GET /v1/ops/failures`, most events first. */
export interface FailureList {
  readonly items: readonly FailureGroup[];
  /** Failed deliveries that were looked at. */
  readonly read: number;
  /** There are older ones that were not looked at: ask for one lane or a shorter time. */
  readonly truncated: boolean;
}

/** A refused event. `raw` is the event as it came, only with `personal`. */
export interface QuarantineRow {
  readonly dedup_scope: string;
  readonly event_id: string;
  readonly event_name: string;
  readonly source: string;
  readonly received_at: number;
  /** `got` tells kind and size, never the value. */
  readonly reasons: readonly { readonly field: string; readonly rule: string; readonly got: string }[];
  readonly raw?: string;
  /** Why it cannot be submitted again, whatever is mended; absent when it can. */
  readonly not_resubmittable?: string;
}

/** What became of quarantined events that were submitted again under the configuration and code of now. */
export interface ResubmitResult {
  /** On the events queue and out of quarantine; in a dry run: what would be. */
  readonly accepted: number;
  /** Under the reasons of now, or with `not_resubmittable`. */
  readonly still_refused: readonly QuarantineRow[];
  /** The events queue did not take these: still in quarantine, to be tried again. */
  readonly unavailable: number;
  /** Nothing to deliver in them under the code of now, such as RudderStack's `record`; still in quarantine. */
  readonly ignored: number;
  readonly dry_run: boolean;
  /** There are more: given back as `cursor`. */
  readonly next?: string;
}

/** An anomaly that a detector found, newest first. */
export interface FindingRow extends Finding {
  /** Epoch ms of the run that found it first. */
  readonly found_at: number;
}

/** What the identity graph knows of one person. Values are there with `personal` only, hashes cut short even then. */
export interface IdentityView {
  readonly found: boolean;
  readonly person?: PersonView;
  /** How the identifier asked for is known: its kinds, the person each leads to, and with how many others each was seen. */
  readonly matched: readonly {
    readonly kind: string;
    readonly person_id: string;
    readonly seen_with: number;
    /** It finds and joins nobody any more. */
    readonly blocked: boolean;
    /** Why: it was seen with more other persons, e-mails or phones than one person's identifier is. */
    readonly suspect?: Suspicion;
    readonly expires_at: number;
  }[];
}

/** One person. */
export interface PersonView {
  readonly person_id: string;
  /** The person id asked for, when that person turned out to be this one. */
  readonly merged_from?: string;
  readonly created_at: number;
  readonly expires_at: number;
  /** Named persons that turned out to be this one. */
  readonly merges: number;
  /** The newest merges, visitors without a name among them: the event, and the two identifiers that stood in it. */
  readonly merged: readonly {
    readonly person_id: string;
    readonly at: number;
    readonly event_id: string;
    readonly joined_by: readonly string[];
  }[];
  /** Persons that were taken out again, and are never joined with this one. */
  readonly kept_apart: readonly string[];
  /** `value` is masked, or in clear with `personal`; that of a hash is its beginning. */
  readonly identifiers: readonly { readonly kind: string; readonly value: string; readonly scope?: string }[];
  /** What was last said, by dedup scope and by who said it: the person by name, or whoever sat at a device of theirs. */
  readonly consent: readonly {
    readonly scope: string;
    readonly said_by: "named" | "anonymous";
    readonly purpose: string;
    readonly value: string;
    readonly at: number;
    /** Companies that the consent string which granted this left out. */
    readonly except?: readonly string[];
  }[];
  /** The first and the last visit through a campaign, by dedup scope; see `CampaignTouch`. */
  readonly campaigns: readonly ({
    readonly scope: string;
    readonly touch: "first" | "last";
  } & Readonly<CampaignTouch>)[];
}

/** What taking a person out of another one changed. `pointers` counts the identifiers that lead to the person again. */
export interface IdentitySplit {
  readonly person_id: string;
  readonly split_id: string;
  readonly pointers: number;
}

/** Match quality in a window, and of one event where it is asked for. Absent figures were not measured. */
export interface QualityView {
  readonly window: { readonly from: number; readonly to: number };
  /** Score, 0 to 10, of what was sent, and of how many events. */
  readonly destinations: readonly {
    readonly lane: string;
    readonly score?: number;
    readonly events: number;
    /** What the platform said last of its own score, where it is asked. */
    readonly platform?: Omit<LaneReadBack, "lane" | "next_at">;
  }[];
  /** By source, event and destination, of whole hours that the reconciliation has read. Absent unless asked for. */
  readonly report?: {
    /** False where the archive is turned off: nothing is added up then. */
    readonly available: boolean;
    /** Hours in it; younger ones and those of other versions of the rules are not. */
    readonly hours: number;
    readonly version: number;
    readonly rows: readonly QualityRow[];
  };
  /** Share of the first copies, 0 to 1, that carried the identifier themselves. */
  readonly presence: Readonly<Partial<Record<Identifier, number>>>;
  readonly events: readonly {
    readonly event_id: string;
    readonly dedup_scope: string;
    readonly name: string;
    readonly carried: readonly Identifier[];
    readonly destinations: readonly ({ readonly lane: string } & NonNullable<RoutingDecision["quality"]>)[];
  }[];
}

/** One queue of given-up messages. */
export interface DeadLetterRow {
  readonly queue: string;
  /** Absent for the events queue's own. */
  readonly lane?: string;
  readonly messages: number;
  readonly oldest_seconds?: number;
  /** A redrive that is under way. */
  readonly redriving?: { readonly moved: number; readonly of?: number };
}

/** A given-up message. `body` is there only with `personal`; of a body that nobody can read there is no event. */
export interface DeadLetterMessage {
  readonly message_id: string;
  /** When it was put on its first queue, epoch ms. */
  readonly sent_at: number;
  /** Why it was given up, where a lane put it there itself. */
  readonly reason?: string;
  readonly event_id?: string;
  readonly event_name?: string;
  readonly source?: string;
  readonly body?: string;
}

/** A replay as people see it. */
export type ReplayView = Omit<ReplayJob, "version" | "person_keys" | "windows" | "lease_until" | "cursor"> & {
  readonly counts: ReplayCounts;
};

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

/** An ops key; the key itself is shown once, when it is made, and only its digest is kept. */
export interface OpsKeyView {
  readonly id: string;
  readonly label: string;
  readonly permissions: readonly OpsPermission[];
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at?: number;
  readonly last_used_day?: string;
}

/** A new ops key: `key` is shown in this answer only. */
export interface CreatedOpsKey extends OpsKeyView {
  readonly key: string;
}

/** Whether the audit log is whole. */
export type AuditVerdict =
  | { readonly intact: true; readonly entries: number; readonly last?: AuditEntry }
  | { readonly intact: false; readonly broken_at: number; readonly problem: string };

/** A step that a log told, newest last. */
export interface TailLine {
  readonly at: number;
  readonly service: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** One hour's account of each hop against the next, as the reconciliation keeps it. */
export type ReconciliationHour = Omit<ReconciledHour, "quality" | "sensitive">;

/** What was taken out of events as sensitive over whole hours, where, and what to mend; the most frequent first. */
export interface SensitiveReport {
  /** False where the archive is turned off: nothing is added up then. */
  readonly available: boolean;
  /** Hours in it; the reconciliation has not read younger ones yet. */
  readonly hours: number;
  readonly items: readonly (SensitiveCell & { readonly todo: string })[];
}

/** An error of the API: a code for programs, a sentence for people, and what to do where that is known. */
export interface OpsError {
  readonly error: string;
  readonly message: string;
  readonly todo?: string;
  readonly request_id: string;
}
