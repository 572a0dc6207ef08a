import { IDENTIFIERS, type Identifier } from "./destination.ts";

/**
 * The metrics of the pipeline, by CloudWatch name, with their dimensions. One list for the λs that emit them, the
 * dashboard and alarms that read them, and the detectors. Every new dimension value is a billed series: event names
 * and error codes are log fields, not dimensions.
 */
export const METRICS = {
  /** Events that SQS has and the sender was told `accepted`. */
  EventsAccepted: ["source"],
  /** Events refused at the door, kept in quarantine. */
  EventsRejected: ["source"],
  /** The same, by the field that was wrong: a name of the event contract, or `event` for the whole. */
  EventsRejectedBy: ["field"],
  /** Requests that were answered 429 because their source was over its own limit; a source within it has no series. */
  RequestsThrottled: ["source"],
  /** Copies of an event that was already claimed, or that was in the same request. */
  EventsDuplicate: [],
  /** Those of them that came while their event waited, and added to it. */
  CopiesMerged: [],
  /** Those that would have added something, but came after the wait: a longer window would have them. */
  CopiesLate: [],
  /** What came before its person was erased, and was dropped by enrich. */
  EventsErased: [],
  /** What enrich put into quarantine: refused at the door, or impossible to process. */
  EventsQuarantined: [],
  /** First copies: claimed and fanned out. */
  EventsClaimed: [],
  /** Key events claimed, for the names that the config lists. */
  KeyEvents: ["event_name"],
  /** One per event × destination × outcome: delivered, retry, rejected, unauthorized, skipped, expired. */
  Deliveries: ["destination", "outcome"],
  /** Skipped, by reason code. */
  DeliveriesSkipped: ["destination", "reason"],
  /** Requests made to the platform. */
  DeliveryAttempts: ["destination"],
  /** From `received_at` to the platform's confirmation, ms. */
  DeliveryLatency: ["destination"],
  /** Score of the outgoing event, 0 to 10. */
  MatchQuality: ["destination"],
  /** 1 for each minute in which a lane is open, half open or paused; nothing while it is closed. */
  LaneStopped: ["destination"],
  /** First copies that the archive has. */
  EventsArchived: [],
  /** Differences that no queue, retry or known failure explains, per run of the reconciliation. */
  ReconciliationDifferences: [],
  /** Findings that people are told of, per run: what began, what became critical, and what lasted another day. */
  AnomaliesFound: ["detector"],
  /** 1 per run of the detect λ: its absence is the alarm. */
  Heartbeat: [],
  ...presenceMetrics(),
} as const satisfies Record<string, readonly string[]>;

export type MetricName = keyof typeof METRICS;

type PresenceMetric = `Presence_${Identifier}`;

/**
 * 1 when a claimed event carries the identifier, else 0: the average is the presence rate. A metric for each identifier
 * and not a dimension: values of a dimension need a log line each, metrics share one.
 */
export function presenceMetric(identifier: Identifier): PresenceMetric {
  return `Presence_${identifier}`;
}

function presenceMetrics(): Record<PresenceMetric, readonly []> {
  return Object.fromEntries(IDENTIFIERS.map((identifier) => [presenceMetric(identifier), []])) as unknown as Record<
    PresenceMetric,
    readonly []
  >;
}

/** CloudWatch namespace of one environment. */
export function metricNamespace(environment: string): string {
  return `TrackLayer/${environment}`;
}
