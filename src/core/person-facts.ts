import { BROWSER_ID_NAMES, type BrowserId } from "./browser-ids.ts";
import { CLICK_ID_NAMES, type ClickId } from "./click-ids.ts";
import { answersOf, isNews, mergeAnswers } from "./consent-memory.ts";
import { type CanonicalEvent, HASH_VARIANTS, type HashVariant, type SeenClickId, type User } from "./event.ts";
import { contactOf, variantsOf } from "./hashing.ts";
import type { Person } from "./identity.ts";
import { isPlaceholder, senderDigest, shortDigest } from "./identity-identifiers.ts";

/** Anonymous ids kept on a person; the oldest goes first. Their pointers stay, so an old device is still known. */
const MAX_ANONYMOUS_IDS = 10;

/** Merges that one person takes: beyond it is no person but an address that a till types for everyone. */
const MAX_MERGES = 50;

/** The part of a person that an event can state. */
export type Facts = Pick<
  Person,
  "users" | "hashes" | "digests" | "anonymous_ids" | "browser_ids" | "click_ids" | "answers"
>;

/** What an event states about its person. `hashes` are the event's own without placeholders. */
export function factsOf(event: CanonicalEvent, hashes: Partial<Record<HashVariant, string>>): Facts {
  const { user, browser_ids: browser = {}, click_ids = {} } = event;
  const users: Record<string, { key: string; id?: string }> = {};
  if (user.user_id !== undefined && !isPlaceholder(user.user_id)) {
    const key = shortDigest(user.user_id);
    users[event.source.dedup_scope] = user.user_id.includes("@") ? { key } : { key, id: user.user_id };
  }
  const browser_ids: Partial<Record<BrowserId, string>> = {};
  for (const name of BROWSER_ID_NAMES) {
    const value = browser[name];
    if (value !== undefined && !isPlaceholder(value)) browser_ids[name] = value;
  }
  const anonymous = user.anonymous_id;
  const anonymous_ids = anonymous === undefined || isPlaceholder(anonymous) ? [] : [anonymous];
  const digests = senderDigests(user);
  const answers = answersOf({
    consent: event.consent,
    eventTime: event.event_time,
    scope: event.source.dedup_scope,
    named: [users, hashes, digests].some((names) => Object.keys(names).length > 0),
  });
  return { users, hashes, digests, anonymous_ids, browser_ids, click_ids, answers };
}

function senderDigests(user: User): Facts["digests"] {
  const email = senderDigest(user, "email");
  const phone = senderDigest(user, "phone");
  return { ...(email === undefined ? {} : { email }), ...(phone === undefined ? {} : { phone }) };
}

/**
 * Whether these may be one person. Different user ids in one scope never are. By a weak identifier, different e-mails
 * or phones are not either: two guests at one computer are two people, and giving one the other's e-mail is worse
 * than not knowing.
 */
export function canJoin(a: Facts, b: Facts, strong: boolean): boolean {
  const sameUsers = Object.keys(a.users).every((scope) => agree(a.users[scope]?.key, b.users[scope]?.key));
  if (strong || !sameUsers) return sameUsers;
  return (
    overlap([a.hashes.email_plain, a.digests.email], [b.hashes.email_plain, b.digests.email]) &&
    overlap([a.hashes.phone_digits, a.digests.phone], [b.hashes.phone_digits, b.digests.phone])
  );
}

/** Merges two persons: the older keeps its id, the younger is to be marked. Undefined when one took too many already. */
export function mergePersons(a: Person, b: Person): { winner: Person; loser: Person } | undefined {
  const merges = a.merges + b.merges + 1;
  if (merges > MAX_MERGES) return undefined;
  const aIsOlder = a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id);
  const [winner, loser] = aIsOlder ? [a, b] : [b, a];
  return {
    winner: {
      ...winner,
      merges,
      users: { ...loser.users, ...winner.users },
      hashes: withHashes(loser.hashes, winner.hashes),
      digests: { ...loser.digests, ...winner.digests },
      anonymous_ids: newest([...winner.anonymous_ids, ...loser.anonymous_ids]),
      browser_ids: { ...loser.browser_ids, ...winner.browser_ids },
      click_ids: mergeClickIds(winner.click_ids, loser.click_ids),
      answers: mergeAnswers(winner.answers, loser.answers),
    },
    loser,
  };
}

/** Adds an event's facts to a person; the very same object comes back when nothing was new. */
export function learnFacts(person: Person, facts: Facts): { person: Person; learned: string[] } {
  const learned: string[] = [];
  const users = { ...person.users };
  for (const [scope, user] of Object.entries(facts.users)) {
    if (users[scope]?.key === user.key) continue;
    users[scope] = user;
    learned.push("user_id");
  }
  const hashes = withHashes(person.hashes, facts.hashes);
  learned.push(...HASH_VARIANTS.filter((name) => hashes[name] !== undefined && hashes[name] !== person.hashes[name]));
  const digests = { ...person.digests };
  for (const contact of ["email", "phone"] as const) {
    const digest = facts.digests[contact];
    if (digest === undefined || digest === digests[contact]) continue;
    digests[contact] = digest;
    learned.push(`${contact}_sha256`);
  }
  const newIds = facts.anonymous_ids.filter((id) => !person.anonymous_ids.includes(id));
  if (newIds.length > 0) learned.push("anonymous_id");
  const browser_ids = { ...person.browser_ids };
  for (const name of BROWSER_ID_NAMES) {
    const value = facts.browser_ids[name];
    if (value === undefined || value === browser_ids[name]) continue;
    browser_ids[name] = value;
    learned.push(name);
  }
  const click_ids = mergeClickIds(person.click_ids, facts.click_ids);
  learned.push(...CLICK_ID_NAMES.filter((name) => !sameClick(click_ids[name], person.click_ids[name])));
  const answers = mergeAnswers(person.answers, facts.answers);
  if (isNews(person.answers, answers)) learned.push("consent");
  if (learned.length === 0) return { person, learned };
  const anonymous_ids = newest([...person.anonymous_ids, ...newIds]);
  return { person: { ...person, users, hashes, digests, anonymous_ids, browser_ids, click_ids, answers }, learned };
}

/**
 * The newer hashes over the older ones, contact by contact: not every address has a form under every rule, and the older
 * address's variant beside the newer one's would be two people's.
 */
function withHashes(older: Facts["hashes"], newer: Facts["hashes"]): Partial<Record<HashVariant, string>> {
  const kept = Object.entries(older).filter(([name]) => {
    const variants = variantsOf(contactOf(name as HashVariant));
    return !variants.some((variant) => newer[variant] !== undefined);
  });
  return { ...Object.fromEntries(kept), ...newer };
}

/** Of one click id the latest value, with the first time at which that value was seen. */
function mergeClickIds(a: Facts["click_ids"], b: Facts["click_ids"]): Partial<Record<ClickId, SeenClickId>> {
  const merged: Partial<Record<ClickId, SeenClickId>> = { ...a };
  for (const name of CLICK_ID_NAMES) {
    const [mine, other] = [a[name], b[name]];
    if (other === undefined) continue;
    const isSame = mine?.value === other.value;
    const isBetter = mine === undefined || (isSame ? other.seen_at < mine.seen_at : other.seen_at > mine.seen_at);
    if (isBetter) merged[name] = other;
  }
  return merged;
}

function sameClick(a: SeenClickId | undefined, b: SeenClickId | undefined): boolean {
  return a?.value === b?.value && a?.seen_at === b?.seen_at;
}

function newest(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(-MAX_ANONYMOUS_IDS);
}

/** Two ways of writing one address have two digests: any in common will do, and nothing known contradicts nothing. */
function overlap(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): boolean {
  const [mine, other] = [a, b].map((digests) => digests.filter((digest) => digest !== undefined));
  if (mine?.length === 0 || other?.length === 0) return true;
  return mine?.some((digest) => other?.includes(digest)) ?? true;
}

function agree(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}
