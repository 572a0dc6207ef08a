import { toCanonicalEvent } from "../core/canonical-event.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { type Problem, readEventInput } from "../core/event-input.ts";
import { isObject } from "../core/safe-json.ts";
import { readEnvelope } from "../sources/tracklayer.ts";
import { eventSource, type NamedSource } from "./event-source.ts";
import { sizeProblem } from "./ingest-admission.ts";
import { readRecord } from "./queued-record.ts";

/** An event that a person gave to look at, or what ingest would refuse about it. */
export type GivenEvent =
  | { readonly ok: true; readonly event: CanonicalEvent; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Through which source the event comes, when (epoch ms), and the id of one that has none. */
export interface GivenEventContext {
  readonly source: NamedSource;
  readonly now: number;
  readonly newId: () => string;
}

/**
 * Stands in for a visitor's own connection, which a file does not have. Documentation address: it counts as public.
 * https://www.rfc-editor.org/rfc/rfc5737
 */
const STAND_IN_VISITOR = {
  ip: "203.0.113.7",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
} as const;

/**
 * Reads an event as a client posts it to `/v1/events` (alone, or as the only one of `events`), or a canonical one, which
 * is known by its `schema_version` and `source`.
 */
export function readGivenEvent(raw: unknown, context: GivenEventContext): GivenEvent {
  if (isObject(raw) && raw.schema_version !== undefined && isObject(raw.source)) return readCanonical(raw, context.now);
  const envelope = readEnvelope(raw);
  if (!envelope.ok) return refusal({ field: "", rule: envelope.message, got: envelope.code });
  const [first, ...others] = envelope.events;
  if (others.length > 0) {
    return refusal({ field: "events", rule: "one event at a time", got: `${envelope.events.length} events` });
  }
  return readDialect(first, envelope.sentAt, context);
}

function readDialect(raw: unknown, sentAt: number | undefined, { source, now, newId }: GivenEventContext): GivenEvent {
  const read = readEventInput(raw);
  const tooLarge = sizeProblem(read.clean);
  if (tooLarge !== undefined) return refusal(tooLarge);
  if (!read.ok) return { ok: false, errors: read.errors, warnings: read.warnings };
  const visitor = { ip: STAND_IN_VISITOR.ip, cookies: {}, globalPrivacyControl: false };
  const connection = source.kind === "browser" ? { ...visitor, userAgent: STAND_IN_VISITOR.userAgent } : visitor;
  const canonical = toCanonicalEvent(read.input, {
    source: eventSource(source, "tracklayer"),
    receivedAt: now,
    sentAt,
    deviceClock: source.kind !== "server" || read.input.action_source === "app",
    ...(source.kind === "server" ? {} : { visitor: connection }),
    preferOrderId: false,
    newId,
  });
  const warnings = [...read.warnings, ...canonical.warnings];
  return canonical.ok
    ? { ok: true, event: canonical.event, warnings }
    : { ok: false, errors: canonical.errors, warnings };
}

/** Checked as enrich checks what is on its queue: by whom it was made cannot be known. */
function readCanonical(event: Readonly<Record<string, unknown>>, now: number): GivenEvent {
  if (event.schema_version !== 1) {
    return refusal({ field: "schema_version", rule: "must be 1", got: typeof event.schema_version });
  }
  const body = JSON.stringify({ v: 1, kind: "event", copy_id: "given", event });
  const read = readRecord({ messageId: "given", groupId: "given", body }, now);
  if (read.kind === "event") return { ok: true, event: read.event, warnings: [] };
  return { ok: false, errors: read.quarantined.reasons, warnings: [] };
}

function refusal(problem: Problem): GivenEvent {
  return { ok: false, errors: [problem], warnings: [] };
}
