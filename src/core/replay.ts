import type { ArchivedEvent } from "./archived-event.ts";
import { type ConsentState, withRefusals } from "./consent.ts";
import type { DeliveryRecord } from "./delivery-record.ts";
import { type CanonicalEvent, displayName } from "./event.ts";
import type { DeliveryState } from "./outcome.ts";
import type { ReplayCounts, ReplayJob } from "./replay-job.ts";
import { DEFAULT_RETRY_POLICY, deliveryDeadline } from "./retry.ts";
import type { Lane } from "./routing.ts";
import { withoutRefused } from "./withheld-identifiers.ts";

/** Nothing is counted yet. */
export const NO_COUNTS: ReplayCounts = {
  events: 0,
  sent: 0,
  delivered_already: 0,
  too_old: 0,
  not_allowed: 0,
  on_its_way: 0,
  unreadable: 0,
};

/** What a replay does with one event at one destination; `not_selected` is counted nowhere. */
export type ReplayDecision = "send" | "not_selected" | Exclude<keyof ReplayCounts, "events" | "sent" | "unreadable">;

/** What is known of one event at one destination when a replay comes by. */
export interface ReplayCase {
  readonly archived: ArchivedEvent;
  readonly lane: Lane;
  /** Whether today's configuration and consent let the destination have it. */
  readonly isAllowed: boolean;
  readonly record: DeliveryRecord | undefined;
}

/** What a decision looks at besides the event. All in ms; `now` is epoch ms. */
export interface ReplayTimes {
  readonly now: number;
  readonly retryWindowMs: number;
  /** Life of receipts: of an older event nobody knows whether it was delivered. */
  readonly receiptsMs: number;
}

type ReplayWish = Pick<ReplayJob, "id" | "created_at" | "force" | "selection">;

/** A line of the archive; undefined when it is none that this code reads. */
export function parseArchived(line: string): ArchivedEvent | undefined {
  let parsed: Partial<ArchivedEvent> | null;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || parsed.v !== 1) return undefined;
  const { archived_at, consent, copy_id, decisions, event } = parsed;
  const isWhole =
    typeof archived_at === "number" &&
    typeof copy_id === "string" &&
    typeof consent === "object" &&
    Array.isArray(decisions) &&
    typeof event?.event_id === "string" &&
    typeof event.event_name === "string" &&
    typeof event.source?.dedup_scope === "string" &&
    typeof event.user === "object";
  return isWhole ? (parsed as ArchivedEvent) : undefined;
}

/** Whether the event itself is selected; whose it is and how it fared at its destinations is asked elsewhere. */
export function isSelected(
  archived: ArchivedEvent,
  { selection, windows }: Pick<ReplayJob, "selection" | "windows">,
): boolean {
  const { archived_at: at, event } = archived;
  const { event_ids: ids, event_names: names, sources } = selection;
  return (
    windows.some(({ from, to }) => from <= at && at < to) &&
    (ids === undefined || ids.includes(event.event_id)) &&
    (sources === undefined || sources.includes(event.source.id)) &&
    (names === undefined || namesOf(event).some((name) => names.includes(name)))
  );
}

/** A custom event is found by its own name, with and without `custom:`, and all of them by `custom`. */
function namesOf(event: CanonicalEvent): string[] {
  const own = event.custom_name === undefined ? [] : [`custom:${event.custom_name}`];
  return [event.event_name, displayName(event), ...own];
}

/**
 * The event as it may be used today. A refusal of its time stands, whoever decided it, and so does one that came later;
 * what only a default had granted is for today's configuration to decide.
 */
export function asOfToday({ consent, event }: ArchivedEvent, refused: ConsentState): CanonicalEvent {
  const today = { ...event, consent: withRefusals(consent, refused) };
  return Object.keys(refused).length === 0 ? today : withoutRefused(today);
}

/** Decides about one event at one destination. Pure, and the same for a dry run. */
export function decideReplay(it: ReplayCase, job: ReplayWish, times: ReplayTimes): ReplayDecision {
  const { archived, isAllowed, lane, record } = it;
  const { outcomes } = job.selection;
  if (outcomes !== undefined && !outcomes.includes(stateOf(it))) return "not_selected";
  if (!isAllowed) return "not_allowed";
  const known = knownFate(it, job, times);
  if (known !== undefined) return known;
  if (isOnItsWay(it, times)) return "on_its_way";
  // An attempt without an answer that nobody will take up again: the platform may have counted it.
  if (record?.state === "attempting" && !job.force) return "delivered_already";
  return isTooOld(archived.event, lane, times) ? "too_old" : "send";
}

/** What diagnostics would show: no receipt is `pending`, unless enrich decided that the lane gets nothing. */
function stateOf({ archived, lane, record }: ReplayCase): DeliveryState {
  if (record !== undefined) return record.state;
  return archived.decisions.some((decision) => decision.lane === lane.id && !decision.send) ? "skipped" : "pending";
}

function knownFate(
  { archived, lane, record }: ReplayCase,
  job: ReplayWish,
  times: ReplayTimes,
): ReplayDecision | undefined {
  if (record === undefined) {
    const mayBeForgotten = archived.archived_at + times.receiptsMs <= times.now;
    return mayBeForgotten && !job.force && wasSent(archived, lane) ? "delivered_already" : undefined;
  }
  const isDelivered = record.state === "delivered" || record.delivered_at !== undefined;
  if (isDelivered && (!job.force || record.replay === job.id || record.updated_at > job.created_at)) {
    return "delivered_already";
  }
  // This replay sent it before a crash, or something else dealt with it since: its end is newer than the wish.
  const isEnd = record.state === "rejected" || record.state === "skipped" || record.state === "expired";
  return isEnd && (record.replay === job.id || record.updated_at > job.created_at) ? "on_its_way" : undefined;
}

/** Somewhere on a queue, or about to be: within the lane's window and the longest that a message can be hidden. */
function isOnItsWay({ archived, lane, record }: ReplayCase, { now, retryWindowMs }: ReplayTimes): boolean {
  if (record === undefined) return wasSent(archived, lane) && now < archived.archived_at + retryWindowMs;
  const isWaiting = record.state === "retry" || record.state === "unauthorized" || record.state === "attempting";
  return isWaiting && now < record.updated_at + Math.min(retryWindowMs, 2 * DEFAULT_RETRY_POLICY.longestWaitMs);
}

function wasSent({ decisions }: ArchivedEvent, lane: Lane): boolean {
  return decisions.some((decision) => decision.lane === lane.id && decision.send);
}

function isTooOld(event: CanonicalEvent, { destination, settings }: Lane, { now }: ReplayTimes): boolean {
  const maxAgeMs = destination.limits.maxAgeMs(event, settings);
  const age = { since: now, retryWindowMs: Number.POSITIVE_INFINITY, eventTime: event.event_time, maxAgeMs };
  return now >= deliveryDeadline(age).at;
}

/** How many events are worked on together: few enough that a page takes some seconds at the job's pace. */
export function pageSize(pace: number, lanes: number): number {
  return Math.min(100, Math.max(1, Math.floor((pace * 5) / Math.max(1, lanes))));
}

/** Adds what one page came to. */
export function addCounts(a: ReplayCounts, b: Partial<ReplayCounts>): ReplayCounts {
  const sum: Record<string, number> = {};
  for (const key of Object.keys(NO_COUNTS) as (keyof ReplayCounts)[]) sum[key] = a[key] + (b[key] ?? 0);
  return sum as unknown as ReplayCounts;
}
