import { type ConsentPurpose, vendorRefusals } from "../core/consent.ts";
import { decidedConsent, vendorConsent } from "../core/consent-decision.ts";
import { decideForLane, type LaneConsent } from "../core/consent-firewall.ts";
import { consentedCopy } from "../core/consented-copy.ts";
import type { DeliveryRecord } from "../core/delivery-record.ts";
import {
  type DeliveryContext,
  type Destination,
  isSentAsTest,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { type CanonicalEvent, type EventKey, eventKey, eventKeyText } from "../core/event.ts";
import { type LaneEventRules, unmetCondition, withRuledValue } from "../core/event-rules.ts";
import { FINAL_STATES } from "../core/outcome.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import { deliveryDeadline, isKept } from "../core/retry.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import {
  type DeliverDeps,
  type LaneItem,
  type MergedCopies,
  parseLaneMessage,
  type ReceivedMessage,
  type Verdict,
} from "./lane.ts";
import type { LaneGate } from "./lane-breaker.ts";
import { deciderOf } from "./lane-merge.ts";
import { revivesAtLeast, takeBackEnds } from "./lane-replay.ts";

/** Added to the time a worker can live before its claim counts as abandoned, ms. */
const LEASE_MARGIN_MS = 5_000;

/** An event whose own data makes the destination's code fail waits for a new version of it, ms. */
const FAULT_RETRY_MS = 15 * 60_000;

/** When a second copy of an event in one batch is looked at by itself, seconds: the first one is done by then. */
const COPY_RETURNS_SECONDS = 60;

/** Of what was received before its person was erased. */
const ERASED: SkipReason = { code: "erased", detail: "the person was erased after the event came" };

/** A message that is an event of this lane. */
export interface ReadMessage {
  readonly message: ReceivedMessage;
  readonly body: LaneMessage;
  readonly key: EventKey;
  /** Purposes that the person refused after the event happened. */
  readonly takenBack?: ReadonlySet<ConsentPurpose>;
  /** Its person was erased after it came. */
  readonly isErased?: true;
  /** Present for an event that waited for its other copy, with what the copies are together as its body. */
  readonly merged?: MergedCopies;
}

/** Reads the messages; what can never be an event goes to the DLQ, and a second copy of an event is dropped. */
export async function readMessages(
  messages: readonly ReceivedMessage[],
  lane: string,
  ledger: BatchLedger,
): Promise<ReadMessage[]> {
  const poison: { message: ReceivedMessage; reason: string }[] = [];
  const events = new Map<string, ReadMessage>();
  for (const message of messages) {
    const parsed = parseLaneMessage(message.body, lane);
    if (!parsed.ok) {
      poison.push({ message, reason: parsed.reason });
      continue;
    }
    const read = { message, body: parsed.body, key: eventKey(parsed.body.event) };
    const id = eventKeyText(read.key);
    const other = events.get(id);
    const keep = other === undefined || isPreferred(read, other) ? read : other;
    events.set(id, keep);
    if (other !== undefined) dropCopy(keep, keep === read ? other : read, ledger);
  }
  if (poison.length > 0) await ledger.poison(poison);
  return [...events.values()];
}

/** A copy that can revive what the kept one cannot comes back: the kept one may find an end that it leaves as it is. */
function dropCopy(kept: ReadMessage, other: ReadMessage, ledger: BatchLedger): void {
  if (revivesAtLeast(kept.body, other.body)) ledger.acknowledge(other.message);
  else ledger.leave(other.message, COPY_RETURNS_SECONDS);
}

/**
 * Puts off what came to a stopped lane, with nothing read or written. What its queue is about to forget goes on, to be
 * given up in sight: answers those.
 */
export function holdBack(
  reads: readonly ReadMessage[],
  { ledger, now }: { readonly ledger: BatchLedger; readonly now: number },
): ReadMessage[] {
  const dueOut = reads.filter(({ message }) => !isKept(message.sentAt, now));
  for (const read of reads) if (!dueOut.includes(read)) ledger.hold(read.message);
  return dueOut;
}

type Judgement =
  | { do: "send"; item: LaneItem }
  | { do: "acknowledge" }
  | { do: "wait"; seconds: number }
  | { do: "skip"; item: LaneItem; skip: SkipReason }
  | { do: "expire"; item: LaneItem }
  | { do: "settle"; verdict: Verdict };

/** What the judgement of one event looks at. */
export interface TriageScope {
  readonly destination: Destination;
  readonly deps: DeliverDeps;
  readonly ledger: BatchLedger;
  readonly gate: Pick<LaneGate, "admits" | "resumedAt">;
  readonly context: DeliveryContext<unknown>;
  /** How long a worker of this lane can live, ms. */
  readonly workerLifeMs: number;
}

/** Finds the events that are to be sent now; all others are acknowledged, skipped, expired or sent back. */
export async function triage(
  reads: readonly ReadMessage[],
  records: readonly (DeliveryRecord | undefined)[],
  scope: TriageScope,
): Promise<LaneItem[]> {
  const { ledger } = scope;
  const known = await takeBackEnds(reads, records, scope);
  const judged = known.map(({ read, record }) => ({ read, judgement: judge(forVendor(read, scope), record, scope) }));
  for (const { read, judgement } of judged) {
    if (judgement.do === "acknowledge") ledger.acknowledge(read.message);
    if (judgement.do === "wait") ledger.leave(read.message, judgement.seconds);
  }
  const judgements = judged.map(({ judgement }) => judgement);
  const skipped = judgements.filter((it) => it.do === "skip");
  const expired = judgements.filter((it) => it.do === "expire");
  const settled = judgements.filter((it) => it.do === "settle");
  if (skipped.length > 0) await ledger.skip(skipped);
  if (expired.length > 0) await ledger.expire(expired.map(({ item }) => item));
  if (settled.length > 0) await ledger.settle(settled.map(({ verdict }) => verdict));
  return judgements.filter((it) => it.do === "send").map(({ item }) => item);
}

function judge(read: ReadMessage, record: DeliveryRecord | undefined, scope: TriageScope): Judgement {
  const redriven = read.body.dead_lettered_at !== undefined;
  if (record !== undefined && FINAL_STATES.has(record.state) && !revives(read, record)) return { do: "acknowledge" };
  const { context, deps, destination } = scope;
  const consent = consentNow(read, scope);
  // Of what came only what is left of it goes out; the receipt stands under the id that it came with.
  const event = withRuledValue(consentedCopy(read.body.event, deps.lane, consent.behaviour), deps.lane);
  const testMode = isSentAsTest(event, destination, deps.lane);
  const limits = {
    since: windowSince(read, scope),
    retryWindowMs: deps.lane.retryWindowMs,
    eventTime: event.event_time,
    sentAt: read.message.sentAt,
  };
  const replay = read.body.replay === undefined ? {} : { replay: read.body.replay.job };
  const merged = read.merged === undefined ? {} : { merged: read.merged };
  const form = consent.behaviour === undefined ? {} : { behaviour: consent.behaviour };
  const ids = { message: read.message, key: read.key };
  const known = { ...ids, event, record, redriven, group: "", ...replay, ...merged, ...form };
  const ofAnyAge = () => ({ ...known, deadline: deliveryDeadline({ ...limits, maxAgeMs: Number.POSITIVE_INFINITY }) });
  if (read.isErased === true) return { do: "skip", item: ofAnyAge(), skip: ERASED };
  try {
    const maxAgeMs = destination.limits.maxAgeMs(event, deps.lane.settings);
    const policy = deps.retryPolicy === undefined ? {} : { policy: deps.retryPolicy };
    const item = { ...known, deadline: deliveryDeadline({ ...limits, ...policy, maxAgeMs }) };
    const inContext = { ...scope, context: { ...context, testMode } };
    // Asked of the event as it came: the value it goes out with may be another.
    const skip = conditionSkip(read.body.event, deps.lane) ?? skipReason(event, inContext, consent);
    const aged = judgeAge(item, skip, { now: context.now, maxAgeMs });
    if (aged !== undefined) return aged;
    const seconds = secondsUntilFree(record, scope);
    if (seconds > 0) return { do: "wait", seconds };
    const key = destination.batchKey?.(event, inContext.context) ?? "";
    return { do: "send", item: { ...item, group: testMode ? `test ${key}` : key } };
  } catch (error) {
    // The class only: the message may quote the event.
    const reason = `the destination's code failed on this event: ${error instanceof Error ? error.name : "unknown"}`;
    return { do: "settle", verdict: { item: ofAnyAge(), outcome: { kind: "retry", reason, afterMs: FAULT_RETRY_MS } } };
  }
}

/**
 * A redrive takes back that its event expired, and no other end. Not when it expired again after that: then this
 * message's work is done, and a newer one is on the DLQ.
 */
function revives({ body }: ReadMessage, record: DeliveryRecord): boolean {
  return record.state === "expired" && record.updated_at <= (body.dead_lettered_at ?? 0);
}

/**
 * Which of two copies speaks for their event: of dead letters the newest, since no other takes back that it expired, and
 * else the one that was put here last, which has the most time left to be tried.
 */
function isPreferred(read: ReadMessage, other: ReadMessage): boolean {
  const given = read.body.dead_lettered_at ?? 0;
  const before = other.body.dead_lettered_at ?? 0;
  return given === before ? waitingSince(read) > waitingSince(other) : given > before;
}

/** When the retry window of a message begins: time behind a stopped lane does not count, and a probe is still that. */
function windowSince(read: ReadMessage, { context, gate }: TriageScope): number {
  return gate.admits === "all" ? Math.max(waitingSince(read), gate.resumedAt ?? 0) : context.now;
}

/** Since when a message is to be delivered, epoch ms. The body of a redriven one only knows of its first time on the lane. */
function waitingSince({ body, message }: ReadMessage): number {
  if (body.dead_lettered_at === undefined) return body.enqueued_at;
  return Math.max(body.dead_lettered_at, message.firstReceivedAt);
}

/**
 * Too old is `expired`, with its body kept, when we received the event in time and took too long. One that was too old
 * when it came is `skipped`: nobody could have delivered it, and the DLQ's alarm is for what somebody should look at.
 */
function judgeAge(
  item: LaneItem,
  skip: SkipReason | undefined,
  { now, maxAgeMs }: { now: number; maxAgeMs: number },
): Judgement | undefined {
  const cameTooLate = item.event.received_at - item.event.event_time > maxAgeMs;
  if (skip !== undefined && (skip.code !== "too_old" || cameTooLate)) return { do: "skip", item, skip };
  if (now >= item.deadline.at) return { do: "expire", item };
  return skip === undefined ? undefined : { do: "skip", item, skip };
}

/**
 * Seconds for which an earlier worker that said it was about to send may still be doing so. After that it is dead and
 * the platform may have the event or not: a conversion that reports may show twice is better than one that is lost.
 */
function secondsUntilFree(record: DeliveryRecord | undefined, { context, workerLifeMs }: TriageScope): number {
  if (record?.state !== "attempting") return 0;
  return Math.max(0, Math.ceil((record.updated_at + workerLifeMs + LEASE_MARGIN_MS - context.now) / 1_000));
}

function conditionSkip(event: CanonicalEvent, rules: LaneEventRules): SkipReason | undefined {
  const unmet = unmetCondition(event, rules);
  return unmet === undefined
    ? undefined
    : { code: "not_configured", detail: `sent to this destination only if ${unmet}` };
}

/** What a TC string does not grant to the platform's company is refused here, too: another copy may have brought it. */
function forVendor(read: ReadMessage, { destination }: TriageScope): ReadMessage {
  const { event } = read.body;
  if (vendorRefusals(event.consent, destination.tcfVendorId).length === 0) return read;
  const consent = vendorConsent(event.consent ?? {}, destination.tcfVendorId);
  return { ...read, body: { ...read.body, event: { ...event, consent } } };
}

/** The decision of enrich, made once more: by today's configuration, and by what was refused since. */
function consentNow(read: ReadMessage, { deps, destination }: TriageScope): LaneConsent {
  const { event } = read.body;
  const effective = decidedConsent(event.consent, (purpose) => deciderOf(purpose, read));
  return decideForLane(event, { ...deps.lane, destination }, effective);
}

/**
 * Enrich asked the first three already, and they are asked again on purpose: an event may wait for days, and what the
 * configuration says now holds. A purpose that was taken out, or an event name turned off, stops what waits.
 */
function skipReason(
  event: CanonicalEvent,
  { context, destination }: TriageScope,
  consent: LaneConsent,
): SkipReason | undefined {
  if (event.test === true && !context.testMode) {
    return { code: "test_event", detail: "a test event is sent only in test mode" };
  }
  if (!consent.allowed) return { code: "consent", detail: consent.reason };
  if (wireName(event, destination, context) === undefined) {
    return { code: "not_configured", detail: `${event.event_name} is not sent to this destination` };
  }
  return destination.skipReason(event, context);
}
