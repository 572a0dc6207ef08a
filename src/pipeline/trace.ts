import type {
  ClaimResult,
  DeliveryRecord,
  LaterCopy,
  QuarantinedEvent,
  RoutingDecision,
} from "../core/delivery-record.ts";
import type { Identifier } from "../core/destination.ts";
import type { EventKey } from "../core/event-key.ts";
import type { Explain, Explanation, Failure } from "../core/explanation.ts";
import { consentLine, consentSeenLine } from "./consent-words.ts";
import { explanationLines } from "./explanation-text.ts";
import { createPaint, DELIVERY_TONES, type Paint } from "./tone.ts";
import { beforeCopies, copyLines, missedLine, sentQuality, toldCopies, waitingLine } from "./trace-copies.ts";

/** Everything that the delivery table holds about one event id under one name in one scope. */
export interface StoredEvent {
  dedup_scope: string;
  event_id: string;
  /** Canonical name, or `custom:<own name>`. */
  name: string;
  claim?: Omit<ClaimResult, "owner">;
  records: DeliveryRecord[];
  /** Later copies that brought something, oldest first; absent where none did. */
  copies?: LaterCopy[];
  quarantined?: QuarantinedEvent;
}

/** The name under which an event is stored and shown. */
export function storedName({ event_name, custom_name }: Pick<EventKey, "event_name" | "custom_name">): string {
  return custom_name === undefined ? event_name : `custom:${custom_name}`;
}

/** Reads what is stored about an event id. Scopes are those of the configured sources. */
export interface StoryReader {
  readStory(eventId: string, scopes: readonly string[]): Promise<StoredEvent[]>;
}

/** One destination's part of the story: what was decided, and how it went. */
export interface TracedDelivery {
  readonly lane: string;
  readonly state: DeliveryRecord["state"];
  readonly decision?: RoutingDecision;
  readonly record?: DeliveryRecord;
}

/** Every lane that was decided for or has a record; a decision to send without a record is `pending`. */
export function tracedDeliveries(event: StoredEvent): TracedDelivery[] {
  const decided = (event.claim?.story.decisions ?? []).map((decision): TracedDelivery => {
    const record = event.records.find(({ lane }) => lane === decision.lane);
    const state = record?.state ?? (decision.send ? "pending" : "skipped");
    return { lane: decision.lane, state, decision, ...(record === undefined ? {} : { record }) };
  });
  const lanes = new Set(decided.map(({ lane }) => lane));
  const others = event.records.filter(({ lane }) => !lanes.has(lane));
  return [...decided, ...others.map((record) => ({ lane: record.lane, state: record.state, record }))];
}

/** What is to be explained of a delivery; undefined when it is done with, or nothing was tried yet. */
export function failureOf({ lane, state, decision, record }: TracedDelivery): Failure | undefined {
  if (state === "delivered" || state === "pending") return undefined;
  const skip = record?.skip ?? (record === undefined ? decision?.skip : undefined);
  const last = record?.attempts.at(-1);
  const isAboutLast = last !== undefined && last.reason === record?.reason;
  return {
    lane,
    state,
    ...(skip === undefined ? {} : { skip }),
    ...(record?.reason === undefined ? {} : { reason: record.reason }),
    ...(isAboutLast && last.status !== undefined ? { status: last.status } : {}),
    ...(last === undefined ? {} : { attempted: last.outcome }),
  };
}

function explained(delivery: TracedDelivery, explain: Explain): TracedDelivery & { explanation?: Explanation } {
  const failure = failureOf(delivery);
  return failure === undefined ? delivery : { ...delivery, explanation: explain(failure) };
}

const ID_ORIGINS = { given: "given by the sender", order_id: "made of the order id", generated: "generated" } as const;

/** The story of one event id as lines for a terminal; colours only when asked for. */
export function traceLines(events: readonly StoredEvent[], options: { colours: boolean; explain: Explain }): string[] {
  const paint = createPaint(options);
  const told = events.map((event) => ({ ...event, copies: toldCopies(event) }));
  return told.flatMap((event, index) => [
    ...(index === 0 ? [] : [""]),
    paint("strong", `${event.name}  ${event.event_id}`),
    ...claimLines(event),
    ...tracedDeliveries(event).flatMap((delivery) => deliveryLines(explained(delivery, options.explain), event, paint)),
    ...noDeliveryLines(event),
    ...quarantineLines(event, paint),
  ]);
}

function claimLines({ claim, copies, dedup_scope }: StoredEvent): string[] {
  if (claim === undefined) return [];
  const { story } = claim;
  const { source, identity } = story;
  const library = source.library === undefined ? "" : `, ${source.library}`;
  const money = story.value === undefined ? "" : `, ${story.value} ${story.currency ?? ""}`.trimEnd() + ofWhom(copies);
  const order = story.order_id === undefined ? "" : `, order ${story.order_id}`;
  return [
    `  received   ${time(claim.first_received_at)} from ${source.id} (${source.kind}, ${source.dialect}${library})`,
    `  happened   ${time(story.event_time)}${money}${order}`,
    `  event id   ${ID_ORIGINS[story.event_id_origin]}, scope ${dedup_scope}`,
    ...copyLines({ claim, ...(copies === undefined ? {} : { copies }) }),
    `  person     ${identity.person_id ?? "not identified"}${identity.found_by === undefined ? "" : `, found by the ${identity.found_by}`}`,
    `  carried    ${list(story.carried)}`,
    ...(story.problems ?? []).map((problem) => `  problem    ${problem}`),
    ...(story.removed ?? []).map((place) => `  removed    ${place}`),
    `  filled     ${list(identity.filled)}`,
    `  learned    ${list(identity.learned)}`,
    ...(story.consent === undefined ? [] : [`  consent    ${consentSeenLine(story.consent)}`]),
  ];
}

/** Another copy may be believed about the value; the story holds what the first one said, and no copy's values. */
function ofWhom(copies: readonly LaterCopy[] = []): string {
  const isReplaced = copies.some(({ late, replaces }) => late !== true && replaces.includes("value"));
  return isReplaced ? " by the first copy" : "";
}

function noDeliveryLines(event: StoredEvent): string[] {
  if (event.claim === undefined || tracedDeliveries(event).length > 0) return [];
  const reason =
    event.name === "identify" ? "identify only teaches the identity graph" : "no destination is configured";
  return [`  not delivered: ${reason}`];
}

function deliveryLines(
  { lane, state, decision, record, explanation }: ReturnType<typeof explained>,
  event: StoredEvent,
  paint: Paint,
): string[] {
  const lines = [`  ${paint("strong", lane)}  ${paint(DELIVERY_TONES[state], state)}`];
  if (decision !== undefined) {
    const { consent } = decision;
    const quality = sentQuality(decision, record, event.copies);
    lines.push(`    consent  ${beforeCopies({ decision, state })}${consentLine(consent)}`);
    // A platform that matches on nothing has neither: a score would only look like praise.
    const matches = quality !== undefined && quality.present.length + quality.missing.length > 0;
    if (matches) lines.push(`    match    ${quality.score.toFixed(1)} of 10${qualityDetail(quality)}`);
  }
  const skip = record?.skip ?? (record === undefined ? decision?.skip : undefined);
  if (skip !== undefined) lines.push(`    skipped  ${skip.code}: ${skip.detail}`);
  if (record?.sent_as !== undefined) lines.push(`    sent     ${record.sent_as.replaceAll("_", " ")}, for consent`);
  // None is told of as such below, where there was one.
  if ((record?.merged ?? []).length > 0) lines.push(`    merged   with the copy of ${record?.merged?.join(", ")}`);
  lines.push(...missedLine(record, event));
  if (record?.replay !== undefined) lines.push(`    replay   ${record.replay} put it on the lane last`);
  for (const attempt of record?.attempts ?? []) {
    const answer = attempt.status === undefined ? "no answer" : `HTTP ${attempt.status}`;
    const said = attempt.reason === undefined ? "" : `: ${attempt.reason}`;
    const batch = attempt.batch === 1 ? "alone" : `in a batch of ${attempt.batch}`;
    const outcome = paint(DELIVERY_TONES[attempt.outcome], attempt.outcome);
    lines.push(`    attempt  ${time(attempt.at)}  ${answer} after ${attempt.took_ms} ms, ${batch}  ${outcome}${said}`);
  }
  const untold = (record?.attempt_count ?? 0) - (record?.attempts.length ?? 0);
  if (untold > 0) lines.push(`    attempt  ${count(untold, "attempt")} before the last one not kept`);
  const isSaid = [record?.attempts.at(-1)?.reason, explanation?.said].includes(record?.reason);
  if (record?.reason !== undefined && !isSaid) lines.push(`    reason   ${record.reason}`);
  // Nobody said anything yet, so that there is nothing to explain; but whoever has just sent an event looks here first.
  if (state === "pending") lines.push(`    waits    ${waitingLine(event, decision)}`);
  if (explanation === undefined) return lines;
  // A skip's line above says it already, and there is nobody else who said anything.
  return [...lines, ...explanationLines(explanation, { words: skip === undefined }).map((line) => `    ${line}`)];
}

function qualityDetail({ doubts = {}, missing, points, present }: NonNullable<RoutingDecision["quality"]>): string {
  const valued = (it: Identifier) => (points?.[it] === undefined ? it : `${it} ${points[it].toFixed(1)}`);
  const why = (it: Identifier) => (doubts[it] === undefined ? "" : ` (${doubts[it].reason})`);
  const parts = [
    ...(present.length === 0 ? [] : [`sends ${present.map((it) => `${valued(it)}${why(it)}`).join(", ")}`]),
    ...(missing.length === 0 ? [] : [`misses ${missing.map(valued).join(", ")}`]),
  ];
  return parts.length === 0 ? "" : `; ${parts.join("; ")}`;
}

/** What the sender gave is not shown, only what is wrong with it: the value may be an e-mail in the wrong field. */
function quarantineLines({ quarantined }: StoredEvent, paint: Paint): string[] {
  if (quarantined === undefined) return [];
  return [
    `  ${paint("bad", "quarantined")}  ${time(quarantined.received_at)} from ${quarantined.source}`,
    ...quarantined.reasons.map(({ field, rule }) => `    ${field === "" ? "event" : field} ${rule}`),
  ];
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function list(words: readonly string[]): string {
  return words.length === 0 ? "nothing" : words.join(", ");
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
