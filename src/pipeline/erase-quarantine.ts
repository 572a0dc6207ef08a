import type { QuarantinedEvent } from "../core/delivery-record.ts";
import { DAY_MS, SECOND_MS } from "../core/durations.ts";
import { erasedUntil } from "../core/erasure.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { holdsIdentifierOf } from "../core/refused-identifiers.ts";
import { utcDay } from "../core/utc-day.ts";
import type { Clock } from "./ports.ts";
import type { PrivacyPortion } from "./privacy-jobs.ts";
import type { ForgettableDeliveries } from "./privacy-ports.ts";

/** What an erasure needs to go through quarantine. */
export interface EraseQuarantineDeps {
  readonly deliveries: Pick<ForgettableDeliveries, "listQuarantined" | "removeQuarantined">;
  readonly clock: Pick<Clock, "now">;
  /** In which user and anonymous ids mean something. */
  readonly scopes: readonly string[];
  readonly defaultCountry?: string;
}

/** A portion ends after this, so that the place is written down every now and then, ms. */
const PORTION_MS = 15 * SECOND_MS;
/** Entries read together. More than one request can bring, so that those of one moment are all seen. */
const PAGE = 1_100;

/**
 * Takes out of quarantine what holds an identifier of the person, from the newest day of the range back to the oldest.
 * The cursor is the moment that is next. Entries hold what the sender sent, in any shape; each of their values is tried,
 * which may take a second of one entry, so that a page ends with the moment in which time is over.
 */
export async function eraseFromQuarantine(
  job: PrivacyJob,
  range: { readonly from: number; readonly to: number },
  deadline: number,
  deps: EraseQuarantineDeps,
): Promise<PrivacyPortion> {
  const { clock, deliveries } = deps;
  const keys = new Set(job.person_keys);
  const end = Math.min(deadline, clock.now() + PORTION_MS);
  let removed = 0;
  let until = job.cursor === undefined ? Math.min(range.to, erasedUntil(job)) : Number(job.cursor);
  while (until >= range.from) {
    const start = Math.floor(until / DAY_MS) * DAY_MS;
    const day = utcDay(start);
    const page = await deliveries.listQuarantined({ day, from: Math.max(range.from, start), until, limit: PAGE });
    let moment = until;
    for (const entry of page) {
      const { received_at: at } = entry;
      if (at < moment && clock.now() >= end) return { counts: { quarantine: removed }, cursor: String(at) };
      moment = at;
      if (isOf(entry, keys, deps) && (await deliveries.removeQuarantined(entry))) removed += 1;
    }
    // A full page may have more of its last moment behind it.
    until = page.length < PAGE ? start - 1 : moment === until ? moment - 1 : moment;
    if (until >= range.from && clock.now() >= end) return { counts: { quarantine: removed }, cursor: String(until) };
  }
  return { counts: { quarantine: removed } };
}

function isOf(
  { event_id, origin, raw }: QuarantinedEvent,
  keys: ReadonlySet<string>,
  rules: EraseQuarantineDeps,
): boolean {
  const { defaultCountry, scopes } = rules;
  const texts = [raw, JSON.stringify({ id: event_id, visitor: origin?.visitor })];
  return holdsIdentifierOf(keys, texts, { scopes, defaultCountry });
}
