import { consentedCopy } from "../core/consented-copy.ts";
import type { DeliveryRecord } from "../core/delivery-record.ts";
import { type DeliveryContext, type Destination, isSentAsTest, type SkipReason } from "../core/destination.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { withRuledValue } from "../core/event-rules.ts";
import { FINAL_STATES } from "../core/outcome.ts";
import { present } from "../core/present.ts";
import { deliveryDeadline } from "../core/retry.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import type { DeliverDeps, LaneItem, ReadMessage, Verdict } from "./lane.ts";
import { waitingSince } from "./lane-batch.ts";
import type { LaneGate } from "./lane-breaker.ts";
import { takeBackEnds } from "./lane-replay.ts";
import { conditionSkip, consentNow, forVendor, skipReason } from "./lane-skips.ts";

/** Added to the time a worker can live before its claim counts as abandoned, ms. */
const LEASE_MARGIN_MS = 5_000;

/** An event whose own data makes the destination's code fail waits for a new version of it, ms. */
const FAULT_RETRY_MS = 15 * MINUTE_MS;

/** Of what was received before its person was erased. */
const ERASED: SkipReason = { code: "erased", detail: "the person was erased after the event came" };

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
  const judged = known.map(({ read, record }) => ({
    read,
    judgement: judge(forVendor(read, scope.destination), record, scope),
  }));
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
  const consent = consentNow(read, deps.lane, destination);
  // Of what came only what is left of it goes out; the receipt stands under the id that it came with.
  const event = withRuledValue(consentedCopy(read.body.event, deps.lane, consent.behaviour), deps.lane);
  const testMode = isSentAsTest(event, destination, deps.lane);
  const limits = {
    since: windowSince(read, scope),
    retryWindowMs: deps.lane.retryWindowMs,
    eventTime: event.event_time,
    sentAt: read.message.sentAt,
  };
  const { key, merged, message } = read;
  const told = present({ replay: read.body.replay?.job, merged, behaviour: consent.behaviour });
  const known = { message, key, event, record, redriven, group: "", ...told };
  const ofAnyAge = () => ({ ...known, deadline: deliveryDeadline({ ...limits, maxAgeMs: Number.POSITIVE_INFINITY }) });
  if (read.isErased === true) return { do: "skip", item: ofAnyAge(), skip: ERASED };
  try {
    const maxAgeMs = destination.limits.maxAgeMs(event, deps.lane.settings);
    const policy = deps.retryPolicy === undefined ? {} : { policy: deps.retryPolicy };
    const item = { ...known, deadline: deliveryDeadline({ ...limits, ...policy, maxAgeMs }) };
    const inContext = { ...context, testMode };
    // Asked of the event as it came: the value it goes out with may be another.
    const skip = conditionSkip(read.body.event, deps.lane) ?? skipReason(event, consent, destination, inContext);
    const aged = judgeAge(item, skip, { now: context.now, maxAgeMs });
    if (aged !== undefined) return aged;
    const seconds = secondsUntilFree(record, scope);
    if (seconds > 0) return { do: "wait", seconds };
    const group = destination.batchKey?.(event, inContext) ?? "";
    return { do: "send", item: { ...item, group: testMode ? `test ${group}` : group } };
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

/** When the retry window of a message begins: time behind a stopped lane does not count, and a probe is still that. */
function windowSince(read: ReadMessage, { context, gate }: TriageScope): number {
  return gate.admits === "all" ? Math.max(waitingSince(read), gate.resumedAt ?? 0) : context.now;
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
