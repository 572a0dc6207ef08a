import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { IngestMessage } from "../../src/core/queue-messages.ts";
import type { Lane } from "../../src/core/routing.ts";
import type { QueuedRecord } from "../../src/pipeline/queued-record.ts";
import { GRANTED_BY_DEFAULT } from "./consent-answers.ts";
import { fixedClock, recordingLog, recordingMetrics } from "./pipeline-ports.ts";

/** What enrich cannot do without, in memory: lanes of these ids, and a clock that stands where it is told. */
export function enrichPorts(lanes: readonly string[], now: number) {
  return {
    store: createMemoryDeliveryStore(),
    identities: createMemoryIdentityStore(),
    lanes: createMemoryLaneQueues(lanes),
    metrics: recordingMetrics(),
    log: recordingLog(),
    clock: fixedClock(now),
  };
}

/** Settings of tests that are not about consent, key events or how long people are known. */
export function enrichingFor(lanes: readonly Lane[]) {
  return { lanes, consent: GRANTED_BY_DEFAULT, keyEvents: [], identityRetentionMs: 365 * DAY_MS };
}

/** A copy of an event as enrich receives it from its queue; all of one person's unless other groups are named. */
export function queuedCopy(event: CanonicalEvent, copyId: string, groupId = "g"): QueuedRecord {
  const body: IngestMessage = { v: 1, kind: "event", copy_id: copyId, event };
  return { messageId: `m-${copyId}`, groupId, body: JSON.stringify(body) };
}
