import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { QueueMessage } from "../../packages/local-stack/src/queue-message.ts";
import { createMemoryCounts, type MemoryCounts } from "../../src/adapters/memory/counts.ts";
import { createMemoryDeliveryStore, type MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventArchive, type MemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { ResolvedSource } from "../../src/config/resolved-config.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import type { SourceKind } from "../../src/core/event.ts";
import type { IngestRequest, IngestResponse } from "../../src/pipeline/ingest-contract.ts";
import type { LaneSettings } from "../../src/pipeline/lane.ts";
import type { LaneControlStore } from "../../src/pipeline/lane-control-ports.ts";
import type { Log, Metrics, Random } from "../../src/pipeline/ports.ts";
import { DENIED, GRANTED } from "../support/consent-answers.ts";
import { createArchive } from "./archive.ts";
import { Container, type RunContext } from "./container.ts";
import { createErasures, type SimulatedErasures } from "./erasures.ts";
import { type BatchAnswer, createFunction, createMapping, type SimulatedFunction } from "./functions.ts";
import { createControls, createIntakes } from "./lane-controls.ts";
import type { Oracle } from "./oracle.ts";
import { createPlatform, type PlatformPlan, type SimulatedPlatform } from "./platforms.ts";
import { createQueues, deadLettersOf, named, queueUrl, type SimulatedQueues } from "./queues.ts";
import { createReplays, type Replays } from "./replays.ts";
import { SCOPE, type Scenario } from "./scenarios.ts";
import { createGraph, createTable } from "./stores.ts";
import type { Subject } from "./subject.ts";

const EVENTS = "events.fifo";

const INGEST_TIMEOUT_MS = 15 * SECOND_MS;
const ENRICH_TIMEOUT_MS = 30 * SECOND_MS;
const DELIVER_TIMEOUT_MS = 120 * SECOND_MS;
const MAINTAIN_TIMEOUT_MS = 55 * SECOND_MS;
const WINDOW_MS = 5 * SECOND_MS;

const SOURCES = (["server", "browser"] as const).map(
  (kind: SourceKind): ResolvedSource => ({
    id: kind,
    kind,
    allowedOrigins: ["https://shop.example"],
    dedupScope: SCOPE,
    keySecretName: `source-${kind}`,
    purchaseEventId: "message_id",
    valueFrom: ["value"],
  }),
);

const EVERYONE = {
  countries: ["*"],
  purposes: GRANTED,
} as const;

const NOBODY = {
  countries: ["*"],
  purposes: DENIED,
} as const;

const SILENT_LOG: Log = { info() {}, warn() {}, error() {}, step() {} };
const NO_METRICS: Metrics = { add() {}, flush() {} };

/** The whole pipeline on simulated services. */
export interface World {
  readonly store: MemoryDeliveryStore;
  readonly queues: SimulatedQueues;
  readonly ingest: SimulatedFunction<IngestRequest, IngestResponse>;
  readonly platforms: ReadonlyMap<string, SimulatedPlatform>;
  readonly archive: MemoryEventArchive;
  readonly identities: MemoryIdentityStore;
  /** What CloudWatch has of the functions' metrics: those that a function lived to write. */
  readonly counts: MemoryCounts;
  /** As they stand, without faults. */
  readonly controls: LaneControlStore;
  readonly replays: Replays;
  readonly erasures: SimulatedErasures;
  /** A person stops a lane or lets it flow. */
  pause(lane: string): void;
  resume(lane: string): void;
}

/** The functions, queues, tables and platforms of one run, wired as the stack wires them. */
export function createWorld(scenario: Scenario, context: RunContext, oracle: Oracle, subject: Subject): World {
  const { seeded, time } = context;
  const { shares } = scenario;
  const store = createMemoryDeliveryStore({ now: time.now });
  const tableFaults = { calls: shares.tables, stale: shares.stale };
  const table = createTable(store, tableFaults, oracle, context);
  const identities = createMemoryIdentityStore({ now: time.now });
  const graph = createGraph(identities, tableFaults, oracle);
  const controls = createControls(tableFaults, oracle, context);
  const archive = createMemoryEventArchive({ now: time.now });
  const counts = createMemoryCounts();
  const { maxReceiveCount } = scenario;
  const erasures = createErasures({
    ...{ scenario, context, subject, store, identities, archive, graph },
    tableShares: shares.tables,
    fail: oracle.fail,
  });
  const queues = createQueues(
    [
      { name: EVENTS, fifo: true, visibilitySeconds: (6 * ENRICH_TIMEOUT_MS) / SECOND_MS, maxReceiveCount },
      ...scenario.platforms.map(({ lane }) => ({
        name: `lane-${lane}`,
        fifo: false,
        visibilitySeconds: (6 * DELIVER_TIMEOUT_MS + WINDOW_MS) / SECOND_MS,
        maxReceiveCount: maxReceiveCount === 3 ? 3 : 1_000,
      })),
    ],
    { calls: shares.queues, entries: shares.entries },
    context,
    (queue, body) => {
      oracle.queued(queue, body);
      erasures.queued(queue, body);
    },
    (queue) => queue === EVENTS && counts.count({ metric: "dropped_by_events_queue" }, 1, time.now()),
  );
  const watched: typeof oracle = {
    ...oracle,
    sent(request) {
      oracle.sent(request);
      erasures.sent(request);
    },
  };
  const platforms = new Map(
    scenario.platforms.map((plan) => [plan.lane, createPlatform(plan, watched, subject, context)]),
  );

  const clockOf = (container: Container) => ({
    now: () => container.now(),
    sleep: (ms: number) => container.sleep(ms),
  });
  function randomOf(container: Container): Random {
    let drawn = 0;
    const fraction = () => seeded.fraction(`chance ${container.name} ${++drawn}`);
    const hex = () =>
      Math.floor(fraction() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, "0");
    return { fraction, uuid: () => `${hex()}-${hex()}` };
  }
  function secretsOf(container: Container) {
    const client = {
      send: ({ input: { SecretId: name } }: { input: { SecretId: string } }) =>
        container.call({
          label: `secret ${name}`,
          shares: shares.secrets,
          tookMs: 20,
          timeoutMs: 6_000,
          error: () => named("InternalServiceError"),
          effect: () => ({ SecretString: JSON.stringify(secretNamed(name)) }),
        }),
    } as unknown as Pick<SecretsManagerClient, "send">;
    return subject.createSecrets({ ttlMs: 300 * SECOND_MS, now: () => container.now(), client });
  }
  const secretNamed = (name: string) => platforms.get(name)?.secret() ?? { key: `${name}-key` };

  const ingest = createFunction<IngestRequest, IngestResponse>(
    {
      name: "ingest",
      timeoutMs: INGEST_TIMEOUT_MS,
      concurrency: 20,
      skewMs: scenario.skewMs,
      coldStart(container) {
        const clock = clockOf(container);
        const metrics = counts.metricsOf(clock.now);
        const deps = {
          config: { consent: { defaults: [EVERYONE], honourGpc: true, categories: {} }, destinations: [] },
          keys: subject.createSourceKeys({ sources: SOURCES, secrets: secretsOf(container), now: clock.now }),
          queue: subject.createSqsEventQueue({
            client: queues.client(container, shares.ingest),
            queueUrl: queueUrl(EVENTS),
            clock,
            random: randomOf(container),
          }),
          clock,
          random: randomOf(container),
          metrics,
          log: SILENT_LOG,
        };
        return async (request) => {
          const response = await subject.ingest(request, deps);
          metrics.flush();
          return response;
        };
      },
    },
    context,
  );

  const enrich = createFunction<readonly QueueMessage[], BatchAnswer>(
    {
      name: "enrich",
      timeoutMs: ENRICH_TIMEOUT_MS,
      concurrency: 3,
      skewMs: scenario.skewMs,
      coldStart(container) {
        const clock = clockOf(container);
        const metrics = counts.metricsOf(clock.now);
        const ports = {
          archive: createArchive(archive, { calls: shares.queues, entries: shares.entries }, context)(container),
          store: table(container),
          identities: graph(container),
          erasures: erasures.of(container),
          lanes: laneQueues(container),
          metrics,
          log: SILENT_LOG,
          clock,
        };
        const { mergeSeconds } = scenario;
        const names = ["purchase", "lead"];
        const merge =
          mergeSeconds === undefined ? {} : { merge: { events: names, windowSeconds: mergeSeconds, scopes: [SCOPE] } };
        const settings = { ...rules(), ...merge, keyEvents: [], identityRetentionMs: 90 * DAY_MS };
        const client = queues.client(container);
        const postpone = subject.createSqsPostpone({ client, queueUrl: queueUrl(EVENTS), log: SILENT_LOG });
        return async (batch) => {
          const records = batch.map(({ body, groupId = "", id, receiptHandle = "", receiveCount }) => {
            return { messageId: id, groupId, body, receiptHandle, receiveCount };
          });
          const failed = await subject.enrichBatch(records, settings, ports);
          await subject.giveBackSoon(records, failed, { postpone });
          metrics.flush();
          return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
        };
      },
    },
    context,
  );

  const laneOf = ({ lane: id }: PlatformPlan) => {
    const platform = platforms.get(id);
    if (platform === undefined) throw new Error(`no platform ${id}`);
    return { id, destination: platform.destination, settings: {}, testMode: false };
  };

  function rules() {
    // Where copies wait for each other, also for the answer that one of them lacks.
    const law = scenario.mergeSeconds === undefined ? EVERYONE : NOBODY;
    const consent = { defaults: [law], honourGpc: true };
    return { lanes: scenario.platforms.map((plan) => laneOf(plan)), consent };
  }
  function laneQueues(container: Container) {
    return subject.createSqsLaneQueues({
      client: queues.client(container),
      urlOf: (lane) => queueUrl(`lane-${lane}`),
      clock: clockOf(container),
    });
  }

  const noise = { throttled: shares.throttled, exposed: 0, undeleted: shares.undeleted };
  const mappings = new Map([
    [EVENTS, createMapping({ ...noise, queue: EVENTS, batchSize: 10, windowMs: 0 }, enrich, queues, context)],
    ...scenario.platforms.map((plan) => {
      const queue = `lane-${plan.lane}`;
      const noisy = { ...noise, exposed: shares.exposed, queue };
      const batchSize = Math.max(plan.batchSize, 10);
      const target = laneFunction(plan);
      return [queue, createMapping({ ...noisy, batchSize, windowMs: WINDOW_MS }, target, queues, context)] as const;
    }),
  ]);
  const replays = createReplays({
    scenario,
    context,
    subject,
    rules: rules(),
    stories: store,
    archive,
    tableShares: shares.tables,
    table,
    graph,
    erasures: erasures.of,
    lanes: laneQueues,
    deliveredAt: oracle.deliveredAt,
    fail: oracle.fail,
  });
  const lanes = scenario.platforms.map(({ lane }) => lane);
  const intakes = createIntakes(mappings, { calls: shares.tables });
  const maintain = createFunction<void, void>(
    {
      name: "maintain",
      timeoutMs: MAINTAIN_TIMEOUT_MS,
      concurrency: 2,
      skewMs: scenario.skewMs,
      coldStart(container) {
        const ports = {
          lanes,
          controls: controls.of(container),
          intakes: intakes(container),
          clock: clockOf(container),
        };
        const watch = subject.createLaneWatch({ ...ports, metrics: NO_METRICS, log: SILENT_LOG });
        return () => watch.run(container.now() + container.remainingMs() - 8_000);
      },
    },
    context,
  );
  // Every minute in which it could do something: a schedule that never ends would keep the run from its end.
  const look = everyMinute(context, () => {
    maintain.invoke(undefined, () => {
      if (lanes.some(needsLook)) look();
    });
  });
  const needsLook = (lane: string) =>
    mappings.get(`lane-${lane}`)?.isOn() === false ||
    (controls.isStopped(lane) && queues.list(`lane-${lane}`).length > 0);
  queues.onMessages = (queue, afterMs) => {
    mappings.get(queue)?.wake(afterMs);
    if (lanes.some(needsLook)) look();
  };
  const person = new Container("person", context, 0);
  const people = { store: controls.direct, intakes: intakes(person) };
  const byPerson = (lane: string) => ({ lane, by: "key:1", now: time.now() });

  function laneFunction(plan: PlatformPlan) {
    const { destination } = laneOf(plan);
    const platform = platforms.get(plan.lane);
    const lane: LaneSettings = {
      id: plan.lane,
      settings: {},
      secretName: plan.lane,
      testMode: false,
      retryWindowMs: scenario.retryWindowMs,
    };
    return createFunction<Parameters<typeof received>[0], BatchAnswer>(
      {
        name: `${plan.lane}-`,
        timeoutMs: DELIVER_TIMEOUT_MS,
        concurrency: 2,
        skewMs: scenario.skewMs,
        coldStart(container) {
          let startedAt = 0;
          const clock = clockOf(container);
          const http = platform?.http(container, () => startedAt);
          if (http === undefined) throw new Error(`no way to ${plan.lane}`);
          const deps = {
            lane,
            store: table(container),
            identities: graph(container),
            erasures: erasures.of(container),
            queue: subject.createSqsOwnLane({
              queueUrl: queueUrl(`lane-${plan.lane}`),
              deadLetterUrl: queueUrl(deadLettersOf(`lane-${plan.lane}`)),
              log: SILENT_LOG,
              client: queues.client(container),
            }),
            http,
            credentials: secretsOf(container),
            breaker: subject.createLaneBreaker({
              lane,
              store: controls.of(container),
              clock,
              random: randomOf(container),
              log: SILENT_LOG,
            }),
            accessTokens: subject.createAccessTokens({ lane: plan.lane, http, clock, log: SILENT_LOG }),
            clock,
            random: randomOf(container),
            metrics: NO_METRICS,
            log: SILENT_LOG,
            remainingMs: () => container.remainingMs(),
          };
          return async (batch) => {
            startedAt = time.now();
            const { failures } = await subject.deliver(received(batch), destination, deps);
            return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
          };
        },
      },
      context,
    );
  }

  return {
    store,
    queues,
    ingest,
    platforms,
    archive,
    identities,
    counts,
    controls: controls.direct,
    replays,
    erasures,
    pause(lane) {
      const request = { ...byPerson(lane), reason: "a person", retryWindowMs: scenario.retryWindowMs };
      void subject.pauseLane(request, people.store, people.intakes);
    },
    resume(lane) {
      void subject.resumeLane(byPerson(lane), people.store, people.intakes);
    },
  };
}

/** Runs the task at the next full minute after it was asked for, however often. */
function everyMinute({ time }: RunContext, task: () => void): () => void {
  let isPlanned = false;
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    time.after(MINUTE_MS - (time.now() % MINUTE_MS), () => {
      isPlanned = false;
      task();
    });
  };
}

function received(
  batch: readonly {
    id: string;
    body: string;
    receiptHandle: string | undefined;
    receiveCount: number;
    sentAt: number;
    firstReceivedAt: number | undefined;
  }[],
) {
  return batch.map(({ body, firstReceivedAt = 0, id, receiptHandle = "", receiveCount, sentAt }) => ({
    messageId: id,
    receiptHandle,
    body,
    receiveCount,
    sentAt,
    firstReceivedAt,
  }));
}
