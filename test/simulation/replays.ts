import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import type { MemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryReplayStore } from "../../src/adapters/memory/replay-store.ts";
import { partitionKey, sortKeyPrefix } from "../../src/core/delivery-record.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { eventKey } from "../../src/core/event-key.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import type { RoutingRules } from "../../src/core/routing.ts";
import type { Erasures } from "../../src/pipeline/erasures.ts";
import type { IdentityStore } from "../../src/pipeline/identity.ts";
import type { DeliveryStore, LaneQueues, Log } from "../../src/pipeline/ports.ts";
import type { ReplayDeps } from "../../src/pipeline/replay.ts";
import type { ReplayRequestDeps } from "../../src/pipeline/replay-request.ts";
import type { Container, RunContext } from "./container.ts";
import { isToBeErased } from "./erasures.ts";
import type { FaultShares } from "./fault-plan.ts";
import { createFunction } from "./functions.ts";
import { archiveReaderOf, jobsOf, minutely } from "./jobs.ts";
import { type PlannedEvent, SCOPE, type Scenario, START } from "./scenarios.ts";
import { STALE_MS } from "./stores.ts";
import type { Subject } from "./subject.ts";

const TIMEOUT_MS = 55_000;
/** The request that starts a replay works on it for as long, ms. */
const FIRST_SLICE_MS = 2_000;
/** What may pass between a decision about an event and its message, ms. */
const SENDING_MS = MINUTE_MS;

const SILENT_LOG: Log = { info() {}, warn() {}, error() {}, step() {} };

/** A person's wish: a replay of all there is. `twins` has two workers take it up at once. */
interface ReplayWish {
  readonly key: string;
  readonly pace: number;
  readonly twins: boolean;
}

/** What replays of a run are made of. */
export interface ReplayWorld {
  readonly scenario: Scenario;
  readonly context: RunContext;
  readonly subject: Subject;
  readonly rules: RoutingRules;
  readonly stories: MemoryDeliveryStore;
  readonly archive: MemoryEventArchive;
  readonly tableShares: FaultShares;
  table(container: Container): DeliveryStore;
  graph(container: Container): IdentityStore;
  erasures(container: Container): Erasures;
  lanes(container: Container): LaneQueues;
  /** When the event's arrival was written down, epoch ms. */
  deliveredAt(id: string, lane: string): number | undefined;
  fail(rule: string, what: string): void;
}

/** Replays in a run: whoever starts them, the run of each minute that goes on with them, and who judges them. */
export interface Replays {
  start(wish: ReplayWish): void;
  /** Judges the jobs and the archive when nothing moves any more. */
  judgeEnd(): Promise<void>;
}

interface Work {
  readonly create?: ReplayWish;
}

/** One invocation that put messages of a job on lanes. */
interface Sender {
  readonly container: Container;
  readonly invocation: string;
  isDone: boolean;
}

/** No replays yet. */
export function createReplays(world: ReplayWorld): Replays {
  const { archive, context, fail, scenario, subject } = world;
  const { time } = context;
  const jobs = createMemoryReplayStore();
  const senders = new Map<string, Sender[]>();
  const events = new Map<string, PlannedEvent>();
  for (const operation of scenario.operations) {
    if (operation.do === "report") for (const event of operation.events) events.set(event.id, event);
  }

  const worker = createFunction<Work, void>(
    {
      name: "replay",
      timeoutMs: TIMEOUT_MS,
      concurrency: 3,
      skewMs: scenario.skewMs,
      coldStart: (container) => async (work) => {
        const sender: Sender = { container, invocation: container.invocation, isDone: false };
        const deps = depsOf(container, sender, time.now());
        try {
          if (work.create === undefined) {
            await subject.replayTask(deps).run(container.now() + container.remainingMs() - 8_000);
          } else await begin(work.create, deps);
        } finally {
          sender.isDone = true;
        }
      },
    },
    context,
  );

  const goOn = minutely(time, jobs, (ended) => worker.invoke({}, ended));

  async function begin({ key, pace, twins }: ReplayWish, deps: ReplayDeps & ReplayRequestDeps): Promise<void> {
    const selection = { from: START - HOUR_MS };
    const request = { selection, pace, dry_run: false, force: false, confirm_double_count: false };
    const job = await subject.createReplay(request, { id: key, by: "key:1" }, deps);
    if (twins) worker.invoke({}, goOn);
    await subject.runReplaySlice(job, deps.clock.now() + FIRST_SLICE_MS, deps);
  }

  function depsOf(container: Container, sender: Sender, startedAt: number): ReplayDeps & ReplayRequestDeps {
    const lanes = world.lanes(container);
    return {
      rules: world.rules,
      retryWindowMs: scenario.retryWindowMs,
      receiptsMs: 30 * DAY_MS,
      scopes: [SCOPE],
      sources: ["server", "browser"],
      archiveDays: 30,
      replays: jobsOf(container, world.tableShares, jobs, goOn),
      archive: archiveReaderOf(container, world.tableShares, archive),
      store: world.table(container),
      stories: world.stories,
      identities: world.graph(container),
      erasures: world.erasures(container),
      lanes: {
        send(lane, messages) {
          for (const { body } of messages) judge(JSON.parse(body) as LaneMessage, sender, startedAt);
          return lanes.send(lane, messages);
        },
      },
      clock: { now: () => container.now(), sleep: (ms) => container.sleep(ms) },
      log: SILENT_LOG,
    };
  }

  /** At the moment at which a message is about to be put on its lane. */
  function judge({ event, lane, replay }: LaneMessage, sender: Sender, startedAt: number): void {
    const name = `${event.event_id} to ${lane}, by ${sender.invocation}`;
    const planned = events.get(event.event_id);
    const plan = scenario.platforms.find((it) => it.lane === lane);
    if (planned === undefined || plan === undefined || replay === undefined) {
      fail("only events are replayed", name);
      return;
    }
    const deliveredAt = world.deliveredAt(event.event_id, lane);
    if (deliveredAt !== undefined && deliveredAt < startedAt - STALE_MS) fail("a replay sends what is missing", name);
    if (time.now() > planned.time + plan.maxAgeMs + SENDING_MS + scenario.skewMs) fail("too old is not replayed", name);
    const others = senders.get(replay.job) ?? [];
    const isOther = (it: Sender) =>
      it !== sender && !it.isDone && it.container.alive && it.container.invocation === it.invocation;
    const other = others.find(isOther);
    if (other !== undefined) fail("a replay is one worker's", `${replay.job} by ${other.invocation} and ${name}`);
    if (!others.includes(sender)) senders.set(replay.job, [...others, sender]);
  }

  return {
    start(wish) {
      worker.invoke({ create: wish }, goOn);
    },
    async judgeEnd() {
      const lines = archive.events();
      const archived = new Set(lines.map(({ event }) => nameOf(event)));
      for (const id of events.keys()) {
        for (const { claim, dedup_scope, event_id, name } of await world.stories.readStory(id, [SCOPE])) {
          const isArchived = archived.has(`${partitionKey({ dedup_scope, event_id })} ${name}`);
          if (claim !== undefined && !isArchived && !isToBeErased(scenario, events.get(id) ?? { person: "" }))
            fail("what is claimed is archived", id);
        }
      }
      for (const { counts, id, state } of await jobs.list({ limit: 100 })) {
        if (state !== "done") fail("a replay comes to its end", `${id}: ${state}`);
        // Each line once: a page that a crash repeats is counted with the place that is written down.
        // What is erased later was there to be counted.
        const isErasing = scenario.operations.some((operation) => operation.do === "erase");
        if (!isErasing && counts.events > lines.length)
          fail("a replay goes on where it was", `${id}: ${counts.events} events`);
        if (counts.unreadable > 0) fail("what was archived can be read", `${id}: ${counts.unreadable}`);
      }
    },
  };
}

function nameOf(event: Parameters<typeof eventKey>[0]): string {
  const key = eventKey(event);
  return `${partitionKey(key)} ${sortKeyPrefix(key)}`;
}
