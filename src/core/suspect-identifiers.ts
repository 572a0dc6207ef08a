import type { GraphIdentifier, IdentifierKind } from "./identity-identifiers.ts";

/** A browser seen with this many persons that it had to leave: a kiosk, a broken tag. */
export const MAX_PERSONS_PER_BROWSER = 10;

const CONTACTS: ReadonlySet<string> = new Set<IdentifierKind>(["email", "phone"]);

/**
 * How many contacts of another kind one identifier may be seen with. People have a second address and change numbers
 * and misspell both; a phone that comes with a third address is a call centre's, and a user id with a sixth a clerk's.
 */
const MOST_BESIDE: Readonly<Partial<Record<IdentifierKind, { readonly kind: IdentifierKind; readonly most: number }>>> =
  {
    phone: { kind: "email", most: 2 },
    email: { kind: "phone", most: 4 },
    user_id: { kind: "email", most: 5 },
  };

/** Characters of a contact's digest that are enough to tell few of them apart. */
const BESIDE_LENGTH = 12;

/** What tells whether an identifier is one person's. */
interface Sightings {
  readonly key: string;
  readonly seen_with: readonly string[];
  readonly beside: readonly string[];
}

/**
 * Why an identifier joins nobody and finds nobody any more. `several_accounts`: an e-mail or phone that two people use,
 * who have different user ids or whom somebody took apart. Theirs it is all the same, and it may be told of both.
 */
export type Suspicion = "several_accounts" | "too_many_persons" | "too_many_emails" | "too_many_phones";

/** Undefined while an identifier may be one person's. */
export function suspicionOf({ beside, key, seen_with }: Sightings): Suspicion | undefined {
  const kind = key.split("#")[0] as IdentifierKind;
  const limit = MOST_BESIDE[kind];
  if (limit !== undefined && beside.length > limit.most) {
    return limit.kind === "email" ? "too_many_emails" : "too_many_phones";
  }
  // A link that was sent on, or a second browser of the same person: nothing tells which.
  const most = kind === "click" ? 1 : MAX_PERSONS_PER_BROWSER;
  if (seen_with.length >= most) return "too_many_persons";
  return CONTACTS.has(kind) && seen_with.length > 0 ? "several_accounts" : undefined;
}

/**
 * The contacts that an identifier was seen with, this event's included; the same list when it is not new. What stands
 * beside a user id does not count against e-mail and phone: then the account says whose they are.
 */
export function besideOf(
  { key, kind }: GraphIdentifier,
  event: readonly GraphIdentifier[],
  known: readonly string[],
): readonly string[] {
  const limit = MOST_BESIDE[kind];
  if (limit === undefined || known.length > limit.most) return known;
  if (kind !== "user_id" && event.some((other) => other.kind === "user_id")) return known;
  const other = event.find((it) => it.kind === limit.kind && it.key !== key);
  const seen = other?.key.slice(limit.kind.length + 1).slice(0, BESIDE_LENGTH);
  return seen === undefined || known.includes(seen) ? known : [...known, seen];
}
