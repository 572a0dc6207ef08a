import type { QuarantinedEvent } from "../core/delivery-record.ts";
import { type CanonicalEvent, EVENT_NAMES } from "../core/event.ts";
import { nestsTooDeep } from "../core/safe-json.ts";

/** One message of the events queue as the λ gets it. */
export interface QueuedRecord {
  readonly messageId: string;
  readonly groupId: string;
  readonly body: string;
}

/** A message read: an event to process, or something to keep in quarantine. */
export type ReadRecord =
  | {
      readonly kind: "event";
      readonly record: QueuedRecord;
      readonly copyId: string;
      readonly event: CanonicalEvent;
      /** What of the person's fields could not be used. */
      readonly problems: string[];
      /** Where sensitive data was taken out; see `sensitive-data.ts`. */
      readonly removed: readonly string[];
    }
  | { readonly kind: "quarantine"; readonly record: QueuedRecord; readonly quarantined: QuarantinedEvent };

/** An event that no retry makes processable: our own code failed on it. It goes to quarantine, never back. */
export class UnprocessableEvent extends Error {
  constructor(cause: unknown) {
    super("the event cannot be processed", { cause });
    this.name = cause instanceof Error ? cause.name : "UnprocessableEvent";
  }
}

/** Runs pure code on an event; what it throws is the event's fault or ours, and never mended by trying again. */
export function pure<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new UnprocessableEvent(cause);
  }
}

const TOO_DEEP = { field: "", rule: "must not nest this deep", got: "more than the limit" };

/** Bytes of an unreadable message that are kept, as `QuarantinedEvent.raw` says. */
const RAW_BYTES = 32_768;

/**
 * Reads a message. Ingest validated it, so what does not fit was put there by hand or by another version: it is kept
 * with the reason and never blocks its group.
 */
export function readRecord(record: QueuedRecord, now: number): ReadRecord {
  const message = parse(record.body);
  const flaw = nestsTooDeep(record.body) ? TOO_DEEP : flawOf(message);
  if (flaw !== undefined) return { kind: "quarantine", record, quarantined: unprocessable(record, now, flaw) };
  const { kind, copy_id, event, quarantined } = message as unknown as {
    kind: "event" | "quarantine";
    copy_id: string;
    event: CanonicalEvent;
    quarantined: QuarantinedEvent;
  };
  if (kind === "quarantine") return { kind, record, quarantined };
  return { kind, record, copyId: copy_id, event, problems: [], removed: [] };
}

/** A quarantine entry for a message that enrich itself cannot process; under the event's own id where that is known. */
export function unprocessable(
  record: QueuedRecord,
  now: number,
  reason: QuarantinedEvent["reasons"][number],
  event?: CanonicalEvent,
): QuarantinedEvent {
  return {
    dedup_scope: event?.source.dedup_scope ?? "unreadable",
    event_id: event?.event_id ?? record.messageId,
    event_name: event?.event_name ?? "unreadable",
    source: event?.source.id ?? "events-queue",
    received_at: now,
    reasons: [reason],
    raw: cut(record.body),
    origin: { via: "queue" },
  };
}

type Json = Record<string, unknown>;

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What the pipeline needs to go on. A full validation would cost more than it finds: ingest did it. */
function flawOf(message: unknown): QuarantinedEvent["reasons"][number] | undefined {
  if (!isObject(message)) return { field: "", rule: "must be a JSON object", got: "unreadable" };
  const { v, kind, copy_id: copyId, event, quarantined } = message;
  if (v !== 1) return { field: "v", rule: "must be 1", got: typeof v };
  if (!isText(copyId)) return { field: "copy_id", rule: "must be text", got: typeof copyId };
  if (kind === "quarantine") return quarantineFlaw(quarantined);
  if (kind !== "event") return { field: "kind", rule: "must be event or quarantine", got: typeof kind };
  return eventFlaw(event);
}

function eventFlaw(event: unknown): QuarantinedEvent["reasons"][number] | undefined {
  if (!isObject(event)) return { field: "event", rule: "must be an object", got: typeof event };
  const { event_id: id, event_name: name, event_time: time, received_at: received, source, user } = event;
  if (!isText(id)) return { field: "event.event_id", rule: "must be text", got: typeof id };
  if (!(EVENT_NAMES as readonly unknown[]).includes(name)) {
    return { field: "event.event_name", rule: "must be a canonical name", got: typeof name };
  }
  if (!Number.isFinite(time)) return { field: "event.event_time", rule: "must be epoch ms", got: typeof time };
  if (!Number.isFinite(received)) {
    return { field: "event.received_at", rule: "must be epoch ms", got: typeof received };
  }
  if (!isObject(source) || !isText(source.id) || !isText(source.dedup_scope)) {
    return { field: "event.source", rule: "must name a source", got: typeof source };
  }
  return isObject(user) ? undefined : { field: "event.user", rule: "must be an object", got: typeof user };
}

function quarantineFlaw(entry: unknown): QuarantinedEvent["reasons"][number] | undefined {
  const isComplete =
    isObject(entry) &&
    [entry.dedup_scope, entry.event_id, entry.event_name, entry.source].every(isText) &&
    Number.isFinite(entry.received_at) &&
    Array.isArray(entry.reasons) &&
    typeof entry.raw === "string";
  return isComplete ? undefined : { field: "quarantined", rule: "must be complete", got: typeof entry };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function cut(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  // A cut inside a character leaves a replacement character at the end, which is three bytes: drop it.
  return bytes.length <= RAW_BYTES
    ? text
    : bytes
        .subarray(0, RAW_BYTES)
        .toString("utf8")
        .replace(/\uFFFD+$/, "");
}
