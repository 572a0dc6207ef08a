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
  /** Copies of an event that was already claimed. */
  EventsDuplicate: [],
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
  /** 1 when the claimed event carries the identifier, else 0: its average is the presence rate. */
  IdentifierPresence: ["identifier"],
  /** Findings of the detectors, per run. */
  AnomaliesFound: ["detector"],
  /** 1 per run of the detect λ: its absence is the alarm. */
  Heartbeat: [],
} as const satisfies Record<string, readonly string[]>;

export type MetricName = keyof typeof METRICS;

/** CloudWatch namespace of one environment. */
export function metricNamespace(environment: string): string {
  return `TrackLayer/${environment}`;
}
