import type { ArchivedEvent } from "../core/archived-event.ts";
import type { ConsentPurpose } from "../core/consent.ts";
import { ruleForEvent } from "../core/consent-firewall.ts";
import { dropsCopies } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import type { Person } from "../core/identity.ts";
import { withContactsOfToday } from "../core/known-contacts.ts";
import { mergedEvent, partsOf } from "../core/merged-copies.ts";
import { eventPersonKeys, personKey } from "../core/person-keys.ts";
import { present } from "../core/present.ts";
import { type LaneMessage, REPLAY_GROUP } from "../core/queue-messages.ts";
import { addCounts, asOfToday, decideReplay, NO_COUNTS } from "../core/replay.ts";
import type { ReplayWork } from "../core/replay-cost.ts";
import type { ReplayCounts, ReplayJob } from "../core/replay-job.ts";
import { eventForLane, type Lane, type Routed, type RoutingRules, routeEvent } from "../core/routing.ts";
import type { ContactVault } from "../core/sealed-contacts.ts";
import { cleanEvent } from "../core/sensitive-data.ts";
import { withoutRefused } from "../core/withheld-identifiers.ts";
import type { CompletedEvent } from "./archived-copies.ts";
import { type ContactVaults, openVault } from "./contact-vaults.ts";
import { knownPersons, readCurrentPersons, refusedSinceByAny } from "./current-persons.ts";
import type { Erasures } from "./erasures.ts";
import type { IdentityStore } from "./identity.ts";
import { loggableId } from "./platform-words.ts";
import type { Clock, DeliveryStore, LaneQueues, Log, SendResult } from "./ports.ts";

/** What one page of a replay works with. */
export interface ReplayPageDeps {
  readonly rules: RoutingRules;
  readonly retryWindowMs: number;
  /** Life of receipts, ms. */
  readonly receiptsMs: number;
  readonly store: Pick<DeliveryStore, "readRecords">;
  readonly identities: Pick<IdentityStore, "readPersons">;
  /** Absent where nobody can have been erased: in a test of a page. */
  readonly erasures?: Erasures;
  /** Absent: no lane takes contacts in clear. */
  readonly contacts?: ContactVaults;
  readonly lanes: LaneQueues;
  readonly clock: Clock;
  readonly log: Pick<Log, "error" | "warn">;
}

/** What a page came to. */
export interface PageResult {
  readonly counts: Partial<ReplayCounts>;
  readonly byLane: Readonly<Record<string, number>>;
  readonly sent: number;
  readonly work: Pick<ReplayWork, "events" | "looked" | "sent" | "sentWithClaim">;
}

/** Tries of what a queue refused, with pauses in between, before the page is given up and repeated by the next slice. */
const SEND_ATTEMPTS = 3;
const SEND_PAUSE_MS = 200;

/** One event of the page as it may be used today. */
interface Replayable {
  readonly archived: CompletedEvent;
  readonly event: CanonicalEvent;
  readonly routed: Routed;
  /** Purposes that only a default refused, then and since. */
  readonly undecided: readonly ConsentPurpose[];
}

/** What a lane is to get. */
interface Missing {
  readonly body: string;
  /** The platform counts copies, so that the attempt is written down first. */
  readonly isClaimed: boolean;
}

/** A queue would not take a page; nothing of it counts as sent. */
export class ReplaySendError extends Error {
  constructor(lane: string, reason: string) {
    super(`${lane}: ${reason}`);
    this.name = "ReplaySendError";
  }
}

/** Decides about the events of a page at every destination of the job, and puts what is missing on the lanes. */
export async function workReplayPage(
  selected: readonly CompletedEvent[],
  job: ReplayJob,
  deps: ReplayPageDeps,
): Promise<PageResult> {
  const ids = selected.flatMap(({ event }) => knownPersons(event));
  const persons = await readCurrentPersons(ids, deps.identities);
  const erased = (await deps.erasures?.among(selected, ({ event }) => event)) ?? new Set();
  const { replayables, unreadable } = readToday(selected, persons, job, deps);
  const vault = await openVault(deps);
  const wanted = job.selection.destinations;
  const lanes = deps.rules.lanes.filter(({ id }) => wanted === undefined || wanted.includes(id));
  const work = { events: replayables.length, looked: 0, sent: 0, sentWithClaim: 0 };
  const byLane: Record<string, number> = {};
  let counts = addCounts(NO_COUNTS, { events: replayables.length, unreadable });
  for (const lane of lanes) {
    const complete = completer(lane, persons, vault);
    const { missing, counts: left } = await missingAt(lane, replayables, erased, job, { ...deps, complete });
    if (!job.dry_run) await send(lane, missing, deps);
    counts = addCounts(addCounts(counts, left), { sent: missing.length });
    if (missing.length > 0) byLane[lane.id] = missing.length;
    work.looked += replayables.length;
    work.sent += missing.length;
    work.sentWithClaim += missing.filter(({ isClaimed }) => isClaimed).length;
  }
  vault?.tell();
  return { counts, byLane, sent: work.sent, work };
}

/** Adds what the archive has not: people's contacts in clear, as the graph keeps them today, where the lane takes them. */
type Complete = (event: CanonicalEvent) => CanonicalEvent;

function completer(
  { destination, settings }: Lane,
  persons: ReadonlyMap<string, Person>,
  vault: ContactVault | undefined,
): Complete {
  if (vault === undefined || !destination.needsRawContact(settings)) return (event) => event;
  return (event) => {
    const theirs = knownPersons(event).flatMap((id) => persons.get(id) ?? []);
    return theirs.reduce((completed, person) => withContactsOfToday(completed, person, vault), event);
  };
}

async function missingAt(
  lane: Lane,
  replayables: readonly Replayable[],
  erased: ReadonlySet<ArchivedEvent>,
  job: ReplayJob,
  deps: ReplayPageDeps & { readonly complete: Complete },
): Promise<{ missing: Missing[]; counts: ReplayCounts }> {
  const { clock, complete, receiptsMs, retryWindowMs, store } = deps;
  const keys = replayables.map(({ event }) => eventKey(event));
  // Half the price: what is a second old and missed is dropped by the lane, which reads again.
  const records = await store.readRecords(lane.id, keys, { mayBeStale: true });
  const times = { now: clock.now(), receiptsMs, retryWindowMs };
  const missing: Missing[] = [];
  let counts = NO_COUNTS;
  for (const [index, it] of replayables.entries()) {
    const { archived, routed } = it;
    const isDecided = routed.decisions.some((decision) => decision.lane === lane.id && decision.send);
    const isAllowed = isDecided && !erased.has(archived);
    try {
      const decision = decideReplay({ archived, lane, isAllowed, record: records[index] }, job, times);
      if (decision === "send") {
        const own = ofLane(it, lane, deps.rules);
        missing.push(missingOne({ ...own, event: complete(own.event) }, lane, job, times.now));
      } else if (decision !== "not_selected") counts = addCounts(counts, { [decision]: 1 });
    } catch (error) {
      tellUnreadable(archived, error, deps, lane.id);
      counts = addCounts(counts, { unreadable: 1 });
    }
  }
  return { missing, counts };
}

function missingOne(
  { archived, event, routed, undecided }: Replayable,
  lane: Lane,
  job: ReplayJob,
  now: number,
): Missing {
  const replay = { job: job.id, requested_at: job.created_at, ...(job.force ? { force: true as const } : {}) };
  const behaviour = routed.decisions.find((decision) => decision.lane === lane.id)?.consent.behaviour;
  const outgoing = eventForLane(event, routed.consent, lane, behaviour);
  const until = archived.merge_until;
  // Of copies that the archive has not yet the lane hears from the table.
  const merge = until === undefined ? {} : { merge: { until, undecided: [...undecided] } };
  const message: LaneMessage = { v: 1, lane: lane.id, enqueued_at: now, replay, ...merge, event: outgoing };
  return { body: JSON.stringify(message), isClaimed: !dropsCopies(lane.destination, event) };
}

/**
 * The event without copies that the lane has another rule for: a rule may be about their source, and the union has the
 * first one's. What those copies refuse stays. While the table keeps them, the lane adds what the rule leaves of them.
 */
function ofLane(it: Replayable, lane: Lane, { sensitiveData }: RoutingRules): Replayable {
  const [first, ...others] = it.archived.copies ?? [];
  if (first === undefined) return it;
  const rule = ruleForEvent(first, lane);
  const alike = others.filter((copy) => ruleForEvent(copy, lane) === rule);
  if (alike.length === others.length) return it;
  const union = mergedEvent(
    first,
    alike.map((copy) => ({ kind: copy.source.kind, parts: partsOf(copy) })),
  );
  const allowed = withoutRefused({ ...union, ...present({ consent: it.event.consent }) }, it.undecided);
  return { ...it, event: cleanEvent(allowed, sensitiveData).event };
}

async function send(lane: Lane, missing: readonly Missing[], deps: ReplayPageDeps): Promise<void> {
  let waiting = missing.map(({ body }) => ({ body, group: REPLAY_GROUP }));
  for (let attempt = 1; waiting.length > 0; attempt += 1) {
    const results = await deps.lanes.send(lane.id, waiting);
    const reasonAt = (index: number) => reasonOf(results[index]);
    const reason = waiting.map((_, index) => reasonAt(index)).find((it) => it !== undefined);
    waiting = waiting.filter((_, index) => reasonAt(index) !== undefined);
    if (waiting.length === 0) return;
    if (attempt === SEND_ATTEMPTS) throw new ReplaySendError(lane.id, reason ?? "no answer");
    await deps.clock.sleep(SEND_PAUSE_MS * attempt);
  }
}

function reasonOf(result: SendResult | undefined): string | undefined {
  if (result === undefined) return "no answer";
  return result.sent ? undefined : result.reason;
}

/** Those that are of the job's person. What today's code fails on must not hold up, for ever, what is behind it. */
function readToday(
  selected: readonly CompletedEvent[],
  persons: ReadonlyMap<string, Person>,
  job: ReplayJob,
  deps: ReplayPageDeps,
): { replayables: Replayable[]; unreadable: number } {
  const replayables: Replayable[] = [];
  let unreadable = 0;
  for (const archived of selected) {
    try {
      if (isOfPerson(archived, persons, job.person_keys)) replayables.push(replayable(archived, persons, deps));
    } catch (error) {
      tellUnreadable(archived, error, deps);
      unreadable += 1;
    }
  }
  return { replayables, unreadable };
}

/** The class of the error only: its message may quote the event. */
function tellUnreadable({ event }: ArchivedEvent, error: unknown, { log }: ReplayPageDeps, lane?: string): void {
  log.error("an archived event cannot be replayed", {
    event_id: loggableId(event.event_id),
    error: error instanceof Error ? error.name : "unknown",
    ...(lane === undefined ? {} : { lane }),
  });
}

function replayable(
  archived: CompletedEvent,
  persons: ReadonlyMap<string, Person>,
  { clock, rules }: ReplayPageDeps,
): Replayable {
  const { event: then } = archived;
  const refused = refusedSinceByAny(then, persons);
  // What is in the archive was cleaned by the rules of its day; a field may have been blocked since.
  const { event } = cleanEvent(asOfToday(archived, refused), rules.sensitiveData);
  // What the person refused since no copy of then can grant.
  const undecided = (archived.undecided ?? []).filter((purpose) => refused[purpose] === undefined);
  return { archived, event, routed: routeEvent(event, rules, clock.now()), undecided };
}

/** By who the event's person is today, and by the identifiers that the event itself carries. */
function isOfPerson(
  { event }: ArchivedEvent,
  persons: ReadonlyMap<string, Person>,
  keys: readonly string[] | undefined,
): boolean {
  if (keys === undefined) return true;
  const today = persons.get(event.known?.person_id ?? "");
  const own = today === undefined ? [] : [personKey(today.id)];
  return [...own, ...eventPersonKeys(event)].some((key) => keys.includes(key));
}
