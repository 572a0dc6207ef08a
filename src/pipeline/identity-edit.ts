import { scopeOfTouch } from "../core/campaign-touches.ts";
import { fbcClick } from "../core/fbc.ts";
import type { Person, Pointer } from "../core/identity.ts";
import { keepApart, MAX_MERGES, withoutGiven } from "../core/person-merge.ts";
import { contactDigest, DEVICE_COOKIES, scopedDigest } from "../core/scoped-digest.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import type { IdentityStore } from "./identity.ts";

/** The identity graph's storage where people may also be removed from it. */
export interface ErasableIdentityStore extends IdentityStore {
  /** Removes the person when it still has this version. */
  deletePerson(person: Person): Promise<boolean>;
  /** Removes the pointer when it still is as it was read. */
  deletePointer(pointer: Pointer): Promise<boolean>;
}

/** What a split did. */
export type SplitResult =
  | { readonly kind: "split"; readonly person: Person; readonly split: Person; readonly pointers: number }
  /** `not_found`: no such person. `not_merged`: nobody merged it into the other one, or it is split from it already. */
  | { readonly kind: "not_found" | "not_merged" };

/** Pointers that are deleted at once. */
const TOGETHER = 100;
/** Rounds of reading again after an event changed the same persons. */
const MAX_ROUNDS = 8;

/**
 * Takes a person out again that was merged into another one, by mistake. Its own facts are still on its item; its
 * identifiers lead to it again, what came only from it leaves the persons above it, and the two are never joined again.
 * `scopes` are those in which user and anonymous ids mean something.
 *
 * In an order in which a crash leaves nothing that misleads, and a second call does the rest: the persons above forget
 * it and remember to stay apart, then it stands alone, then pointers move. What the merged person learned while it was
 * merged stays with the other one, for nothing tells whose it was.
 */
export async function splitPerson(
  ids: { readonly personId: string; readonly mergedId: string },
  scopes: readonly string[],
  store: IdentityStore,
): Promise<SplitResult> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [merged] = await store.readPersons([ids.mergedId]);
    if (merged === undefined) return { kind: "not_found" };
    const above = await personsAbove(merged, store);
    const done = await splitOff(merged, above, ids.personId, scopes, store);
    if (done !== "lost") return done;
  }
  throw new Error(`a split lost ${MAX_ROUNDS} rounds against events of the same person`);
}

async function splitOff(
  merged: Person,
  above: readonly Person[],
  personId: string,
  scopes: readonly string[],
  store: IdentityStore,
): Promise<SplitResult | "lost"> {
  if (merged.merged_into === undefined) {
    // Perhaps the end of a split that was cut off before its pointers moved.
    const [person] = await store.readPersons([personId]);
    if (person === undefined) return { kind: "not_found" };
    if (!merged.apart.includes(personId) || !person.apart.includes(merged.id)) return { kind: "not_merged" };
    const left = new Set((await personsBelow(person, store)).map(({ id }) => id));
    return pointersMoved({ person, split: merged, left }, scopes, store);
  }
  const root = above.at(-1);
  if (root === undefined || !above.some(({ id }) => id === personId)) return { kind: "not_merged" };
  const forgotten = withoutMerged(merged, above);
  const saved: Person[] = [];
  for (const person of forgotten.toReversed()) {
    if (!(await store.savePerson(person))) return "lost";
    saved.push({ ...person, version: person.version + 1 });
  }
  const { merged_into: _, ...own } = merged;
  const alone = keepApart({ ...own, expires_at: Math.max(merged.expires_at, root.expires_at) }, root.id);
  const split = personId === root.id ? alone : keepApart(alone, personId);
  if (!(await store.savePerson(split))) return "lost";
  const person = saved[0] ?? root;
  const left = new Set(above.map(({ id }) => id));
  return pointersMoved({ person, split: { ...split, version: split.version + 1 }, left }, scopes, store);
}

/** Everybody who is one person by now: whom the id stands for today first, then all who were merged into it. */
export async function readFamily(personId: string, store: PersonReads): Promise<readonly Person[]> {
  const [asked] = await store.readPersons([personId]);
  if (asked === undefined) return [];
  return personsBelow((await personsAbove(asked, store)).at(-1) ?? asked, store);
}

type PersonReads = Pick<IdentityStore, "readPersons">;

/** Who a merged person is now, step by step, itself left out. */
async function personsAbove({ merged_into }: Person, store: PersonReads): Promise<Person[]> {
  const above: Person[] = [];
  for (let id = merged_into; id !== undefined && above.length <= MAX_MERGES; id = above.at(-1)?.merged_into) {
    const [person] = await store.readPersons([id]);
    if (person === undefined) break;
    above.push(person);
  }
  return above;
}

/** The persons above without what came only from the merged one: each as far as the one below it had it from there. */
function withoutMerged(merged: Person, above: readonly Person[]): Person[] {
  let from = merged.id;
  return above.map((person) => {
    const gave = person.merge_records.find(({ id }) => id === from)?.gave ?? [];
    const isNext = from === merged.id;
    from = person.id;
    const rest = withoutGiven(person, gave, merged);
    const merge_records = isNext ? person.merge_records.filter(({ id }) => id !== merged.id) : person.merge_records;
    return keepApart({ ...rest, merge_records }, merged.id);
  });
}

interface Parted {
  readonly person: Person;
  readonly split: Person;
  /** Persons whose pointers may be the split one's. */
  readonly left: ReadonlySet<string>;
}

/** Has the identifiers of the split person lead to it, where the other one does not have them too. */
async function pointersMoved(
  { left, person, split }: Parted,
  scopes: readonly string[],
  store: IdentityStore,
): Promise<SplitResult> {
  const others = new Set(pointerKeysOf(person, scopes));
  const keys = pointerKeysOf(split, scopes).filter((key) => !others.has(key));
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const pointers = (await store.readPointers(keys)).filter((pointer) => pointer !== undefined);
    const moving = pointers.filter(({ person_id }) => left.has(person_id));
    const saved = await Promise.all(
      moving.map((was) => {
        const seen_with = was.seen_with.filter((id) => id !== split.id);
        return store.savePointer({ ...was, person_id: split.id, seen_with }, was);
      }),
    );
    if (!saved.every(Boolean)) continue;
    const pointing = pointers.filter((pointer) => moving.includes(pointer) || pointer.person_id === split.id);
    return { kind: "split", person, split, pointers: pointing.length };
  }
  throw new Error(`a split lost ${MAX_ROUNDS} rounds against events with the same identifiers`);
}

/**
 * Removes a person and everybody who was merged into it from the graph: pointers first, and then persons in
 * an order in which whatever a crash leaves is found again by the same call. Answers how many items it removed: none
 * when the person is not there. What the persons do not tell of any more (browsers beyond the last ten, merges beyond the
 * last twenty, earlier e-mails) leads to nobody then, and ends with its time.
 */
export async function erasePerson(
  personId: string,
  scopes: readonly string[],
  store: ErasableIdentityStore,
): Promise<number> {
  let removed = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [asked] = await store.readPersons([personId]);
    if (asked === undefined) return removed;
    const line = [asked, ...(await personsAbove(asked, store))].toReversed();
    const family = await personsBelow(line[0] ?? asked, store);
    const ids = new Set(family.map(({ id }) => id));
    const keys = [...new Set(family.flatMap((person) => pointerKeysOf(person, scopes)))];
    const found = (await store.readPointers(keys)).filter((pointer) => pointer !== undefined);
    const own = found.filter(({ person_id }) => ids.has(person_id));
    const gone = await deletePointers(own, store);
    removed += gone;
    if (gone < own.length) continue;
    // From the one that was asked for, whatever a crash leaves is still reached: the others go first, itself last.
    const inLine = new Set(line.map(({ id }) => id));
    let isWhole = true;
    for (const person of [...family.toReversed().filter(({ id }) => !inLine.has(id)), ...line]) {
      const isGone: boolean = isWhole && (await store.deletePerson(person));
      isWhole = isGone;
      if (isGone) removed += 1;
    }
    if (isWhole) return removed;
  }
  throw new Error(`an erasure lost ${MAX_ROUNDS} rounds against events of the same person`);
}

/** Deletes pointers, some at a time: a person of many merges has tens of thousands. Answers how many were still as they had been read. */
export async function deletePointers(
  pointers: readonly Pointer[],
  store: Pick<ErasableIdentityStore, "deletePointer">,
): Promise<number> {
  let gone = 0;
  for (let start = 0; start < pointers.length; start += TOGETHER) {
    const some = pointers.slice(start, start + TOGETHER);
    const deleted = await Promise.all(some.map((pointer) => store.deletePointer(pointer)));
    gone += deleted.filter(Boolean).length;
  }
  return gone;
}

/** A person and all who were merged into it, each after the one that it was merged into. */
async function personsBelow(root: Person, store: PersonReads): Promise<Person[]> {
  const family = [root];
  const seen = new Set([root.id]);
  for (let level: readonly Person[] = [root]; level.length > 0; ) {
    const ids = level.flatMap(({ merge_records }) => merge_records.map(({ id }) => id)).filter((id) => !seen.has(id));
    for (const id of ids) seen.add(id);
    const persons = (await store.readPersons([...new Set(ids)])).filter((person) => person !== undefined);
    level = persons.filter(({ merged_into }) => merged_into !== undefined && seen.has(merged_into));
    family.push(...level);
  }
  return family;
}

/** The keys under which events may have made pointers to a person, as far as its facts tell. */
export function pointerKeysOf(person: Person, scopes: readonly string[]): string[] {
  const { anonymous_ids, answers, browser_ids, digests, hashes, touches, users } = person;
  const contacts = Object.entries({
    email: [hashes.email_plain, digests.email],
    phone: [hashes.phone_digits, digests.phone],
  });
  // A source that is configured no more left its scope with what it told.
  const told = [...Object.keys(users), ...Object.keys(answers), ...Object.keys(touches).map(scopeOfTouch)];
  const all = [...new Set([...scopes, ...told])];
  // Shared by all scopes, and each scope's own: the configuration may have changed since the pointers were made.
  const shared = ["", ...all].flatMap((scope) => [
    ...contacts.flatMap(([kind, known]) =>
      known.flatMap((hash) => (hash === undefined ? [] : [`${kind}#${contactDigest(scope, hash)}`])),
    ),
    ...DEVICE_COOKIES.flatMap((kind) => {
      const id = browser_ids[kind];
      return id === undefined ? [] : [`${kind}#${scopedDigest(scope, id)}`];
    }),
    ...clickValues(person).map((value) => `click#${scopedDigest(scope, value)}`),
  ]);
  return [
    ...Object.values(users).map(({ key }) => `user_id#${key}`),
    ...shared,
    ...anonymous_ids.flatMap((id) => all.map((scope) => `anonymous_id#${scopedDigest(scope, id)}`)),
  ];
}

/** Of each platform the last click is known. */
function clickValues({ browser_ids, click_ids }: Person): string[] {
  const clicks = Object.values(click_ids).map(({ value }) => value);
  return browser_ids.fbc === undefined ? clicks : [...clicks, fbcClick(browser_ids.fbc)];
}

/**
 * Of these keys those that are the family's alone, by what the graph knows today: without those that lead to somebody
 * else by now, such as a browser that another person uses, and those that many use.
 */
export async function ownKeys(
  keys: readonly string[],
  familyIds: ReadonlySet<string>,
  store: Pick<IdentityStore, "readPointers">,
): Promise<string[]> {
  const pointers = await store.readPointers(keys);
  return keys.filter((_key, index) => {
    const pointer = pointers[index];
    return pointer === undefined || (familyIds.has(pointer.person_id) && suspicionOf(pointer) === undefined);
  });
}
