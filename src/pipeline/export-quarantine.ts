import type { QuarantinedEvent } from "../core/delivery-record.ts";
import { DAY_MS } from "../core/durations.ts";
import { personKeys } from "../core/person-keys.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { rawIdentifiers } from "../core/raw-identifiers.ts";
import { holdsIdentifierOf } from "../core/refused-identifiers.ts";
import { DEVICE_COOKIES } from "../core/scoped-digest.ts";
import { utcDay } from "../core/utc-day.ts";
import type { ExportDeps, ExportFind } from "./export.ts";
import type { ExportedPerson } from "./exported-person.ts";

/** Entries of one read: each may be 32 KB. */
const PAGE = 100;

/** How far the walk is: back to the entries of `until`, of which `given` are done. */
interface QuarantinePlace {
  /** Epoch ms. */
  readonly until: number;
  readonly given: number;
}

/**
 * Refused events that name the person, newest first, a page at a time. Each value of an entry is tried, and whoever has a
 * browser's key can have entries made of nothing else: the page ends with the entry at which time is over.
 */
export async function exportQuarantine(
  person: ExportedPerson,
  { at, deadline, job }: { readonly at: string | undefined; readonly deadline: number; readonly job: PrivacyJob },
  deps: ExportDeps,
): Promise<ExportFind> {
  const place = at === undefined ? { until: job.created_at, given: 0 } : (JSON.parse(at) as QuarantinePlace);
  const oldest = job.created_at - deps.quarantineDays * DAY_MS;
  const dayStart = Math.floor(place.until / DAY_MS) * DAY_MS;
  const limit = PAGE + place.given;
  const listed = await deps.reads.listQuarantined({
    day: utcDay(dayStart),
    from: Math.max(oldest, dayStart),
    until: place.until,
    limit,
  });
  const items: QuarantinedEvent[] = [];
  let done = place.given;
  for (const entry of listed.slice(place.given)) {
    // One at least, so that every portion gets further.
    if (done > place.given && deps.clock.now() >= deadline) break;
    if (isTheirs(entry, person, deps)) items.push(entry);
    done += 1;
  }
  const isDayOver = listed.length < limit && done >= listed.length;
  const next = isDayOver ? { until: dayStart - 1, given: 0 } : placeAfter(listed.slice(0, done), place);
  return {
    parts: [{ section: "quarantine", items }],
    ...(next.until < oldest ? {} : { next: JSON.stringify(next) }),
  };
}

/** Entries of one moment have no order of their own: they are passed over by their number. */
function placeAfter(done: readonly QuarantinedEvent[], place: QuarantinePlace): QuarantinePlace {
  const until = done.at(-1)?.received_at;
  if (until === undefined) return place;
  return { until, given: done.filter(({ received_at }) => received_at === until).length };
}

/**
 * Whether a refused event is the person's. Where its fields name somebody, one of them has to be theirs: that another
 * one's event mentions them does not make it theirs. Where nobody is named, a contact of theirs anywhere in it, or their
 * browser.
 */
function isTheirs(
  { origin, raw }: QuarantinedEvent,
  { keys }: ExportedPerson,
  { defaultCountry, scopes }: Pick<ExportDeps, "defaultCountry" | "scopes">,
): boolean {
  const rules = { scopes, defaultCountry };
  const texts = [...rawIdentifiers(raw), ...rawIdentifiers(JSON.stringify(origin?.visitor ?? {}))];
  const isOfThem = (text: string, kinds: RegExp) =>
    personKeys(text, rules).some((key) => kinds.test(key) && keys.has(key));
  const names = texts.filter(({ claims }) => claims === "person");
  if (names.length > 0) return names.some(({ text }) => isOfThem(text, NAMES));
  const contacts = new Set([...keys].filter((key) => CONTACTS.test(key)));
  if (holdsIdentifierOf(contacts, [raw], rules)) return true;
  return texts.some(({ text }) => isOfThem(text, DEVICES));
}

const CONTACTS = /^(email|phone)#/;
const NAMES = /^(email|phone|user_id)#/;
const DEVICES = new RegExp(`^(anonymous_id|${DEVICE_COOKIES.join("|")})#`);
