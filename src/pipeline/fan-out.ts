import type { ConsentState } from "../core/consent.ts";
import type { DeliveryRecord, EventStory, RoutingDecision } from "../core/delivery-record.ts";
import { SECOND_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import { behaviourOfCopy, eventForLane, type Lane, type RoutingRules } from "../core/routing.ts";
import type { Clock, DeliveryStore, LaneQueueMessage, LaneQueues, Log, Metrics, SendResult } from "./ports.ts";
import type { QueuedRecord } from "./queued-record.ts";

/** An event that this batch owns, with the decisions that its claim stored. */
export interface Outgoing {
  readonly record: QueuedRecord;
  readonly copyId: string;
  readonly event: CanonicalEvent;
  readonly consent: ConsentState;
  readonly story: EventStory;
}

/** Where claims are made and copies go. */
export interface FanOutPorts {
  readonly store: DeliveryStore;
  readonly lanes: LaneQueues;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
}

/** A queue refuses a message that is to be hidden for longer. */
const LONGEST_DELAY_SECONDS = 900;

/** Reasons of a queue that no retry changes. */
const NEVER_FITS = "MessageTooLong";

/**
 * Puts every owned event on the lanes that its claim decided for, one bulk send per lane over the whole batch.
 * Answers the records that some lane did not take, with the queue's reason.
 */
export async function fanOut(
  outgoing: readonly Outgoing[],
  rules: RoutingRules,
  ports: FanOutPorts,
): Promise<Map<QueuedRecord, string>> {
  const failed = new Map<QueuedRecord, string>();
  await Promise.all(
    rules.lanes.map(async (lane) => {
      const events = outgoing.filter(({ story }) => story.decisions.some((it) => it.lane === lane.id && it.send));
      if (events.length === 0) return;
      const results = await sendAll(lane, events, ports);
      const tooLong: Outgoing[] = [];
      events.forEach((it, index) => {
        const result = results[index] ?? { sent: false, reason: "no answer" };
        if (result.sent) return;
        if (result.reason === NEVER_FITS) tooLong.push(it);
        else failed.set(it.record, `${lane.id}: ${result.reason}`);
      });
      for (const [record, reason] of await rejectAll(lane, tooLong, ports)) failed.set(record, reason);
    }),
  );
  return failed;
}

/** A lane whose send throws fails its own events; the other lanes' sends go on. */
async function sendAll(lane: Lane, events: readonly Outgoing[], ports: FanOutPorts): Promise<SendResult[]> {
  try {
    const now = ports.clock.now();
    return await ports.lanes.send(
      lane.id,
      events.map((it) => laneMessage(it, lane, now)),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.name : "send failed";
    return events.map(() => ({ sent: false, reason }));
  }
}

/** What waits for its other copy is there from the start, so that no crash can lose it; nobody gets it before its time. */
function laneMessage({ consent, event, story }: Outgoing, lane: Lane, now: number): LaneQueueMessage {
  const decision = story.decisions.find((it) => it.lane === lane.id);
  const behaviour = decision === undefined ? undefined : behaviourOfCopy(decision);
  const { merge } = story;
  const message: LaneMessage = {
    v: 1,
    lane: lane.id,
    enqueued_at: now,
    ...(merge === undefined ? {} : { merge: mergeMark(merge, decision?.quality) }),
    event: eventForLane(event, consent, lane, behaviour),
  };
  // The wait may have been set by a worker whose clock is ahead of this one's.
  const wait = merge === undefined ? 0 : Math.ceil((merge.until - now) / SECOND_MS);
  const delaySeconds = Math.min(Math.max(0, wait), LONGEST_DELAY_SECONDS);
  return { body: JSON.stringify(message), group: event.source.id, ...(delaySeconds === 0 ? {} : { delaySeconds }) };
}

function mergeMark(
  { undecided, until }: NonNullable<EventStory["merge"]>,
  quality: RoutingDecision["quality"],
): NonNullable<LaneMessage["merge"]> {
  const isScored = quality !== undefined && quality.present.length + quality.missing.length > 0;
  return {
    until,
    ...(undecided.length === 0 ? {} : { undecided }),
    ...(isScored ? { score: quality.score } : {}),
  };
}

/** An event that grew past what a queue takes can never be sent: its record says so, and its group goes on. */
async function rejectAll(
  lane: Lane,
  events: readonly Outgoing[],
  ports: FanOutPorts,
): Promise<[QueuedRecord, string][]> {
  if (events.length === 0) return [];
  const now = ports.clock.now();
  const reason = "the event is larger than a queue takes (1 MiB)";
  const records: DeliveryRecord[] = events.map(({ event }) => ({
    key: eventKey(event),
    lane: lane.id,
    state: "rejected",
    attempts: [],
    attempt_count: 0,
    updated_at: now,
    reason,
  }));
  try {
    await ports.store.writeRecords(records);
    ports.metrics.add("Deliveries", events.length, { destination: lane.id, outcome: "rejected" });
    ports.log.error("event too large for its lane", { lane: lane.id, events: events.length });
    return [];
  } catch {
    return events.map(({ record }) => [record, `${lane.id}: ${reason}`]);
  }
}
