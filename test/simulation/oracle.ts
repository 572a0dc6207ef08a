import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import type { LaneControl } from "../../src/core/lane-control.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import { isToBeErased } from "./erasures.ts";
import type { ControlWitness } from "./lane-controls.ts";
import { judgeEnd } from "./oracle-end.ts";
import { createPairJudge } from "./pair-judge.ts";
import type { PlatformWitness, SentRequest } from "./platforms.ts";
import type { SimulatedQueues } from "./queues.ts";
import { createRefusals } from "./refusals.ts";
import type { PlannedEvent, Scenario } from "./scenarios.ts";
import { createStopJudge } from "./stop-judge.ts";
import { type GraphWitness, receiptId, STALE_MS, type TableWitness } from "./stores.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a worker may be late in acting on what it judged when its invocation began, ms. */
const WORKER_LIFE_MS = 120_000;
/** Longest wait that anything asks a lane for, besides its own backoff: a lasting refusal's, with its jitter, ms. */
const LONGEST_ASKED_MS = 30 * 60_000;
const MARGIN_MS = 60_000;
/** What a request may take until ingest looks at its clock, ms: not longer than the function lives. */
const UPLOAD_MS = 15_000;
/** What a redriven message may wait for its first receive at most, ms. */
const REDRIVE_MS = 2 * 3_600_000;

/** A promise that a run broke, in words that name the event. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** Watches one run: it sees every effect at the moment it happens, and judges what is left at the end. */
export interface Oracle extends TableWitness, PlatformWitness, ControlWitness, GraphWitness {
  /** A sender was told that the event was taken, or that it was refused and kept. */
  answered(event: PlannedEvent, status: "accepted" | "rejected", source: string): void;
  died(invocation: string): void;
  /** A body reached a queue. */
  queued(queue: string, body: string): void;
  /** A person has dead letters of a lane put back on it. */
  redriven(queue: string): void;
  /** Judges the stores and queues when nothing moves any more. */
  settle(store: MemoryDeliveryStore, queues: SimulatedQueues): Promise<void>;
  /** When the event's arrival was written down, epoch ms. */
  deliveredAt(id: string, lane: string): number | undefined;
  fail(rule: string, what: string): void;
  readonly violations: readonly Violation[];
  /** States that some receipt was in. */
  readonly states: ReadonlySet<DeliveryState>;
  /** States that some lane was in. */
  readonly lanes: ReadonlySet<LaneControl["state"]>;
}

/** What is known of one event at one platform. */
export interface Story {
  readonly event: PlannedEvent;
  readonly lane: string;
  readonly counts: SentRequest[];
  stored?: DeliveryRecord;
  deliveredAt?: number;
  /** When its first and its last message on the lane said that they were put there. */
  since?: { first: number; last: number };
  /** The event as its lane got it. A record that came again may find another person: a pair joined its browser meanwhile. */
  onLane?: { readonly persons: ReadonlySet<string | undefined>; readonly time: number };
  /** Whom the graph knew behind its later copies. */
  readonly others: Set<string>;
  /** Invocations that were not told that their receipt was written. */
  readonly unsure: Set<string>;
}

/** An oracle for one run; `tell` writes into its trace. */
export function createOracle(scenario: Scenario, time: VirtualTime, tell: (line: string) => void): Oracle {
  const violations: Violation[] = [];
  const events = new Map<string, PlannedEvent>();
  for (const operation of scenario.operations) {
    if (operation.do === "report") for (const event of operation.events) events.set(event.id, event);
  }
  const stories = new Map<string, Story>();
  for (const event of events.values()) {
    for (const { lane } of scenario.platforms) {
      stories.set(`${event.id} ${lane}`, { event, lane, counts: [], others: new Set(), unsure: new Set() });
    }
  }
  const states = new Set<DeliveryState>();
  const told = { accepted: new Set<string>(), rejected: new Set<string>() };
  const dead = new Set<string>();
  /** What tells the copy of an event that went to the lanes from its others. */
  const copies = new Map<string, string>();
  const requests: SentRequest[] = [];
  /** Epoch ms before which a platform does not want to hear of an event again. */
  const notBefore = new Map<string, number>();
  const refusals = createRefusals(time, scenario.skewMs);
  const stops = createStopJudge({ fail, requests, time });
  const pairs = createPairJudge(scenario, time, fail);
  // Elsewhere a second message of the event knows of no wait, and a wait that the queue refused is not kept.
  const isOneMessage = scenario.name === "platforms";

  function fail(rule: string, what: string): void {
    violations.push({ rule, what });
    tell(`VIOLATION ${rule}: ${what}`);
  }

  const planOf = (lane: string) => scenario.platforms.find((plan) => plan.lane === lane);
  const storyOf = (id: string, lane: string) => stories.get(`${id} ${lane}`);

  /** Whether the sender of this count knew of it, and nothing kept it from writing that down. */
  function isClean(story: Story, request: SentRequest): boolean {
    return request.told.taken.has(story.event.id) && !dead.has(request.by) && !story.unsure.has(request.by);
  }

  function judgeReceipt(record: DeliveryRecord, by: string, story: Story): void {
    const { event, lane } = story;
    const name = `${event.id} at ${lane}, by ${by}`;
    const mine = requests.filter((it) => it.lane === lane && it.by === by);
    const wasTold = (what: "taken" | "refused") => mine.some((it) => it.told[what].has(event.id));
    if (record.state === "delivered" && !wasTold("taken")) fail("delivered means confirmed", name);
    if (record.state === "rejected" && !wasTold("refused")) fail("rejected means refused", name);
    if (record.state !== "delivered" && wasTold("taken"))
      fail("what was confirmed is delivered", `${name}: ${record.state}`);
    if (record.state === "expired") judgeExpiry(story);
    if (record.skip?.code === "erased") {
      if (!isToBeErased(scenario, event)) fail("only of erased people", name);
      return;
    }
    if (
      record.state === "skipped" &&
      !(record.skip?.code === "consent" ? wasRefused(story, by) : expectsTooOld(event, lane))
    )
      fail("skipped for a reason", `${name}: ${record.skip?.code}`);
  }

  function judgeExpiry({ event, lane, since }: Story): void {
    const plan = planOf(lane);
    if (plan === undefined || since === undefined) return;
    const end = Math.min(stops.windowSince(lane, since.first) + scenario.retryWindowMs, event.time + plan.maxAgeMs);
    const slack = MARGIN_MS + LONGEST_ASKED_MS + 2 * scenario.skewMs;
    if (time.now() < end - slack) fail("expired only at the deadline", `${event.id} at ${lane}`);
  }

  function judgeDeadline({ event, lane, since }: Story, request: SentRequest): void {
    const plan = planOf(lane);
    if (plan === undefined || since === undefined) return;
    const end = Math.min(
      stops.windowSince(lane, since.last, request) + scenario.retryWindowMs,
      event.time + plan.maxAgeMs,
    );
    if (request.sentAt > end + WORKER_LIFE_MS + 2 * scenario.skewMs) {
      fail("nothing is sent after its deadline", `${event.id} to ${lane}, by ${request.by}`);
    }
  }

  /** Since the event, or in the other copy, or by nobody but a default. */
  function wasRefused(story: Story, by: string): boolean {
    const { event, lane } = story;
    const isOthers = scenario.mergeSeconds !== undefined && event.denied.includes(planOf(lane)?.consent ?? "");
    return isOthers || wasTakenBack(story) || pairs.mayBeUnanswered(event.id, lane, by);
  }

  function wasTakenBack({ lane, onLane, others }: Story): boolean {
    const purpose = planOf(lane)?.consent;
    if (purpose === undefined || onLane === undefined) return false;
    return [...onLane.persons, ...others].some((person) => refusals.everStood(person, purpose, onLane.time));
  }

  /** What the graph had when the invocation began; a grant that came in meanwhile may have been heard as well. */
  function judgeRefusal({ event, lane, onLane, since }: Story, request: SentRequest): void {
    const purpose = planOf(lane)?.consent;
    if (purpose === undefined || onLane === undefined || since === undefined) return;
    if (!refusals.isLate(since.last, request.startedAt)) return;
    const { persons, time: eventTime } = onLane;
    // Whichever message the request was made of: each goes by the person that its own try of enrich found.
    const stood = [...persons].every((person) =>
      [request.startedAt, request.sentAt].every((at) => refusals.stood(person, purpose, eventTime, at)),
    );
    if (stood) fail("what was refused since is not sent", `${event.id} to ${lane}, by ${request.by}`);
  }

  function expectsTooOld(event: PlannedEvent, lane: string): boolean {
    // The first report that was taken may have been any of them, so a late copy makes a late event.
    return time.now() - event.time > (planOf(lane)?.maxAgeMs ?? 0) - scenario.skewMs;
  }

  return {
    deliveredAt: (id, lane) => storyOf(id, lane)?.deliveredAt,
    fail,
    violations,
    states,
    lanes: stops.states,
    controlled: stops.controlled,
    controlFailed: stops.controlFailed,
    answered(event, status, source) {
      told[status].add(event.id);
      if (status === "accepted") pairs.accepted(event.id, source);
    },
    died: (invocation) => void dead.add(invocation),
    claimed() {},
    kept(key, copy, views) {
      pairs.kept(key, copy);
      for (const { lanes, parts } of views) {
        const person = parts.known?.person_id;
        if (person === undefined) continue;
        for (const lane of lanes) storyOf(key.event_id, lane)?.others.add(person);
      }
    },
    copiesRead: pairs.copiesRead,
    learned: refusals.learned,
    queued(queue, body) {
      if (!queue.startsWith("lane-") || queue.endsWith("-dlq") || !body.startsWith("{")) return;
      const message = JSON.parse(body) as LaneMessage;
      const { enqueued_at: at, event, lane } = message;
      pairs.queued(message);
      const story = storyOf(event.event_id, lane);
      if (story === undefined) return;
      // A replay puts what the copies are together on the lane.
      const person = scenario.mergeSeconds === undefined ? event.user.user_id : "";
      const copy = `${event.received_at} ${event.source.id} ${person}`;
      if (copy !== (copies.get(event.event_id) ?? copy))
        fail("one copy speaks for its event", `${event.event_id} at ${lane}`);
      copies.set(event.event_id, copy);
      const persons = new Set([...(story.onLane?.persons ?? []), event.known?.person_id]);
      story.onLane = { persons, time: event.event_time };
      story.since = { first: Math.min(at, story.since?.first ?? at), last: Math.max(at, story.since?.last ?? at) };
    },
    redriven(queue) {
      // A window that starts anew starts when its message is first handed out, which throttled polls may put off.
      const last = time.now() + REDRIVE_MS;
      for (const story of stories.values()) {
        if (queue === `lane-${story.lane}` && story.since !== undefined) story.since = { ...story.since, last };
      }
    },
    attemptClaimed(record) {
      states.add(record.state);
      const story = storyOf(record.key.event_id, record.lane);
      if (story?.stored?.state === "delivered") fail("what is delivered stays", receiptId(record.key, record.lane));
      else if (story !== undefined) story.stored = record;
    },
    wrote(record, by) {
      states.add(record.state);
      const story = storyOf(record.key.event_id, record.lane);
      if (story === undefined) return fail("receipts are of events", receiptId(record.key, record.lane));
      judgeReceipt(record, by, story);
      const stored = story.stored?.state;
      const lasts = stored === "rejected" || stored === "skipped";
      if (stored === "delivered" || (lasts && record.state !== "delivered")) return;
      story.stored = record;
      if (record.state === "delivered") story.deliveredAt = time.now();
    },
    writeFailed(record, by) {
      storyOf(record.key.event_id, record.lane)?.unsure.add(by);
    },
    sent(request) {
      stops.judge(request);
      requests.push(request);
      const plan = planOf(request.lane);
      const seen = new Set<string>();
      for (const wire of request.events) {
        const { consent, id, time: at, user = "", value } = wire;
        pairs.sent(wire, request);
        const name = `${id} to ${request.lane}, by ${request.by}`;
        const story = storyOf(id, request.lane);
        if (story === undefined || plan === undefined) {
          fail("only events are sent", name);
          continue;
        }
        const { event } = story;
        // A tag knows no customer: without the server's copy it is nobody's.
        const isTags = user === "" && scenario.mergeSeconds !== undefined;
        const isWhose = user === event.person || user.startsWith("alias-") || isTags;
        // A clock that is behind sees the event in its future, and takes it as of now. A device's clock is known as
        // well as the way of its request is short.
        const isWhen = at <= event.time + UPLOAD_MS + scenario.skewMs && at >= event.time - 2 * scenario.skewMs;
        if (!isWhen || value !== event.value || !isWhose) fail("what is sent is what was reported", name);
        if (seen.has(id)) fail("once in a request", name);
        seen.add(id);
        const isDenied = event.denied.includes(plan.consent) && !pairs.mayBeOverruled(event, request);
        if (consent === "denied" || isDenied) fail("denied is not sent", name);
        if (event.excluded.includes(request.lane)) fail("excluded is not sent", name);
        if (story.deliveredAt !== undefined && story.deliveredAt < request.startedAt - STALE_MS) {
          fail("known as delivered is not sent", name);
        }
        judgeDeadline(story, request);
        judgeRefusal(story, request);
        if (isOneMessage && request.sentAt < (notBefore.get(`${id} ${request.lane}`) ?? 0)) {
          fail("Retry-After is kept", name);
        }
        if (!plan.dedups) judgeAtOnce(story, request);
      }
    },
    askedToWait({ events: asked, lane }, seconds) {
      for (const { id } of asked) notBefore.set(`${id} ${lane}`, time.now() + seconds * 1_000);
    },
    counted(lane, { id }, request) {
      const story = storyOf(id, lane);
      if (story === undefined) return;
      tell(`COUNTED ${id} at ${lane}`);
      story.counts.push(request);
    },
    async settle(store, queues) {
      stops.judgeEnd(scenario.faultsEndAt);
      await pairs.judgeEnd(store);
      await judgeEnd({ events, fail, isClean, now: time.now(), queues, scenario, stories, store, told });
    },
  };

  /** Where copies count, nobody sends while another worker's request is under way. */
  function judgeAtOnce(story: Story, request: SentRequest): void {
    const other = requests.find(
      (it) =>
        it !== request &&
        it.lane === request.lane &&
        it.by !== request.by &&
        it.endedAt === undefined &&
        !dead.has(it.by) &&
        it.events.some(({ id }) => id === story.event.id),
    );
    if (other !== undefined) fail("one worker at a time", `${story.event.id} by ${other.by} and ${request.by}`);
  }
}
