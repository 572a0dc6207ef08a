import { DAY_MS, HOUR_MS } from "../core/durations.ts";

import { added, between, missingBetween, SLOT_MS, type Slots } from "../core/reconciliation.ts";
import type { Counted, CountsReader, QueueDepths } from "./reconcile-ports.ts";

/** What the metrics say about one hour. */
export interface HourCounts {
  readonly accepted: number;
  readonly refused: number;
  readonly claimed: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly dropped_by_queue: number;
  /** Went into the events queue and came out nowhere, and no queue holds them. */
  readonly missing: number;
  /** What enrich says the archive took. */
  readonly archived: number;
  /** Claimed and never given to the archive. */
  readonly notArchived: number;
  /** Nothing was claimed in the hour or the day before it, so there is nothing to look for. */
  readonly isIdle: boolean;
}

const IDLE: HourCounts = {
  accepted: 0,
  refused: 0,
  claimed: 0,
  duplicates: 0,
  quarantined: 0,
  dropped_by_queue: 0,
  missing: 0,
  archived: 0,
  notArchived: 0,
  isIdle: true,
};

/** Where counts come from, and of which sources. */
export interface CountsScope {
  readonly counts: CountsReader;
  readonly depths: Pick<QueueDepths, "events">;
  readonly sources: readonly string[];
}

/**
 * All counts that any of the given hours needs, in one reading. Each series costs, so that one is asked for first: when
 * nothing was claimed for over a day, either nothing came, or the silence alarm tells.
 */
export async function readCounts(
  hours: readonly number[],
  now: number,
  { counts, depths, sources }: CountsScope,
): Promise<(hour: number, missingBefore: number) => HourCounts> {
  // The last slot is not over, and CloudWatch has the lines of the one before it only by and by.
  const until = Math.floor(now / SLOT_MS) * SLOT_MS - SLOT_MS;
  const from = Math.min(...hours) - DAY_MS - SLOT_MS;
  const [claims] = await counts.counts([{ metric: "EventsClaimed" }], from, until);
  if (claims === undefined || claims.size === 0) return () => IDLE;
  // Before the metrics: what leaves the queue in between is then counted once more, and not missed.
  const onQueue = await depths.events();
  const ofEach = (metric: "EventsAccepted" | "EventsRejected") =>
    sources.map((source): Counted => ({ metric, dimensions: { source } }));
  const wanted: readonly Counted[] = [
    ...ofEach("EventsAccepted"),
    ...ofEach("EventsRejected"),
    { metric: "EventsClaimed" },
    { metric: "EventsDuplicate" },
    { metric: "EventsQuarantined" },
    { metric: "EventsErased" },
    { metric: "dropped_by_events_queue" },
    { metric: "EventsArchived" },
  ];
  const slots = await counts.counts(wanted, from, until);
  const taken = added(slots.slice(0, sources.length));
  const refused = added(slots.slice(sources.length, 2 * sources.length));
  const [claimed, duplicates, quarantined, erased, dropped, archived] = slots.slice(2 * sources.length) as [
    Slots,
    Slots,
    Slots,
    Slots,
    Slots,
    Slots,
  ];
  const flow = { into: added([taken, refused]), outOf: added([claimed, duplicates, quarantined, erased, dropped]) };

  return (hour, missingBefore) => {
    const end = hour + HOUR_MS;
    const sum = (it: Slots) => between(it, hour, end);
    const since = archivedSince(archived, hour);
    // An hour shows a loss that is large or comes at a quiet time; a day shows also one that is small all the time.
    const inHour = missingBetween(flow, hour, end, until);
    const inDay = missingBetween(flow, end - DAY_MS, end, until) - missingBefore;
    return {
      accepted: sum(taken),
      refused: sum(refused),
      claimed: sum(claimed),
      duplicates: sum(duplicates),
      quarantined: sum(quarantined),
      dropped_by_queue: sum(dropped),
      missing: Math.max(0, Math.max(inHour, inDay) - onQueue),
      isIdle: false,
      archived: sum(archived),
      notArchived: Math.max(0, between(claimed, since, end) - between(archived, since, end)),
    };
  };
}

/**
 * From when on every claimed event must have been archived: within the hour, from the slot after the first that
 * archived anything. A deployment that turns the archive on does so between two events.
 */
function archivedSince(archived: Slots, hour: number): number {
  const first = Math.min(...archived.keys());
  return Number.isFinite(first) && first >= hour ? first + SLOT_MS : hour;
}
