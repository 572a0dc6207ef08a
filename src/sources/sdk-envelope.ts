import { cleanJson, isObject, MAX_DEPTH } from "../core/safe-json.ts";
import { looseObject, looseText } from "./loose-fields.ts";

/** Event types of the Segment spec that are single-event routes. */
export const SDK_TYPES = ["track", "identify", "page", "screen", "group", "alias"] as const;
export type SdkType = (typeof SDK_TYPES)[number];

/** Most events in one batch; Segment's own limit. */
const MAX_BATCH = 2500;
/**
 * Most bytes that a batch's own `context` and `integrations` may come to when each event has its copy. 4 MB of them above
 * 2,500 empty events would be 10 GB of work for one request.
 */
const MAX_SHARED_BYTES = 16 * 1024 * 1024;

/** In place of shared parts that were cut: small, and refused in each event for the same reason, so that each is kept. */
const UNREADABLE = { context: { cut: JSON.parse(`${"[".repeat(MAX_DEPTH)}${"]".repeat(MAX_DEPTH)}`) } };

/** One request of a Segment or RudderStack SDK, taken apart. */
export interface SdkRequest {
  events: readonly unknown[];
  /** Keys named in the body, in the order in which they are believed. */
  writeKeys: readonly string[];
  sentAt: unknown;
}

/**
 * Takes the body of an SDK request apart; `invalid` when it is none, `too_large` when what its events share is too much.
 * A batch's own `context` and `integrations` go under those of each event. Its `timestamp` is the time of the flush, never
 * of an event, and is not read.
 */
export function readSdkRequest(body: unknown, route: "batch" | SdkType): SdkRequest | "invalid" | "too_large" {
  if (!isObject(body)) return "invalid";
  if (route !== "batch") return { events: [{ ...body, type: route }], writeKeys: keysOf(body), sentAt: body.sentAt };
  const { batch, context, integrations, sentAt } = body;
  if (!Array.isArray(batch) || batch.length === 0 || batch.length > MAX_BATCH) return "invalid";
  // Cleaned once for all, and before it is measured: what is not may be too deep to be written.
  const { value, notes } = cleanJson({ context, integrations });
  if (JSON.stringify(value).length * batch.length > MAX_SHARED_BYTES) return "too_large";
  const shared = notes.some(({ fatal }) => fatal) ? UNREADABLE : looseObject(value);
  return { events: batch.map((event) => withDefaults(event, shared)), writeKeys: keysOf(body, batch[0]), sentAt };
}

/** A pixel's query as an event: dotted names are paths (`properties.value=10`). */
export function readPixelQuery(query: Readonly<Record<string, string>>, type: "track" | "page"): SdkRequest {
  const event: Record<string, unknown> = { type, channel: "web" };
  for (const [name, value] of Object.entries(query)) {
    if (name !== "writeKey") setPath(event, name.split("."), value);
  }
  return { events: [event], writeKeys: [], sentAt: event.sentAt };
}

/** Parts of an event that the spec names and whose inside is the sender's own. */
const SPEC_PARTS = new Set(["context", "integrations", "properties", "traits"]);

/** Where in an event something is wrong, without the names that the sender made up: they may be personal. */
export function knownSdkPath(path: string): string {
  const [part = "", ...inside] = path.split(/[.[]/);
  if (!SPEC_PARTS.has(part)) return path === "" ? "" : "*";
  return inside.length === 0 ? part : `${part}.*`;
}

function withDefaults(event: unknown, envelope: Record<string, unknown>): unknown {
  if (!isObject(event)) return event;
  const merged = { ...event };
  for (const key of ["context", "integrations"]) {
    if (isObject(envelope[key])) merged[key] = { ...envelope[key], ...looseObject(event[key]) };
  }
  return merged;
}

function keysOf(...holders: readonly unknown[]): string[] {
  return holders.flatMap((holder) => looseText(looseObject(holder).writeKey) ?? []);
}

function setPath(into: Record<string, unknown>, path: readonly string[], value: string): void {
  const [head = "", ...rest] = path;
  if (path.length > 8 || ["__proto__", "constructor", "prototype"].includes(head)) return;
  if (rest.length === 0) {
    into[head] = value;
    return;
  }
  const next = looseObject(into[head]);
  into[head] = next;
  setPath(next, rest, value);
}
