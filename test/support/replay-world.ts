import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import { createMemoryReplayStore } from "../../src/adapters/memory/replay-store.ts";
import type { ConsentRules } from "../../src/core/consent-decision.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import type { Destination } from "../../src/core/destination.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventKey } from "../../src/core/event-key.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import { present } from "../../src/core/present.ts";
import type { ReplayJob, ReplaySelection } from "../../src/core/replay-job.ts";
import type { Lane } from "../../src/core/routing.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { type ReplayDeps, runReplaySlice } from "../../src/pipeline/replay.ts";
import { createReplay, type ReplayRequest, type ReplayRequestDeps } from "../../src/pipeline/replay-request.ts";
import { GRANTED_BY_DEFAULT } from "./consent-answers.ts";
import { queuedCopy } from "./enrich-world.ts";
import { purchaseEvent } from "./events.ts";
import { testLane } from "./lanes.ts";
import { fixedClock, recordingLog, recordingMetrics } from "./pipeline-ports.ts";

/** When the archive begins. */
export const START = purchaseEvent().received_at;

/** An archive that enrich filled, receipts, and a clock that moves when told. */
export function replayWorld(
  change: Partial<ReplayDeps & ReplayRequestDeps> = {},
  destination: Partial<Destination> = {},
) {
  const clock = fixedClock(START);
  const lanes: Lane[] = [
    testLane("meta", {}, destination),
    testLane("ga4", {}, { ...destination, dedupsByEventId: false }),
  ];
  const rules: { readonly lanes: Lane[]; consent: ConsentRules } = { lanes, consent: GRANTED_BY_DEFAULT };
  const store = createMemoryDeliveryStore({ now: clock.now, deliveryDays: 30 });
  const identities = createMemoryIdentityStore({ now: clock.now });
  const archive = createMemoryEventArchive({ now: clock.now });
  const replays = createMemoryReplayStore();
  const queues = createMemoryLaneQueues(["meta", "ga4", "late"]);
  const log = recordingLog();
  const deps: ReplayDeps & ReplayRequestDeps = {
    rules,
    retryWindowMs: DAY_MS,
    receiptsMs: 30 * DAY_MS,
    scopes: ["shop"],
    sources: ["web", "server"],
    archiveDays: 90,
    replays,
    archive,
    store,
    stories: store,
    identities,
    lanes: queues,
    clock,
    log,
    ...change,
  };
  let serial = 0;
  let jobs = 0;
  return {
    archive,
    clock,
    deps,
    identities,
    log,
    queues,
    replays,
    rules,
    store,
    /** Has enrich take these events, now, for the lanes of that day. */
    async enrich(events: readonly CanonicalEvent[], of: readonly Lane[] = lanes): Promise<void> {
      const settings = { ...rules, lanes: of, keyEvents: [], identityRetentionMs: 365 * DAY_MS };
      const ports = {
        store,
        identities,
        archive,
        lanes: createMemoryLaneQueues(["meta", "ga4", "late"]),
        metrics: recordingMetrics(),
        log,
        clock,
        ...present({ contacts: deps.contacts }),
      };
      const records = events.map((event) => {
        serial += 1;
        return queuedCopy(event, `copy-${serial}`, event.event_id);
      });
      const failed = await enrichBatch(records, settings, ports);
      if (failed.length > 0) throw new Error("enrich gave records back");
    },
    /** Writes how an event ended at a lane. */
    async end(event: CanonicalEvent, lane: string, state: DeliveryState, more: Partial<DeliveryRecord> = {}) {
      const now = clock.now();
      const delivered = state === "delivered" ? { delivered_at: now } : {};
      const record = { key: eventKey(event), lane, state, attempts: [], attempt_count: 1, updated_at: now };
      await store.writeRecords([{ ...record, ...delivered, ...more }]);
    },
    async create(selection: ReplaySelection, more: Partial<ReplayRequest> = {}): Promise<ReplayJob> {
      jobs += 1;
      const request = { selection, dry_run: false, force: false, confirm_double_count: false, pace: 1_000, ...more };
      return createReplay(request, { id: `job-${jobs}`, by: "key:k1" }, deps);
    },
    /** Makes a job and works on it until it has ended, in slices of a minute. */
    async replay(selection: ReplaySelection, more: Partial<ReplayRequest> = {}): Promise<ReplayJob> {
      let job = await this.create(selection, more);
      for (let slice = 0; job.state === "running" && slice < 100; slice += 1) {
        job = await runReplaySlice(job, clock.now() + 60_000, deps);
        clock.set(Math.max(clock.now(), job.lease_until));
      }
      return job;
    },
    sent: (lane: string) => queues.messages(lane).map(({ event }) => event.event_id),
  };
}

/** A purchase with this id, by default of the moment at which the archive begins. */
export function order(id: string, changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return purchaseEvent({ event_id: id, ...changes });
}
