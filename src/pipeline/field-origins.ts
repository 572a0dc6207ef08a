import type { DestinationRequest, SkipReason } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { isObject } from "../core/safe-json.ts";

/**
 * Which fields of an event feed which parts of a request, found without knowing the destination: the request is built
 * once more without each field, and what changed came from it. A destination is pure, so nothing else can differ.
 */

/** What comes of one event: the request, and why it would not be sent. Both are there when only a rule forbids it. */
export interface Attempt {
  readonly request?: DestinationRequest;
  readonly skip?: SkipReason;
}

/** One field of the event, and what the request has of it. */
export interface FieldUse {
  /** Path with list positions left out, as in `items[].price`. */
  readonly field: string;
  /** Places of the request that lose a value without the field, or get another with a changed one. */
  readonly feeds: readonly string[];
  /** Why nothing is sent without it. */
  readonly neededBecause?: string;
}

/** Values of a request by place; what stands in a list is gathered under one place, in its order. */
export type RequestValues = ReadonlyMap<string, readonly string[]>;

/** Our own bookkeeping, and what hashing adds anew each time; no sender gives any of it. */
const NOT_PROBED: ReadonlySet<string> = new Set(["schema_version", "event_id_origin", "clock", "hashes", "phone_e164"]);

/** One thing each, whatever is in them. */
const WHOLE = /^(properties|destinations|click_ids|known\.click_ids)\./;

/** An hour, a minute and a second back: shows in every unit that platforms take. */
const EARLIER_MS = 3_661_000;

/** Objects that are there even when they are empty. */
const REQUIRED: ReadonlySet<string> = new Set(["user", "source"]);

/** Fields that every event has: another value stands in for their absence. */
const CHANGED: Readonly<Record<string, (value: unknown) => unknown>> = {
  event_id: (id) => `${String(id)}-other`,
  event_time: (time) => Number(time) - EARLIER_MS,
  received_at: (time) => Number(time) - EARLIER_MS,
  action_source: (place) => (place === "other" ? "chat" : "other"),
  "source.id": () => "another-source",
  "source.kind": (kind) => (kind === "app" ? "server" : "app"),
  "source.dialect": (dialect) => (dialect === "segment" ? "rudderstack" : "segment"),
  "source.dedup_scope": () => "another-scope",
};

/**
 * Tries the event without each of its fields. `attempt` must be pure and must not mutate. The event's name is left out:
 * without it nothing is an event.
 */
export function fieldUses(event: CanonicalEvent, attempt: (event: CanonicalEvent) => Attempt): FieldUse[] {
  const whole = attempt(event);
  const before = whole.request === undefined ? undefined : requestValues(whole.request);
  const fields = fieldsOf(event).filter((field) => !["event_name", "custom_name"].includes(field));
  return fields.map((field) => {
    const { request, skip } = attempt(withoutField(event, field));
    const known = before !== undefined && request !== undefined;
    const feeds = known ? lostPlaces(before, requestValues(request)) : [];
    // A rule that forbids the whole event already says nothing about this field.
    const because = whole.skip === undefined ? skip?.detail : undefined;
    return { field, feeds, ...(because === undefined ? {} : { neededBecause: because }) };
  });
}

/** Paths of everything that the event holds, list positions left out; `properties` are taken whole, one by one. */
export function fieldsOf(event: CanonicalEvent): string[] {
  return [...new Set(pathsIn(event, ""))].filter((path) => !NOT_PROBED.has(path.split(".")[0] ?? ""));
}

function pathsIn(value: unknown, path: string): string[] {
  if (value === undefined) return [];
  if (WHOLE.test(path)) return [path];
  if (Array.isArray(value)) return value.flatMap((entry) => pathsIn(entry, `${path}[]`));
  if (!isObject(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, path === "" ? key : `${path}.${key}`));
}

/** A copy without the field in any of its list positions; with another value where every event has one. */
export function withoutField(event: CanonicalEvent, field: string): CanonicalEvent {
  const change = CHANGED[field];
  return edited(event, stepsOf(field), change ?? (() => undefined)) as CanonicalEvent;
}

/** A copy that has this value at the path; objects on the way are made. */
export function withField(event: CanonicalEvent, field: string, value: unknown): CanonicalEvent {
  return edited(event, stepsOf(field), () => value) as CanonicalEvent;
}

/** Keys may hold dots below `properties`: there the rest of the path is one key. */
function stepsOf(field: string): string[] {
  const [whole] = WHOLE.exec(field) ?? [];
  const path = whole === undefined ? field : whole.slice(0, -1);
  const steps = path.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), "[]"] : [step]));
  return whole === undefined ? steps : [...steps, field.slice(whole.length)];
}

/** An object that lost its last key goes with it: ingest leaves no empty ones. */
function edited(value: unknown, [step, ...rest]: readonly string[], change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (step === "[]") return Array.isArray(value) ? value.map((entry) => edited(entry, rest, change) ?? {}) : value;
  const { [step]: inner, ...others } = isObject(value) ? value : {};
  const next = edited(inner, rest, change);
  if (next !== undefined) return { ...others, [step]: next };
  if (REQUIRED.has(step)) return { ...others, [step]: {} };
  return Object.keys(others).length === 0 ? undefined : others;
}

/** Takes a request apart: address, query, headers, and the body as JSON or as a form. */
export function requestValues({ url, headers, body }: DestinationRequest): RequestValues {
  const values = new Map<string, string[]>();
  const add = (place: string, value: string): void => void values.set(place, [...(values.get(place) ?? []), value]);
  const [address = "", query = ""] = url.split("?");
  add("(address)", address);
  for (const [name, value] of new URLSearchParams(query)) add(`?${name}`, value);
  for (const [name, value] of Object.entries(headers)) add(`header ${name.toLowerCase()}`, value);
  if (body === "") return values;
  const parsed = parsedBody(body, headers);
  for (const [place, value] of parsed) add(place, value);
  return values;
}

function parsedBody(body: string, headers: Readonly<Record<string, string>>): [string, string][] {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  if (type.includes("form-urlencoded")) return [...new URLSearchParams(body)];
  try {
    return leaves(JSON.parse(body), "");
  } catch {
    return [["(body)", body]];
  }
}

function leaves(value: unknown, place: string): [string, string][] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((entry) => leaves(entry, `${place}[]`));
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, place === "" ? key : `${place}.${key}`));
  }
  return [[place, JSON.stringify(value)]];
}

/** Places that have a value less. One that only has a value more stood aside for it, and is no part of the request. */
export function lostPlaces(before: RequestValues, after: RequestValues): string[] {
  return [...before].flatMap(([place, values]) => {
    const left = [...(after.get(place) ?? [])];
    const isLost = values.some((value) => {
      const at = left.indexOf(value);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
    return isLost ? [place] : [];
  });
}
