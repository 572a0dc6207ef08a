import type { ResolvedConfig, ResolvedSource } from "../config/resolved-config.ts";
import { toCanonicalEvent } from "../core/canonical-event.ts";
import type { QuarantineOrigin } from "../core/delivery-record.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { Visitor } from "../core/event-context.ts";
import { type Problem, readEventInput } from "../core/event-input.ts";
import { sha256Hex } from "../core/hashing.ts";
import { cleanJson, describeShape, isObject } from "../core/safe-json.ts";
import { cleanEvent } from "../core/sensitive-data.ts";
import { isRudderstackEvent } from "../sources/rudderstack.ts";
import { knownSdkPath } from "../sources/sdk-envelope.ts";
import { isSdkMadeId, mapSdkEvent, type SdkEvent } from "../sources/sdk-event.ts";
import { eventSource } from "./event-source.ts";
import { type Candidate, refused, sizeProblem } from "./ingest-admission.ts";

/**
 * What reading one event takes besides the event, the same at the door and when a quarantined event is read again: all
 * of the request that matters is in `origin`.
 */
export interface Reading {
  readonly source: ResolvedSource;
  readonly origin: QuarantineOrigin;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly config: Pick<ResolvedConfig, "consent" | "destinations">;
  readonly newId: () => string;
}

/** Turns one event as it came into the canonical one, or into what quarantine keeps; undefined: nothing to keep, such as RudderStack's `record`. */
export function readEvent(raw: unknown, reading: Reading): Candidate | undefined {
  return reading.origin.via === "events" ? readOwn(raw, reading) : readSdk(raw, reading);
}

function readOwn(raw: unknown, reading: Reading): Candidate {
  const { source, origin, receivedAt, newId } = reading;
  const read = readEventInput(raw);
  const tooLarge = sizeProblem(read.clean);
  if (tooLarge !== undefined) return refused(read.clean, [tooLarge], [], reading);
  if (!read.ok) return refused(read.clean, read.errors, read.warnings, reading);
  const { visitor } = origin;
  const canonical = toCanonicalEvent(read.input, {
    source: eventSource(source, "tracklayer"),
    receivedAt,
    sentAt: origin.sent_at,
    deviceClock: visitor !== undefined || read.input.action_source === "app",
    ...(visitor === undefined ? {} : { visitor }),
    preferOrderId: false,
    newId,
  });
  const warnings = [...read.warnings, ...canonical.warnings];
  if (!canonical.ok) return refused(read.clean, canonical.errors, warnings, reading);
  return { kind: "event", event: canonical.event, warnings: [...warnings, ...sensitiveWarnings(canonical.event)] };
}

function readSdk(raw: unknown, reading: Reading): Candidate | undefined {
  const { source, origin, config } = reading;
  const { value: clean, notes } = cleanJson(raw);
  const fatal = notes.filter((note) => note.fatal);
  const tooLarge = sizeProblem(clean);
  if (tooLarge !== undefined) return refused(clean, [tooLarge], [], reading);
  if (!isObject(clean) || fatal.length > 0) {
    const reasons = fatal.map(({ path, rule }) => ({ field: knownSdkPath(path), rule, got: "more than the limit" }));
    const notObject = { field: "", rule: "an object", got: describeShape(clean) };
    return refused(clean, reasons.length > 0 ? reasons : [notObject], [], reading);
  }
  const dialect = origin.via === "rudderstack" || isRudderstackEvent(clean) ? "rudderstack" : "segment";
  const settings = {
    valueFrom: source.valueFrom,
    categories: config.consent.categories,
    lanes: config.destinations,
  };
  const mapped = mapSdkEvent(clean, settings, origin.sent_at);
  if (mapped.kind === "ignored") return undefined;
  if (mapped.kind === "invalid") return refused(clean, [mapped.problem], [], reading);
  const read = readEventInput(mapped.input);
  if (!read.ok) return refused(clean, read.errors, read.warnings, reading);
  const visitor = visitorFor(mapped, reading);
  const canonical = toCanonicalEvent(read.input, {
    source: {
      ...eventSource(source, dialect),
      ...(mapped.library === undefined ? {} : { library: mapped.library }),
    },
    receivedAt: reading.receivedAt,
    deviceClock: speaksForItself(mapped, source) && !mapped.passedOn,
    ...(visitor === undefined ? {} : { visitor }),
    preferOrderId: source.purchaseEventId === "order_id" && isSdkMadeId(read.input.event_id ?? ""),
    // Without a time of its own, the same content an hour later is another event: a copy of it cannot be told.
    newId: read.input.event_time === undefined ? reading.newId : () => contentId(source, clean),
  });
  const warnings = [...read.warnings, ...canonical.warnings];
  if (!canonical.ok) return refused(clean, canonical.errors, warnings, reading);
  return { kind: "event", event: canonical.event, warnings };
}

/**
 * What enrich will take out, told to whoever can mend it. The event goes on as it came: enrich cleans the events of every
 * route, also of those whose answers tell no warnings.
 */
function sensitiveWarnings(event: CanonicalEvent): Problem[] {
  const told = cleanEvent(event).removed.map((entry) => {
    const colon = entry.lastIndexOf(":");
    // Keys of `properties` and names of parameters are the sender's own choice, and may hold anything.
    const field = entry
      .slice(0, colon)
      .replace(/\?.*/, "")
      .replace(/^properties\..*/, "properties");
    return { field, rule: "sensitive: taken out before it is sent anywhere", got: entry.slice(colon + 1) };
  });
  return told.filter((one, at) => told.findIndex(({ field, got }) => field === one.field && got === one.got) === at);
}

/**
 * The id of an event that its sender gave none, the same each time it is sent: a batch of which the queue took a part
 * comes again as a whole. `sentAt` is the one thing that then differs.
 */
function contentId({ dedupScope }: ResolvedSource, { sentAt: _, ...event }: Record<string, unknown>): string {
  return sha256Hex(JSON.stringify([dedupScope, event])).slice(0, 32);
}

// A server's own address and its SDK's user agent say nothing about the person. A browser library under a server key is
// a relay: a browser itself would have sent an Origin and been refused.
function visitorFor(mapped: SdkEvent & { kind: "event" }, { source, origin }: Reading): Visitor | undefined {
  return speaksForItself(mapped, source) ? origin.visitor : undefined;
}

/** Whether the connection and the clock of the request are those of the person's own device. */
function speaksForItself(mapped: SdkEvent & { kind: "event" }, source: ResolvedSource): boolean {
  return source.kind !== "server" || (mapped.onDevice && !mapped.inBrowser);
}
