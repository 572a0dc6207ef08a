import { DAY_MS } from "./durations.ts";

/** What an erasure cannot reach, and for how long after it, ms: it ends there by itself. */
export interface ErasureRemains {
  readonly place: string;
  /** What of the person may be in it. */
  readonly what: string;
  readonly forMs: number;
}

/** How long the stores keep what they have, days; `archiveDays` is 0 without an archive. */
export interface KeptDays {
  readonly archiveDays: number;
  readonly deliveryDays: number;
  readonly quarantineDays: number;
  /** Of what later copies brought to an event. */
  readonly copyDays: number;
}

/** SQS keeps a message for so long, and a dead letter as long again: a redriven one is new. */
const ON_QUEUES_DAYS = 14 + 14;
/** For what AWS deletes late, and for clocks. */
const MARGIN_DAYS = 3;
/** Point-in-time recovery of the tables goes back so far. */
const BACKUP_DAYS = 35;

/** Until nothing from before an erasure can turn up, ms: in the archive, a queue, or quarantine. */
export function tombstoneLife({ archiveDays, quarantineDays }: KeptDays): number {
  return (Math.max(archiveDays, ON_QUEUES_DAYS, quarantineDays) + MARGIN_DAYS) * DAY_MS;
}

/**
 * What stays of somebody who was erased, by the configuration. A claim is found by the archived line of its event: where
 * there is no archive, or its days are over earlier, nothing leads from a person to their claims.
 */
export function erasureRemains(kept: KeptDays): ErasureRemains[] {
  const { archiveDays, copyDays, deliveryDays } = kept;
  const whose = archiveDays === 0 ? "all events" : `events of more than ${archiveDays} days before`;
  const places: readonly (Omit<ErasureRemains, "forMs"> & { readonly days: number })[] = [
    {
      place: "queues and dead-letter queues",
      what: "events that wait there, encrypted; whoever reads one drops it",
      days: ON_QUEUES_DAYS,
    },
    {
      place: "claims",
      what: `of ${whose}: event id, order id, amount, an opaque person id, digests of a device's ids`,
      days: deliveryDays - archiveDays,
    },
    {
      place: "receipts",
      what: `of ${whose}: event id, the platforms' words without the event's own values`,
      // From the last try on, which may be long after the event.
      days: archiveDays < deliveryDays ? deliveryDays : 0,
    },
    {
      place: "later copies of events that waited for them",
      what: `of ${whose}: hashes, name, address, IP address, page; e-mail and phone where a destination takes them in clear`,
      days: copyDays - archiveDays,
    },
    {
      place: "backups of the tables",
      what: "everything, as of a moment before; after restoring one, ask for the erasure again",
      days: BACKUP_DAYS,
    },
    {
      place: "tombstones",
      what: "keyed digests of the identifiers, so that nothing from before is used",
      days: tombstoneLife(kept) / DAY_MS,
    },
  ];
  return places.filter(({ days }) => days > 0).map(({ days, ...it }) => ({ ...it, forMs: days * DAY_MS }));
}
