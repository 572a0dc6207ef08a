import { mergeTouches } from "./campaign-touches.ts";
import { mergeAnswers } from "./consent-memory.ts";
import type { Person } from "./identity.ts";
import { besideHashes, withContacts } from "./known-contacts.ts";
import { type Facts, isNamed, mergeClickIds, newestIds, withHashes } from "./person-facts.ts";

/** Named persons that one person takes: beyond it is no person but an address that a till types for everyone. */
export const MAX_MERGES = 50;

/** Merges that are remembered with their cause, the newest. */
const MAX_MERGE_RECORDS = 20;

/** Persons that one person is remembered to be kept apart from, the newest. */
const MAX_APART = 20;

/** Why a person was taken for another one, and what that gave. */
export interface MergeRecord {
  /** The person that was merged. */
  readonly id: string;
  /** `received_at` of the event, epoch ms. */
  readonly at: number;
  readonly event_id: string;
  /** The two identifiers that stood together in the event: kind and beginning of the digest. */
  readonly joined_by: readonly [string, string];
  /** Facts that the winner had from nobody else, as `<field>/<name>`: what a split takes off again. */
  readonly gave: readonly string[];
}

/** What the event that joins two persons says of it. */
export type MergeCause = Pick<MergeRecord, "at" | "event_id" | "joined_by">;

/**
 * Whether these may be one person. Different user ids in one scope never are. A weak identifier joins no two named
 * people, but gives what a nameless visitor did to the person who is named at the same browser: two guests at one
 * computer are two people, and giving one the other's e-mail is worse than not knowing.
 */
export function canJoin(a: Facts, b: Facts, strong: boolean): boolean {
  const sameUsers = Object.keys(a.users).every((scope) => agree(a.users[scope]?.key, b.users[scope]?.key));
  if (strong || !sameUsers) return sameUsers;
  if (!isNamed(a) || !isNamed(b)) return true;
  const emails = compare([a.hashes.email_plain, a.digests.email], [b.hashes.email_plain, b.digests.email]);
  const phones = compare([a.hashes.phone_digits, a.digests.phone], [b.hashes.phone_digits, b.digests.phone]);
  const users = Object.keys(a.users).some((scope) => b.users[scope] !== undefined) ? "same" : "unknown";
  return ![emails, phones].includes("different") && [users, emails, phones].includes("same");
}

/** Whether a person said that these two are not one. */
export function areKeptApart(a: Person, b: Person): boolean {
  return a.apart.includes(b.id) || b.apart.includes(a.id);
}

/** Merges two persons: the older keeps its id, the younger is to be marked. Undefined when one took too many already. */
export function mergePersons(a: Person, b: Person, cause: MergeCause): { winner: Person; loser: Person } | undefined {
  // A visitor without a name is no second person: every new cookie of a regular customer starts as one.
  const merges = a.merges + b.merges + (isNamed(a) && isNamed(b) ? 1 : 0);
  if (merges > MAX_MERGES) return undefined;
  const aIsOlder = a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id);
  const [winner, loser] = aIsOlder ? [a, b] : [b, a];
  const union: Facts = {
    users: { ...loser.users, ...winner.users },
    hashes: withHashes(loser.hashes, winner.hashes),
    contacts: withContacts(loser, winner),
    digests: { ...loser.digests, ...winner.digests },
    anonymous_ids: newestIds([...winner.anonymous_ids, ...loser.anonymous_ids]),
    browser_ids: { ...loser.browser_ids, ...winner.browser_ids },
    click_ids: mergeClickIds(winner.click_ids, loser.click_ids),
    answers: mergeAnswers(winner.answers, loser.answers),
    touches: mergeTouches(winner.touches, loser.touches),
  };
  const record = { ...cause, id: loser.id, gave: given(union, winner) };
  return {
    winner: {
      ...winner,
      ...union,
      merges,
      merge_records: [...winner.merge_records, record].slice(-MAX_MERGE_RECORDS),
      apart: [...new Set([...winner.apart, ...loser.apart])].slice(-MAX_APART),
    },
    loser,
  };
}

const FIELDS = ["users", "hashes", "contacts", "digests", "browser_ids", "click_ids", "touches"] as const;

/** Facts of the union that the winner did not have. Consent answers are not among them: a refusal is never taken back. */
function given(union: Facts, winner: Facts): string[] {
  const fields = FIELDS.flatMap((field) => {
    const own: Readonly<Record<string, unknown>> = winner[field];
    return Object.entries(union[field]).flatMap(([name, value]) =>
      isSame(own[name], value) ? [] : [`${field}/${name}`],
    );
  });
  const ids = union.anonymous_ids.filter((id) => !winner.anonymous_ids.includes(id));
  return [...fields, ...ids.map((id) => `anonymous_ids/${id}`)];
}

/**
 * A person without what only a merge gave it, as far as the merged person still says the same. What the merge gave over
 * an older value of the person's own is gone too: the older value is not kept.
 */
export function withoutGiven(person: Person, gave: readonly string[], from: Facts): Person {
  const taken = new Set(gave);
  const kept = Object.fromEntries(
    FIELDS.map((field) => {
      const theirs: Readonly<Record<string, unknown>> = from[field];
      const left = Object.entries(person[field]).filter(
        ([name, value]) => !(taken.has(`${field}/${name}`) && isSame(theirs[name], value)),
      );
      return [field, Object.fromEntries(left)];
    }),
  ) as Pick<Facts, (typeof FIELDS)[number]>;
  const anonymous_ids = person.anonymous_ids.filter(
    (id) => !(taken.has(`anonymous_ids/${id}`) && from.anonymous_ids.includes(id)),
  );
  // One sealed under a newer key than the merged person's is not the same text any more, and their hash is gone.
  return { ...person, ...kept, contacts: besideHashes(kept), anonymous_ids };
}

/** Remembers that two persons are not one. */
export function keepApart(person: Person, other: string): Person {
  return { ...person, apart: [...person.apart.filter((id) => id !== other), other].slice(-MAX_APART) };
}

/** Facts are texts or flat records that are always built in one way. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Two ways of writing one address have two digests: any in common will do, and nothing known contradicts nothing. */
function compare(
  a: readonly (string | undefined)[],
  b: readonly (string | undefined)[],
): "same" | "different" | "unknown" {
  const mine = a.filter((digest) => digest !== undefined);
  const other = b.filter((digest) => digest !== undefined);
  if (mine.length === 0 || other.length === 0) return "unknown";
  return mine.some((digest) => other.includes(digest)) ? "same" : "different";
}

function agree(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}
