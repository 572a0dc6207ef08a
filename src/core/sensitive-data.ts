import type { Campaign } from "./campaign.ts";
import type { CanonicalEvent, Item, JsonValue } from "./event.ts";
import { BLOCKABLE_FIELDS, mapped, withoutPath } from "./field-paths.ts";
import { isContact } from "./id-in-clear.ts";
import { kindOfNamed } from "./sensitive-name.ts";
import { ALL_KINDS, type Cleaning, cleanText, cleanUrl } from "./sensitive-url.ts";
import { isCardNumber, REDACTED, SECRET_KINDS, type SensitiveKind } from "./sensitive-value.ts";

/** What the configuration says about sensitive data; all of it optional, and nothing of it turns the cleaning off. */
export interface SensitiveDataRules {
  /** What becomes of an event that names an illness, a medicine or the like, at platforms that forbid it. */
  readonly healthTerms: "off" | "drop_field" | "drop_event";
  /** Beside those of `health-terms.ts`. */
  readonly moreHealthTerms: readonly string[];
  /** Paths of fields that are taken from every event; see `BLOCKABLE_FIELD`. */
  readonly blockedFields: readonly string[];
  /** `drop`: what somebody searched for leaves for nowhere, neither as a field nor in an address. */
  readonly searchTerms: "keep" | "drop";
}

/** Fields that the configuration may take out: `BLOCKABLE_FIELDS`, and any of `properties` by its path. */
export const BLOCKABLE_FIELD = new RegExp(
  `^(?:${BLOCKABLE_FIELDS.map((field) => field.replace(".", "\\.")).join("|")}|properties\\.[^.].*)$`,
);

/** The event without what was found, and what that was: `page.url?email:email`, never a value. */
export interface CleanedEvent {
  readonly event: CanonicalEvent;
  /** Where and what, each once, in the order of the event. */
  readonly removed: readonly string[];
}

const ITEM_TEXTS = ["name", "brand", "category", "variant", "coupon"] as const;
const EVENT_TEXTS = ["search_term", "coupon", "payment_type", "method"] as const;

/**
 * Takes out of an event what no platform may have, and what nobody needs in order to measure or to write to people:
 * contacts, tokens and numbers of cards and accounts in addresses and free texts. The person's own fields stay: they are
 * how people are recognised, and go out as each destination's rules say. Of `properties`, secrets alone are taken out
 * here; see `propertiesForPlatforms`. An event in which nothing was found is answered itself.
 */
export function cleanEvent(given: CanonicalEvent, rules: Partial<SensitiveDataRules> = {}): CleanedEvent {
  const removed = new Set<string>();
  const event = withoutBlocked(given, rules, removed);
  const cleaning = (place: string, kinds = ALL_KINDS): Cleaning => ({
    kinds,
    ...(rules.searchTerms === "drop" ? { searchTerms: true } : {}),
    onFound: (kind, parameter) =>
      removed.add(`${place}${parameter === undefined ? "" : `?${shownName(parameter)}`}:${kind}`),
  });
  const changes: Partial<CanonicalEvent> = {};
  const { page, campaign, items, properties } = event;
  if (page !== undefined) {
    const clean = cleanPage(page, cleaning);
    if (clean !== page) changes.page = clean;
  }
  if (campaign !== undefined) {
    const clean = cleanCampaign(campaign, cleaning);
    if (clean !== campaign) changes.campaign = clean;
  }
  for (const field of EVENT_TEXTS) {
    const text = event[field];
    if (text === undefined) continue;
    const clean = cleanText(text, cleaning(field));
    if (clean !== text) changes[field] = clean;
  }
  if (items !== undefined) {
    const clean = mapped(items, (item) => cleanItem(item, cleaning));
    if (clean !== items) changes.items = clean;
  }
  if (properties !== undefined) {
    const clean = cleanObject(properties, "properties", (place) => cleaning(place, SECRET_KINDS));
    if (clean !== properties) changes.properties = clean;
  }
  const isSame = event === given && Object.keys(changes).length === 0;
  return { event: isSame ? given : { ...event, ...changes }, removed: [...removed] };
}

type CleaningAt = (place: string) => Cleaning;

/** Lanes that take no contacts get the sender's own properties without them; each event has its copy made once. */
const forPlatforms = new WeakMap<object, { [key: string]: JsonValue }>();

/**
 * The sender's own properties as they may leave for a platform that may not have contacts in clear: without them, and
 * without tokens. Tools that write to people get theirs with them: the link that resets a password is no use without its
 * token, and neither is a gift without the address that it goes to.
 */
export function propertiesForPlatforms(properties: { [key: string]: JsonValue }): { [key: string]: JsonValue } {
  const made = forPlatforms.get(properties);
  if (made !== undefined) return made;
  const clean = cleanObject(properties, "", () => SILENT);
  forPlatforms.set(properties, clean);
  return clean;
}

const SILENT: Cleaning = { kinds: ALL_KINDS, onFound: () => {} };

function cleanPage(page: NonNullable<CanonicalEvent["page"]>, at: CleaningAt): NonNullable<CanonicalEvent["page"]> {
  const { url, referrer, title } = page;
  const clean = {
    ...(url === undefined ? {} : { url: cleanUrl(url, at("page.url")) }),
    ...(referrer === undefined ? {} : { referrer: cleanUrl(referrer, at("page.referrer")) }),
    ...(title === undefined ? {} : { title: cleanText(title, at("page.title")) }),
  };
  return clean.url === url && clean.referrer === referrer && clean.title === title ? page : clean;
}

function cleanCampaign(campaign: Campaign, at: CleaningAt): Campaign {
  let clean = campaign;
  for (const [field, text] of Object.entries(campaign)) {
    const value = cleanText(text, at(`campaign.${field}`));
    if (value !== text) clean = { ...clean, [field]: value };
  }
  return clean;
}

function cleanItem(item: Item, at: CleaningAt): Item {
  let clean = item;
  for (const field of ITEM_TEXTS) {
    const text = item[field];
    if (text === undefined) continue;
    const value = cleanText(text, at(`items.${field}`));
    if (value !== text) clean = { ...clean, [field]: value };
  }
  return clean;
}

function cleanObject(
  object: { [key: string]: JsonValue },
  place: string,
  at: CleaningAt,
): { [key: string]: JsonValue } {
  let clean = object;
  for (const [key, value] of Object.entries(object)) {
    const inner = cleanNamed(key, value, `${place}.${shownName(key)}`, at);
    if (inner !== value) clean = { ...clean, [key]: inner };
  }
  return clean;
}

function cleanNamed(key: string, value: JsonValue, place: string, at: CleaningAt): JsonValue {
  const isNamed = (typeof value === "string" && value !== "" && value !== REDACTED) || typeof value === "number";
  // A `name` among properties is a product's or a plan's more often than a person's.
  const kind = isNamed && key !== "name" ? kindOfNamed(key, String(value)) : undefined;
  const cleaning = at(place);
  if (kind === undefined || !cleaning.kinds.has(kind)) return cleanValue(value, place, at);
  cleaning.onFound(kind);
  return REDACTED;
}

function cleanValue(value: JsonValue, place: string, at: CleaningAt): JsonValue {
  if (typeof value === "string") return cleanText(value, at(place));
  if (typeof value === "number") return cleanNumber(value, at(place));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return mapped(value, (inner) => cleanValue(inner, place, at));
  return cleanObject(value, place, at);
}

/** A form may send a card's digits as a number; 19 of them are past what JSON keeps exact. */
function cleanNumber(value: number, cleaning: Cleaning): JsonValue {
  if (!Number.isSafeInteger(value) || !isCardNumber(String(value))) return value;
  cleaning.onFound("card");
  return REDACTED;
}

/** Names that a sender chose are told as far as they are names: anything may stand there, also somebody's address. */
function shownName(name: string): string {
  return /^[\w.[\]$-]{1,40}$/.test(name) && !isContact(name) && !/\d{5}/.test(name) ? name : "*";
}

function withoutBlocked(
  event: CanonicalEvent,
  { blockedFields = [], searchTerms }: Partial<SensitiveDataRules>,
  removed: Set<string>,
): CanonicalEvent {
  const paths = searchTerms === "drop" ? [...blockedFields, "search_term"] : blockedFields;
  let left: unknown = event;
  for (const path of paths) {
    const without = withoutPath(left, path.split("."));
    if (without !== left) removed.add(`${path}:blocked`);
    left = without;
  }
  return left as CanonicalEvent;
}

/** Places and kinds of a batch with their counts, for a line of the log: of `properties` no name below is told. */
export function countRemoved(events: Iterable<readonly string[]>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const removed of events) {
    for (const entry of removed) {
      const kind = entry.slice(entry.lastIndexOf(":") + 1) as SensitiveKind;
      const place = /^(?:properties|[a-z_]+(?:\.[a-z_]+)?)/.exec(entry)?.[0] ?? "";
      const name = `${place.startsWith("properties") ? "properties" : place}:${kind}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

/** Most places that a story keeps: each costs some bytes of an item that is paid for by the kilobyte. */
const MOST_TOLD = 8;

/** What the story keeps of what was removed; absent when there was nothing. */
export function toldRemoved(removed: readonly string[]): string[] | undefined {
  if (removed.length === 0) return undefined;
  if (removed.length <= MOST_TOLD) return [...removed];
  return [...removed.slice(0, MOST_TOLD), `and ${removed.length - MOST_TOLD} more`];
}
