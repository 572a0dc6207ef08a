import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryHttpSender, type PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import { createMemoryOwnLaneQueue } from "../../src/adapters/memory/own-lane-queue.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import type { Destination, DestinationResponse } from "../../src/core/destination.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventKey } from "../../src/core/event-key.ts";
import type { MetricName } from "../../src/core/metric-names.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";
import { deliver } from "../../src/pipeline/deliver.ts";
import type { DeliverDeps, ReceivedMessage } from "../../src/pipeline/lane.ts";
import { MADE_UP } from "./lanes.ts";

export const NOW = Date.UTC(2026, 8, 1, 12);
export const LANE = "fake";

/** A purchase of a minute ago. */
export function purchase(eventId: string, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return {
    schema_version: 1,
    event_id: eventId,
    event_id_origin: "given",
    event_name: "purchase",
    event_time: NOW - 60_000,
    received_at: NOW - 50_000,
    source: { id: "shop", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
    action_source: "website",
    user: {},
    ...more,
  };
}

/** The message that enrich puts on the lane for an event. */
export function laneMessage(event: CanonicalEvent, more: Partial<LaneMessage> = {}): ReceivedMessage {
  const body: LaneMessage = { v: 1, lane: LANE, enqueued_at: NOW - 40_000, event, ...more };
  return rawMessage(JSON.stringify(body), `m-${event.event_id}`);
}

/** A message with any body. */
export function rawMessage(body: string, messageId: string): ReceivedMessage {
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body,
    receiveCount: 1,
    sentAt: NOW - 40_000,
    firstReceivedAt: NOW,
  };
}

/** A platform whose request is the list of event ids, and whose answer is one outcome per id, or one for all. */
export function fakeDestination(more: Partial<Destination> = {}): Destination {
  return {
    id: "fake",
    name: "Fake",
    settings: { parse: (input) => input },
    catalogue: MADE_UP,
    credentials: ["token"],
    limits: {
      batchSize: 100,
      bodyBytes: 1_000_000,
      maxAgeMs: () => 168 * HOUR_MS,
      timeoutMs: 10_000,
      batchFailure: "per_event",
    },
    consent: ["ad_user_data"],
    eventNames: { purchase: "Purchase" },
    matchKeys: { email: 1 },
    dedupsByEventId: true,
    needsRawContact: () => false,
    identifiers: () => new Set(),
    skipReason: () => undefined,
    buildRequest: (events, context) => ({
      method: "POST",
      url: "https://platform.example/events",
      headers: { authorization: context.credentials.token ?? "" },
      body: JSON.stringify(events.map((event) => event.event_id)),
    }),
    classify: (response, events) => {
      if (response.status === 401) return events.map(() => ({ kind: "unauthorized", reason: "bad token" }));
      if (response.status === 400) return events.map(() => ({ kind: "rejected", reason: response.body }));
      if (response.status !== 200) return events.map(() => ({ kind: "retry", reason: `status ${response.status}` }));
      return JSON.parse(response.body) as Outcome[];
    },
    ...more,
  };
}

/** Ids in a request to the fake platform. */
export function idsOf(request: { body: string }): string[] {
  return JSON.parse(request.body) as string[];
}

/** An answer of the fake platform with one outcome per event. */
export function answered(outcomes: readonly Outcome[]): DestinationResponse {
  return { status: 200, headers: {}, body: JSON.stringify(outcomes) };
}

/** The fake platform takes everything. */
export const takesAll: PlatformAnswer = (request) => answered(idsOf(request).map(() => ({ kind: "delivered" })));

interface WorldOptions {
  destination?: Destination;
  platform?: PlatformAnswer;
  lane?: Partial<DeliverDeps["lane"]>;
  deps?: Partial<DeliverDeps>;
}

/** Everything that a lane touches, in memory, with a clock that only moves when told. */
export function laneWorld(options: WorldOptions = {}) {
  const destination = options.destination ?? fakeDestination();
  const store = createMemoryDeliveryStore();
  const queue = createMemoryOwnLaneQueue();
  const http = createMemoryHttpSender(options.platform ?? takesAll);
  const time = { now: NOW, remainingMs: 60_000 };
  const counted: Record<string, number> = {};
  const logged: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const log =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void logged.push({ level, message, fields });
  const ports: Omit<DeliverDeps, "accessTokens"> = {
    lane: {
      id: LANE,
      settings: {},
      secretName: "tl/fake",
      testMode: false,
      retryWindowMs: 24 * HOUR_MS,
      ...options.lane,
    },
    store,
    queue,
    http,
    credentials: { get: async () => ({ token: "t-0ld-token" }), refresh: async () => ({ token: "t-0ld-token" }) },
    clock: { now: () => time.now },
    random: { fraction: () => 0.5 },
    metrics: {
      add(name: MetricName, value, dimensions = {}) {
        const series = [name, ...Object.values(dimensions)].join(" ");
        counted[series] = (counted[series] ?? 0) + value;
      },
      flush() {},
    },
    log: {
      info: log("info"),
      warn: log("warn"),
      error: log("error"),
      step: () => {},
    },
    remainingMs: () => time.remainingMs,
    ...options.deps,
  };
  const deps: DeliverDeps = { accessTokens: createAccessTokens({ ...ports, lane: ports.lane.id }), ...ports };
  return {
    time,
    store,
    queue,
    http,
    counted,
    logged,
    deliver: (messages: readonly ReceivedMessage[]) => deliver(messages, destination, deps),
    async record(event: CanonicalEvent): Promise<DeliveryRecord | undefined> {
      return (await store.readRecords(LANE, [eventKey(event)]))[0];
    },
    async state(event: CanonicalEvent): Promise<string | undefined> {
      return (await this.record(event))?.state;
    },
  };
}
