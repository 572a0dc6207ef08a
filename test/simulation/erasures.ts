import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import type { MemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryForgettableDeliveries } from "../../src/adapters/memory/forgettable-deliveries.ts";
import type { MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryPrivacyJobs } from "../../src/adapters/memory/privacy-jobs.ts";
import { createMemoryTombstones } from "../../src/adapters/memory/tombstones.ts";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import { ERASURE_REACH_MS } from "../../src/core/erasure.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import type { EraseDeps } from "../../src/pipeline/erase.ts";
import type { Erasures } from "../../src/pipeline/erasures.ts";
import type { ErasableIdentityStore } from "../../src/pipeline/identity-edit.ts";
import type { Log } from "../../src/pipeline/ports.ts";
import type { Container, RunContext } from "./container.ts";
import type { FaultShares } from "./fault-plan.ts";
import { createFunction } from "./functions.ts";
import { archiveReaderOf, jobsOf, minutely } from "./jobs.ts";
import type { SentRequest } from "./platforms.ts";
import { type PlannedEvent, SCOPE, type Scenario } from "./scenarios.ts";
import { tableCall } from "./stores.ts";
import type { Subject } from "./subject.ts";

const TIMEOUT_MS = 55_000;
/** How long what a worker knows of erasures may be out of date, ms. */
const KNOWN_WITHIN_MS = 30 * SECOND_MS;
/** Until everything that was under way has arrived: a late effect comes after its caller's time is up. */
const SETTLE_MS = ERASURE_REACH_MS + 10 * MINUTE_MS;

const SILENT_LOG: Log = { info() {}, warn() {}, error() {}, step() {} };

/** What erasures of a run are made of. */
export interface ErasureWorld {
  readonly scenario: Scenario;
  readonly context: RunContext;
  readonly subject: Subject;
  readonly store: MemoryDeliveryStore;
  readonly identities: MemoryIdentityStore;
  readonly archive: MemoryEventArchive;
  readonly tableShares: FaultShares;
  graph(container: Container): ErasableIdentityStore;
  fail(rule: string, what: string): void;
}

/** Erasures in a run: who asks for them, the run of each minute that does the rest, and who judges what is left. */
export interface SimulatedErasures {
  /** Who was erased, as a container knows it. */
  of(container: Container): Erasures;
  /** A person asks to be erased, again and again until somebody has written it down. */
  start(wish: { readonly key: string; readonly person: string }): void;
  /** A message reached a queue. */
  queued(queue: string, body: string): void;
  /** A platform got a request. */
  sent(request: SentRequest): void;
  judgeEnd(): Promise<void>;
}

type Work = { readonly create?: { readonly key: string; readonly person: string } };

/** The address by which senders name a person. */
function emailOf(person: string): string {
  return `${person}@shop.example`;
}

/** Whose data somebody asks to be erased in this run; of those events the ordinary promises do not hold. */
export function isToBeErased({ operations }: Pick<Scenario, "operations">, { person }: Pick<PlannedEvent, "person">) {
  return operations.some((operation) => operation.do === "erase" && operation.person === person);
}

/** Nobody is erased yet. */
export function createErasures(world: ErasureWorld): SimulatedErasures {
  const { archive, context, fail, identities, scenario, store, subject } = world;
  const { time } = context;
  const jobs = createMemoryPrivacyJobs();
  const stones = createMemoryTombstones({ now: time.now });
  /** By person: when the tombstones stood for everybody to be seen, and of when the erasure is, epoch ms. */
  const announced = new Map<string, { readonly at: number; readonly createdAt: number }>();
  const wishes = new Map<string, string>();
  /** Of each event on a lane, when its copy was received. */
  const receivedAt = new Map<string, number>();

  const worker = createFunction<Work, void>(
    {
      name: "erase",
      timeoutMs: TIMEOUT_MS,
      concurrency: 3,
      skewMs: scenario.skewMs,
      coldStart: (container) => {
        const deps = depsOf(container);
        const work = {
          jobs: jobsOf(container, world.tableShares, jobs, goOn),
          steps: { erase: subject.eraseSteps(deps) },
          clock: deps.clock,
          log: SILENT_LOG,
        };
        return async ({ create }) => {
          const deadline = container.now() + container.remainingMs() - 8_000;
          if (create === undefined) return subject.privacyTask(work).run(deadline);
          const { key: id, person } = create;
          if ((await work.jobs.read(id)) !== undefined) return;
          const people = { config: configOf(), identities: deps.identities };
          const person_keys = await subject.onePersonKeys(emailOf(person), people);
          const first = { id, kind: "erase", person_keys, by: "key:1", step: "tombstones" } as const;
          const job = subject.newPrivacyJob(first, container.now());
          // As the request may: the rest is for the run of each minute.
          const steps = { erase: subject.firstEraseSteps(deps) };
          if (await work.jobs.save(job)) await subject.runPrivacySlice(job, deadline, { ...work, steps });
        };
      },
    },
    context,
  );

  const goOn = minutely(time, jobs, (ended) => worker.invoke({}, ended));

  function call<T>(container: Container, label: string, effect: () => T | Promise<T>): Promise<T> {
    return tableCall(container, world.tableShares, { label, effect });
  }

  function tombstonesOf(container: Container): EraseDeps["tombstones"] {
    return {
      head: () => call(container, "read erasures", () => stones.head()),
      erasedAt: (names) => call(container, "read tombstones", () => stones.erasedAt(names)),
      secret: (fresh, until) => call(container, "secret", () => stones.secret(fresh, until)),
      put: (names, times) => call(container, "put tombstones", () => stones.put(names, times)),
      announce: (head) =>
        call(container, "announce", async () => {
          await stones.announce(head);
          for (const job of await jobs.list({ limit: 100 })) {
            const person = wishes.get(job.id);
            if (person !== undefined && job.created_at === head.last_at && !announced.has(person))
              announced.set(person, { at: time.now(), createdAt: job.created_at });
          }
        }),
    };
  }

  function depsOf(container: Container): EraseDeps {
    const deliveries = createMemoryForgettableDeliveries(store);
    return {
      identities: world.graph(container),
      scopes: [SCOPE],
      tombstones: tombstonesOf(container),
      newSecret: () => `secret of ${container.name}`,
      lifetimes: { tombstonesMs: 31 * DAY_MS, remains: [{ place: "backups", what: "everything", forMs: 35 * DAY_MS }] },
      archive: {
        ...archiveReaderOf(container, world.tableShares, archive),
        rewrite: (key, lineFor) => call(container, "rewrite object", () => archive.rewrite(key, lineFor)),
        removeFolder: (prefix) => call(container, "remove folder", () => archive.removeFolder(prefix)),
      },
      deliveries: {
        forgetEvents: (keys) => call(container, "forget events", () => deliveries.forgetEvents(keys)),
        listQuarantined: (range) => call(container, "list quarantine", () => deliveries.listQuarantined(range)),
        removeQuarantined: (entry) => call(container, "unquarantine", () => deliveries.removeQuarantined(entry)),
      },
      jobs: jobsOf(container, world.tableShares, jobs, goOn),
      replays: { list: async () => [], save: async () => true },
      clock: { now: () => container.now() },
      archiveDays: 30,
      quarantineDays: 2,
      settleMs: SETTLE_MS,
    };
  }

  function configOf() {
    const sources = [{ dedupScope: SCOPE }];
    return { sources, destinations: [] } as unknown as ResolvedConfig;
  }

  /** Received before its person asked, whatever the clocks say. */
  function isBefore(event: Pick<CanonicalEvent, "received_at">, createdAt: number): boolean {
    return event.received_at <= createdAt;
  }

  async function judgePerson(person: string, createdAt: number): Promise<void> {
    const email = sha256Hex(emailOf(person));
    const { persons, pointers } = identities.contents();
    const left = persons.filter(({ created_at: at, hashes }) => hashes.email_plain === email && at <= createdAt);
    if (left.length > 0) fail("who was erased is not in the graph", person);
    const leading = pointers.find(({ key }) => key === `email#${email}`);
    const isNew = persons.some(({ created_at: at, id }) => id === leading?.person_id && at > createdAt);
    if (leading !== undefined && !isNew) fail("nothing leads to who was erased", person);
    for (const { event } of archive.events())
      if (event.user.email === emailOf(person) && isBefore(event, createdAt))
        fail("the archive has nothing of who was erased", event.event_id);
    for (const entry of store.quarantined())
      if (entry.raw.includes(emailOf(person)) && entry.received_at <= createdAt)
        fail("quarantine has nothing of who was erased", entry.event_id);
    const theirs = scenario.operations.flatMap((operation) =>
      operation.do === "report" ? operation.events.filter((event) => event.person === person) : [],
    );
    for (const { id } of theirs) {
      for (const { claim } of await store.readStory(id, [SCOPE])) {
        if (claim?.story.identity.person_id !== undefined && isBefore(claim.story, createdAt))
          fail("claims do not tell whose an event was", id);
      }
    }
  }

  return {
    of: (container) => subject.createErasures(tombstonesOf(container), { now: () => container.now() }),
    start(wish) {
      wishes.set(wish.key, wish.person);
      let tries = 0;
      const ask = () => {
        tries += 1;
        worker.invoke({ create: wish }, async () => {
          goOn();
          const isKept = (await jobs.read(wish.key)) !== undefined;
          if (!isKept && tries < 200) time.after(20_000, ask);
        });
      };
      ask();
    },
    queued(queue, body) {
      if (!queue.startsWith("lane-") || !body.startsWith("{")) return;
      const { event, lane, replay } = JSON.parse(body) as LaneMessage;
      receivedAt.set(`${event.event_id} ${lane}`, event.received_at);
      const stones = announced.get(plannedPerson(event.event_id) ?? "");
      if (stones === undefined || replay === undefined || event.received_at > stones.createdAt) return;
      if (replay.requested_at > stones.at + KNOWN_WITHIN_MS + 2 * scenario.skewMs)
        fail("a replay brings nobody back", `${event.event_id} to ${lane}`);
    },
    sent({ by, events, lane, startedAt }) {
      for (const { id, user = "" } of events) {
        for (const [key, person] of wishes) {
          const stones = announced.get(person);
          if (stones === undefined || startedAt <= stones.at + KNOWN_WITHIN_MS) continue;
          const received = receivedAt.get(`${id} ${lane}`) ?? Number.POSITIVE_INFINITY;
          const isTheirs = user === person || plannedPerson(id) === person;
          if (isTheirs && received <= stones.createdAt)
            fail("nothing of who was erased is sent", `${id} to ${lane} by ${by}, after ${key}`);
        }
      }
    },
    async judgeEnd() {
      for (const [key, person] of wishes) {
        const job = await jobs.read(key);
        if (job?.state !== "done") fail("an erasure comes to its end", `${key}: ${job?.state}, ${job?.reason}`);
        else if (job.person_keys.length > 0) fail("a finished erasure knows nobody", key);
        else await judgePerson(person, job.created_at);
      }
    },
  };

  function plannedPerson(id: string): string | undefined {
    for (const operation of scenario.operations) {
      const event = operation.do === "report" ? operation.events.find((it) => it.id === id) : undefined;
      if (event !== undefined) return event.person;
    }
    return undefined;
  }
}
