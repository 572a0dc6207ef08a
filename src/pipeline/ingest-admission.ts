import { createHash } from "node:crypto";
import type { ResolvedSource } from "../config/resolved-config.ts";
import { partitionKey, type QuarantinedEvent, sortKeyPrefix } from "../core/delivery-record.ts";
import type { CanonicalEvent, JsonValue } from "../core/event.ts";
import type { Problem } from "../core/event-input.ts";
import { eventKey } from "../core/event-key.ts";
import { isPlaceholder, isPlaceholderEmail } from "../core/identity-identifiers.ts";
import type { IngestMessage } from "../core/queue-messages.ts";
import { cleanText, isObject } from "../core/safe-json.ts";
import type { Reading } from "./event-reading.ts";
import type { IngestDependencies } from "./ingest-contract.ts";
import type { FifoMessage } from "./ports.ts";

/** Most bytes of one event as JSON: what both vendors' SDKs can produce fits. */
const MAX_EVENT_BYTES = 64 * 1024;
/** Most of a refused event that quarantine keeps, UTF-16 units. */
const MAX_QUARANTINED = 32 * 1024;
/** Problems told per event; an answer must stay smaller than the question. */
const MAX_PROBLEMS = 20;

/** One event of a request after reading: canonical, or refused and kept. */
export type Candidate =
  | { kind: "event"; event: CanonicalEvent; warnings: Problem[] }
  | { kind: "refused"; quarantined: QuarantinedEvent; errors: Problem[]; warnings: Problem[] };

/** What the sender is told about one event. `unavailable`: not taken and not refused, send it again with this id. */
export interface EventResult {
  index: number;
  event_id: string;
  event_id_origin?: CanonicalEvent["event_id_origin"];
  status: "accepted" | "rejected" | "unavailable";
  errors?: Problem[];
  warnings?: Problem[];
}

/** A refused event, as quarantine keeps it: readable, bounded, and without the key that it may carry. */
export function refused(
  clean: JsonValue,
  errors: Problem[],
  warnings: Problem[],
  { source, origin, receivedAt, newId }: Pick<Reading, "source" | "origin" | "receivedAt" | "newId">,
): Candidate {
  const { writeKey: _secret, ...fields } = isObject(clean) ? clean : {};
  const kept = isObject(clean) ? fields : clean;
  const quarantined: QuarantinedEvent = {
    dedup_scope: source.dedupScope,
    event_id: usable(fields.event_id ?? fields.messageId, 200) ?? newId(),
    event_name: eventNameIn(fields) ?? "unknown",
    source: source.id,
    received_at: receivedAt,
    reasons: errors.slice(0, MAX_PROBLEMS),
    raw: cleanText(JSON.stringify(kept).slice(0, MAX_QUARANTINED)),
    origin,
  };
  return { kind: "refused", quarantined, errors, warnings };
}

/** The problem of an event that is over the size limit, or undefined. */
export function sizeProblem(clean: JsonValue): Problem | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(clean));
  if (bytes <= MAX_EVENT_BYTES) return undefined;
  return { field: "", rule: `at most ${MAX_EVENT_BYTES} bytes an event`, got: `${bytes} bytes` };
}

/**
 * Puts the events of one request on the queue and says what became of each. Accepted means that the queue has it. Two
 * copies of one event in one request are sent once: the queue would swallow the second anyway.
 */
export async function admit(
  candidates: readonly Candidate[],
  source: ResolvedSource,
  { queue, rates, random, metrics }: Pick<IngestDependencies, "queue" | "rates" | "random" | "metrics">,
  deadline: number | undefined,
): Promise<EventResult[]> {
  const messages = candidates.map((candidate) => messageOf(candidate, random.uuid()));
  const firsts = new Map<string, FifoMessage>();
  for (const message of messages) {
    if (!firsts.has(message.deduplicationId)) firsts.set(message.deduplicationId, message);
  }
  // At the same time: a limit must not make each request wait for two services.
  const [sent] = await Promise.all([
    queue.send([...firsts.values()], deadline),
    rates?.count(source, candidates.length),
  ]);
  const arrived = new Set([...firsts.keys()].filter((_, index) => sent[index]?.sent === true));
  let copies = 0;
  const results = candidates.map((candidate, index) => {
    const { deduplicationId } = messages[index] as FifoMessage;
    const copy = firsts.get(deduplicationId) !== messages[index];
    if (copy && arrived.has(deduplicationId)) copies += 1;
    return resultOf(candidate, index, arrived.has(deduplicationId), copy);
  });
  const count = (status: EventResult["status"]) => results.filter((result) => result.status === status).length;
  for (const [metric, status] of [
    ["EventsAccepted", "accepted"],
    ["EventsRejected", "rejected"],
  ] as const) {
    if (count(status) > 0) metrics.add(metric, count(status), { source: source.id });
  }
  // Counted as taken above, and on no queue: the accounts of the queue would miss them.
  if (copies > 0) metrics.add("EventsDuplicate", copies);
  for (const { status, errors } of results) {
    if (status === "rejected") metrics.add("EventsRejectedBy", 1, { field: rootField(errors?.[0]) });
  }
  return results;
}

// Problems name fields of the contract and nothing that a sender made up, so that there are few values.
function rootField(problem: Problem | undefined): string {
  return problem?.field.split(/[.[]/)[0] || "event";
}

function resultOf(candidate: Candidate, index: number, arrived: boolean, copy: boolean): EventResult {
  const warnings = candidate.warnings.slice(0, MAX_PROBLEMS);
  const extra = warnings.length === 0 ? {} : { warnings };
  if (candidate.kind === "refused") {
    const { event_id } = candidate.quarantined;
    const errors = candidate.errors.slice(0, MAX_PROBLEMS);
    // Not kept means that nobody could look at it later: better to have it sent and refused again.
    return { index, event_id, status: arrived ? "rejected" : "unavailable", errors, ...extra };
  }
  if (copy)
    warnings.push({ field: "event_id", rule: "duplicate_in_request", got: "an id used earlier in the request" });
  const { event_id, event_id_origin } = candidate.event;
  const told = warnings.length === 0 ? {} : { warnings };
  return { index, event_id, event_id_origin, status: arrived ? "accepted" : "unavailable", ...told };
}

function messageOf(candidate: Candidate, copyId: string): FifoMessage {
  if (candidate.kind === "refused") {
    const { quarantined } = candidate;
    const id = sha256(
      "quarantine",
      quarantined.dedup_scope,
      quarantined.event_name,
      quarantined.event_id,
      quarantined.raw,
    );
    const message: IngestMessage = { v: 1, kind: "quarantine", copy_id: copyId, quarantined };
    return { body: JSON.stringify(message), groupId: id, deduplicationId: id };
  }
  const { event } = candidate;
  const message: IngestMessage = { v: 1, kind: "event", copy_id: copyId, event };
  const key = eventKey(event);
  return {
    body: JSON.stringify(message),
    groupId: sha256("person", key.dedup_scope, personOf(event)),
    deduplicationId: sha256("event", partitionKey(key), sortKeyPrefix(key)),
  };
}

// Order is kept per person. Hashed: group ids are shown in consoles and logs. What all guests of a shop share would put
// them into one group, which takes 300 messages a second and stops for all when it stops for one.
function personOf({ user, event_id }: CanonicalEvent): string {
  const { email } = user;
  const own = [user.user_id, user.anonymous_id].find((id) => id !== undefined && !isPlaceholder(id));
  return own ?? (email !== undefined && !isPlaceholderEmail(email) ? email.trim().toLowerCase() : event_id);
}

// Names are shown in lists and alarms: an address in the name's place stays in the raw event only.
function eventNameIn(fields: Record<string, unknown>): string | undefined {
  const name = usable(fields.event_name ?? fields.event ?? fields.type, 100);
  return name?.includes("@") ? undefined : name;
}

function sha256(...parts: readonly string[]): string {
  // JSON keeps ["a", "bc"] and ["ab", "c"] apart.
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function usable(value: unknown, max: number): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.trim() !== "" && text.length <= max ? text.trim() : undefined;
}
