import { IDENTIFIERS } from "../core/destination.ts";
import { presenceMetric } from "../core/metric-names.ts";
import type { Outgoing } from "./fan-out.ts";
import type { Duplicate } from "./later-copies.ts";
import type { Log, Metrics } from "./ports.ts";

/** Counts one event that was claimed and fanned out; its skipped lanes are final, so they count as outcomes here. */
export function countClaimed(
  { event, story }: Outgoing,
  { keyEvents }: { readonly keyEvents: readonly string[] },
  metrics: Metrics,
): void {
  metrics.add("EventsClaimed", 1);
  if (keyEvents.includes(event.event_name)) metrics.add("KeyEvents", 1, { event_name: event.event_name });
  // An identify is no conversion: its identifiers would hide what the purchases lack.
  if (event.event_name === "identify") return;
  for (const identifier of IDENTIFIERS) {
    metrics.add(presenceMetric(identifier), story.carried.includes(identifier) ? 1 : 0);
  }
  for (const { lane, skip, quality } of story.decisions) {
    if (skip !== undefined) {
      metrics.add("Deliveries", 1, { destination: lane, outcome: "skipped" });
      metrics.add("DeliveriesSkipped", 1, { destination: lane, reason: skip.code });
      // Of an event that waits its lanes count the score: what goes out may be of two copies.
    } else if (
      story.merge === undefined &&
      quality !== undefined &&
      quality.present.length + quality.missing.length > 0
    ) {
      metrics.add("MatchQuality", quality.score, { destination: lane });
    }
  }
}

/**
 * Tells how many events of a batch went to each lane with less than all of it. A line of the log and no metric: each lane
 * and behaviour would be a series that is paid for, and nobody is to be woken by it. What waits for its other copy is
 * not known yet.
 */
export function logPartial(outgoing: readonly Pick<Outgoing, "story">[], log: Pick<Log, "info">): void {
  const partial = outgoing.flatMap(({ story }) =>
    story.decisions.flatMap(({ awaits, consent, lane, send }) =>
      send && awaits === undefined && consent.behaviour !== undefined ? [{ lane, behaviour: consent.behaviour }] : [],
    ),
  );
  for (const [lane, found] of Map.groupBy(partial, (it) => it.lane)) {
    for (const [behaviour, { length: events }] of Map.groupBy(found, (it) => it.behaviour)) {
      log.info("sent in part for consent", { lane, behaviour, events });
    }
  }
}

/** Counts one copy of an event that was claimed before. */
export function countDuplicate({ later }: Duplicate, metrics: Metrics): void {
  metrics.add("EventsDuplicate", 1);
  if (later !== undefined) metrics.add(later.copy.late === true ? "CopiesLate" : "CopiesMerged", 1);
}
