import { BROWSER_ID_NAMES, type BrowserId } from "./browser-ids.ts";
import { campaignTouch, isTouchNews, liveTouches, mergeTouches, touchesOf } from "./campaign-touches.ts";
import { CLICK_ID_NAMES, type ClickId } from "./click-ids.ts";
import { answersOf, isNews, mergeAnswers } from "./consent-memory.ts";
import { type CanonicalEvent, HASH_VARIANTS, type HashVariant, type SeenClickId, type User } from "./event.ts";
import { CONTACTS, contactOf, variantsOf } from "./hashing.ts";
import type { LearningRules, Person } from "./identity.ts";
import { type IdentifierKind, isPlaceholder, personalHashes, senderDigest } from "./identity-identifiers.ts";
import { sealedContacts, withContacts } from "./known-contacts.ts";
import { identityScope, scopedDigest } from "./scoped-digest.ts";

/** Anonymous ids kept on a person; the oldest goes first. Their pointers stay, so an old device is still known. */
const MAX_ANONYMOUS_IDS = 10;

/** The part of a person that an event can state. */
export type Facts = Pick<
  Person,
  "users" | "hashes" | "contacts" | "digests" | "anonymous_ids" | "browser_ids" | "click_ids" | "answers" | "touches"
>;

/** Of an event that states nothing. */
export const NO_FACTS: Facts = {
  users: {},
  hashes: {},
  contacts: {},
  digests: {},
  anonymous_ids: [],
  browser_ids: {},
  click_ids: {},
  answers: {},
  touches: {},
};

/**
 * What an event states about its person. Only those of `kinds` name them: what is a placeholder or suspect is nobody's.
 */
export function factsOf(
  event: CanonicalEvent,
  kinds: ReadonlySet<IdentifierKind>,
  { contacts: vault, honourGpc }: Pick<LearningRules, "contacts" | "honourGpc"> = {},
): Facts {
  const { user, browser_ids: browser = {}, click_ids = {} } = event;
  const users: Record<string, { key: string; id?: string }> = {};
  if (user.user_id !== undefined && kinds.has("user_id")) {
    const scope = identityScope(event);
    const key = scopedDigest(scope, user.user_id);
    users[scope] = user.user_id.includes("@") ? { key } : { key, id: user.user_id };
  }
  const hashes = Object.fromEntries(
    Object.entries(personalHashes(event)).filter(([variant]) => kinds.has(contactOf(variant as HashVariant))),
  );
  const browser_ids: Partial<Record<BrowserId, string>> = {};
  for (const name of BROWSER_ID_NAMES) {
    const value = browser[name];
    if (value !== undefined && !isPlaceholder(value)) browser_ids[name] = value;
  }
  const anonymous = user.anonymous_id;
  const anonymous_ids = anonymous === undefined || isPlaceholder(anonymous) ? [] : [anonymous];
  const digests = senderDigests(user, kinds);
  const answers = answersOf(event, isNamed({ users, hashes, digests }));
  const touches = touchesOf(campaignTouch(event), event.source.dedup_scope);
  const contacts = vault === undefined ? {} : sealedContacts(event, hashes, vault, honourGpc);
  return { users, hashes, contacts, digests, anonymous_ids, browser_ids, click_ids, answers, touches };
}

function senderDigests(user: User, kinds: ReadonlySet<IdentifierKind>): Facts["digests"] {
  const email = kinds.has("email") ? senderDigest(user, "email") : undefined;
  const phone = kinds.has("phone") ? senderDigest(user, "phone") : undefined;
  return { ...(email === undefined ? {} : { email }), ...(phone === undefined ? {} : { phone }) };
}

/** True for who said who they are: by user id, e-mail or phone. */
export function isNamed({ users, hashes, digests }: Pick<Facts, "users" | "hashes" | "digests">): boolean {
  return [users, hashes, digests].some((names) => Object.keys(names).length > 0);
}

/**
 * Adds an event's facts to a person; the very same object comes back when nothing was new. Campaign touches of before
 * `touchesSince` are dropped on the way.
 */
export function learnFacts(
  person: Person,
  facts: Facts,
  touchesSince = Number.NEGATIVE_INFINITY,
): { person: Person; learned: string[] } {
  const learned: string[] = [];
  const users = { ...person.users };
  for (const [scope, user] of Object.entries(facts.users)) {
    if (users[scope]?.key === user.key) continue;
    users[scope] = user;
    learned.push("user_id");
  }
  const hashes = withHashes(person.hashes, facts.hashes);
  learned.push(...HASH_VARIANTS.filter((name) => hashes[name] !== undefined && hashes[name] !== person.hashes[name]));
  const contacts = withContacts(person, facts);
  const texts = CONTACTS.filter((it) => contacts[it] !== undefined && contacts[it] !== person.contacts[it]);
  learned.push(...texts.map((contact) => `${contact}_in_clear`));
  const digests = { ...person.digests };
  for (const contact of CONTACTS) {
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
  const known = liveTouches(person.touches, touchesSince);
  const touches = mergeTouches(known, facts.touches);
  if (isTouchNews(known, touches)) learned.push("campaign");
  if (learned.length === 0) return { person, learned };
  const anonymous_ids = newestIds([...person.anonymous_ids, ...newIds]);
  const taught = { users, hashes, contacts, digests, anonymous_ids, browser_ids, click_ids, answers, touches };
  return { person: { ...person, ...taught }, learned };
}

/**
 * The newer hashes over the older ones, contact by contact: not every address has a form under every rule, and the older
 * address's variant beside the newer one's would be two people's.
 */
export function withHashes(older: Facts["hashes"], newer: Facts["hashes"]): Partial<Record<HashVariant, string>> {
  const kept = Object.entries(older).filter(([name]) => {
    const variants = variantsOf(contactOf(name as HashVariant));
    return !variants.some((variant) => newer[variant] !== undefined);
  });
  return { ...Object.fromEntries(kept), ...newer };
}

/** Of one click id the latest value, with the first time at which that value was seen. */
export function mergeClickIds(a: Facts["click_ids"], b: Facts["click_ids"]): Partial<Record<ClickId, SeenClickId>> {
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

/** Anonymous ids that are kept of these, oldest first. */
export function newestIds(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(-MAX_ANONYMOUS_IDS);
}
