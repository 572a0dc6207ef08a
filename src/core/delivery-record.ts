import type { ConsentPurpose } from "./consent.ts";
import type { PartialBehaviour } from "./consent-behaviour.ts";
import type { LaneConsent } from "./consent-firewall.ts";
import type { ConsentSeen } from "./consent-seen.ts";
import type { Identifier, SkipCode } from "./destination.ts";
import type { CanonicalEvent } from "./event.ts";
import type { Visitor } from "./event-context.ts";
import type { EventKey } from "./event-key.ts";
import type { MatchQuality } from "./match-quality.ts";
import type { MergeField } from "./merge-fields.ts";
import type { CopyConsent } from "./merged-consent.ts";
import type { MergeableCopy } from "./merged-copies.ts";
import type { DeliveryState } from "./outcome.ts";

/**
 * Shapes of what the `delivery` table holds. One event is one partition:
 *
 * - pk `<dedup_scope>#<event_id>`
 * - sk `<name>#EVENT`: the claim and the story
 * - sk `<name>#DEST#<lane>`: state of one destination
 * - sk `<name>#MERGE`: what later copies add to an event that waits for them
 * - sk `<name>#QUARANTINE`: what was refused at the door
 *
 * where `<name>` is the canonical name, or `custom:<own name>`. The name sits in the sort key so that one query by
 * event id tells the whole story without knowing the name. What is of no event (lanes' controls, jobs, findings, keys ...)
 * is in partitions whose names are in upper case, as no dedup scope's is; docs/architecture.md lists them.
 */
export function partitionKey(key: Pick<EventKey, "dedup_scope" | "event_id">): string {
  return `${key.dedup_scope}#${key.event_id}`;
}

/** First part of every sort key of one event. `#` in a custom name is escaped so that keys cannot be forged. */
export function sortKeyPrefix(key: Pick<EventKey, "event_name" | "custom_name">): string {
  return key.custom_name === undefined ? key.event_name : `custom:${key.custom_name.replaceAll("#", "%23")}`;
}

/** Why one destination gets this event or not, decided once by enrich. */
export interface RoutingDecision {
  lane: string;
  send: boolean;
  /** Present when `send` is false. */
  skip?: { code: SkipCode; detail: string };
  /** `behaviour` is there when the event went out with less than all of it; `rule` is absent in stories of before it was kept. */
  consent: Omit<LaneConsent, "rule"> & Partial<Pick<LaneConsent, "rule">>;
  /** Nobody answered these but a default: the lane sends only if another copy brings a grant in time. */
  awaits?: ConsentPurpose[];
  /** Points, doubts and the version are absent in stories of before they were kept. */
  quality?: Pick<MatchQuality, "score" | "present" | "missing"> & Partial<MatchQuality>;
}

/** What enrich decided about the first copy of an event; stored with the claim and shown by trace. No raw personal data. */
export interface EventStory {
  event_id_origin: CanonicalEvent["event_id_origin"];
  event_time: number;
  received_at: number;
  source: CanonicalEvent["source"];
  order_id?: string;
  value?: string;
  currency?: string;
  /** Identifier kinds the event itself carried. */
  carried: Identifier[];
  /** E-mail or phone that could not be used, and why; never the value. Absent when there was none. */
  problems?: string[];
  /** Where sensitive data was taken out, and of which kind: `page.url?email:email`. Absent when there was none. */
  removed?: string[];
  identity: {
    person_id?: string;
    /** Fields filled from the graph, such as `email_plain` or `fbp`. */
    filled: string[];
    /** What this event taught the graph. */
    learned: string[];
    /** How the person was found, when by no identifier of theirs: `order`, the purchase of the same order; `click`, who came by it. */
    found_by?: "order" | "click";
  };
  /** Absent in stories of before it was kept. */
  consent?: ConsentSeen;
  decisions: RoutingDecision[];
  /** Absent for an event that waits for no other copy. */
  merge?: {
    /** Epoch ms; from then on it goes out with what has come. */
    until: number;
    /** What the first copy had. */
    fields: MergeField[];
    /** Purposes that only a default refused it. */
    undecided: ConsentPurpose[];
    /** Keys in the identity graph of a device that named nobody, for the copy that does; absent where there are none. */
    device_keys?: string[];
    /** Set on a server's copy that names its person, for the copy of a device that does not. */
    names_person?: true;
  };
}

/** A later copy of an event that waited for it: what it brought, without any of the values. */
export interface LaterCopy {
  copy_id: string;
  source: Pick<CanonicalEvent["source"], "id" | "kind">;
  received_at: number;
  /** Of the first copy: after its claim is over an event id may be used anew. */
  first_received_at: number;
  /** What the first copy had not. */
  adds: MergeField[];
  /** What the first copy had and this one is believed about. */
  replaces: MergeField[];
  /** The window was over: it says what it would have added, and nothing of it is kept. */
  late?: true;
  /** Of the first copy and this one together, by lane. */
  qualities: { lane: string; quality: MatchQuality }[];
}

/** What of a later copy some lanes may have, cut as their own messages are. */
export interface CopyView extends MergeableCopy, CopyConsent {
  readonly lanes: readonly string[];
  /** Holds contacts in clear, which these lanes' platforms take. */
  readonly raw: boolean;
}

/** A later copy as one lane reads it. */
export interface LaneCopy extends MergeableCopy, CopyConsent {
  /** Id of the source that sent it. */
  readonly source: string;
  readonly received_at: number;
  readonly first_received_at: number;
  /** Match quality of the first copy and this one together at this lane. */
  readonly score?: number;
}

/** Answer of the claim. */
export interface ClaimResult {
  /** True for the first copy, and again for a redelivery of that same copy. */
  owner: boolean;
  /** The story stored with the first copy (the caller's own when it is the owner and new). */
  story: EventStory;
  /** Distinct copies seen so far, this one included. */
  copies: number;
  /** `received_at` of the first copy. */
  first_received_at: number;
}

/** One call to a platform that this event took part in. */
export interface DeliveryAttempt {
  at: number;
  /** HTTP status, absent when there was no answer. */
  status?: number;
  outcome: DeliveryState;
  reason?: string;
  /** Events in the request. */
  batch: number;
  /** Time from sending to the answer, ms. */
  took_ms: number;
}

/** State of one event at one destination. */
export interface DeliveryRecord {
  key: EventKey;
  lane: string;
  state: DeliveryState;
  /** Latest first is not kept: the first `MAX_STORED_ATTEMPTS - 1` and the last one are. */
  attempts: DeliveryAttempt[];
  attempt_count: number;
  updated_at: number;
  /** Of the last confirmation; set beside another state than `delivered` when a forced replay sent the event again. */
  delivered_at?: number;
  /** Sources whose later copies were in the last request beside the first copy. */
  merged?: string[];
  /** Sources whose later copies the lane knew and had nothing to send of, but for what they say about consent. */
  heard?: string[];
  /** In which form it was in the last request, as the lane decided; absent when that was whole. */
  sent_as?: PartialBehaviour;
  /** Id of the last replay that sent it: what one replay brought to an end it does not take up again. */
  replay?: string;
  skip?: { code: SkipCode; detail: string };
  reason?: string;
}

/** Attempts kept on one record; the item stays under 4 KB however long a platform fails. */
export const MAX_STORED_ATTEMPTS = 8;

/** An event that failed validation, kept as it came. */
export interface QuarantinedEvent {
  dedup_scope: string;
  /** The sender's event id when it was usable, else a generated one. */
  event_id: string;
  event_name: string;
  source: string;
  received_at: number;
  reasons: { field: string; rule: string; got: string }[];
  /** The event as JSON text, cut at 32 KB. */
  raw: string;
  /** Absent in entries of versions before it was kept: those cannot be submitted again. */
  origin?: QuarantineOrigin;
}

/** What of its request the reading of an event goes by: the route's dialect, the sender's clock, and the visitor's opt-out and browser ids. */
export interface QuarantineOrigin {
  /** `queue`: ingest had taken it, and enrich could not process it; `raw` is the message. */
  via: "events" | "segment" | "rudderstack" | "queue";
  /** Epoch ms of the sender's clock when it sent. */
  sent_at?: number;
  visitor?: Visitor;
}
