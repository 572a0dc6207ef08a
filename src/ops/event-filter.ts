import { z } from "zod/mini";
import { DAY_MS, MINUTE_MS } from "../core/durations.ts";
import { DELIVERY_STATES } from "../core/outcome.ts";
import type { ArchiveReader } from "../pipeline/archive-ports.ts";
import type { Clock } from "../pipeline/ports.ts";
import type { EventRow } from "./contract/events.ts";
import type { EventLookups } from "./lookup-ports.ts";
import type { PeoplePorts } from "./people.ts";
import { OpsRefusal } from "./route.ts";

/** Of the routes that look events up. */
export interface EventPorts extends PeoplePorts {
  readonly lookups: EventLookups;
  /** Absent where the archive is turned off. */
  readonly archive?: ArchiveReader;
  readonly clock: Pick<Clock, "now">;
}

/** The clocks of functions differ: what another one has just written is not left out. */
export const CLOCK_SLACK_MS = MINUTE_MS;

/** Of a source or a lane. Bounded like everything that the audit log may get to hold. */
export const NAME = z.string().check(z.minLength(1), z.maxLength(64));

/** Filters of the list; all must hold. By id and by order the time is not looked at. */
export const EVENT_FILTER = z.object({
  event_id: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  /** E-mail, phone, user id, anonymous id, browser id, a SHA-256 of e-mail or phone, or a person id. */
  person: z.optional(z.string().check(z.minLength(1), z.maxLength(320))),
  order_id: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
  source: z.optional(NAME),
  /** Canonical name, or `custom:<own name>`. */
  name: z.optional(z.string().check(z.maxLength(200))),
  destination: z.optional(NAME),
  /** State at `destination`. */
  outcome: z.optional(z.enum(DELIVERY_STATES)),
  /** Epoch ms, when it was archived; of failures, when it first failed. `to` is exclusive. */
  from: z.optional(z.int().check(z.nonnegative())),
  to: z.optional(z.int().check(z.nonnegative())),
  limit: z._default(z.int().check(z.minimum(1), z.maximum(200)), 50),
  cursor: z.optional(z.string()),
});
export type EventFilter = z.infer<typeof EVENT_FILTER>;

/** Whether the row is one that was asked for. */
export function fits(row: EventRow, { source, name, destination, outcome }: EventFilter): boolean {
  if (source !== undefined && row.source !== source) return false;
  if (name !== undefined && row.name !== name) return false;
  if (destination === undefined) return true;
  const there = row.destinations.find(({ lane }) => lane === destination);
  return outcome === undefined ? there !== undefined : there?.state === outcome;
}

/**
 * The time asked for, else the last `days`; no more of it than there can be anything of, which `keptDays` says. Lists are
 * walked day by day: a moment in the year 9999 would have each of three million days read.
 */
export function spanOf(
  { from, to }: Pick<EventFilter, "from" | "to">,
  { clock }: Pick<EventPorts, "clock">,
  days: number,
  keptDays: number = days,
): { readonly from: number; readonly to: number } {
  const now = clock.now();
  // A day for what is deleted late.
  const [oldest, newest] = [Math.max(0, now - (keptDays + 1) * DAY_MS), now + CLOCK_SLACK_MS];
  const wanted = { from: from ?? Math.max(0, now - days * DAY_MS), to: to ?? newest };
  if (wanted.from >= wanted.to) throw new OpsRefusal(400, "invalid_field", "from must be before to");
  const start = Math.min(Math.max(oldest, wanted.from), newest);
  return { from: start, to: Math.max(start, Math.min(newest, wanted.to)) };
}

/** Lanes whose states are shown: the configured ones, and the one asked for. */
export function lanesOf({ destination }: EventFilter, { config }: EventPorts): string[] {
  const lanes = config.destinations.map(({ id }) => id);
  return destination === undefined || lanes.includes(destination) ? lanes : [...lanes, destination];
}

/** `unreadable` is where enrich keeps messages that named no scope. */
export function scopesOf({ config }: Pick<EventPorts, "config">): string[] {
  return [...new Set([...config.sources.map(({ dedupScope }) => dedupScope), "unreadable"])];
}
