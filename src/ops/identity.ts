import { z } from "zod/mini";
import { readingsOf } from "../core/consent-answer.ts";
import type { ConsentMemory } from "../core/consent-memory.ts";
import type { Person, Pointer } from "../core/identity.ts";
import { maskId } from "../core/masking.ts";
import { PERSON_ID } from "../core/person-keys.ts";
import { present } from "../core/present.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import type { IdentityStore } from "../pipeline/identity.ts";
import { splitPerson } from "../pipeline/identity-edit.ts";
import type { IdentitySplit, IdentityView, PersonView } from "./contract/identity.ts";
import { IDENTITY_SPLIT, IDENTITY_VIEW } from "./identity-answers.ts";
import { auditedIdentifier, type FoundPeople, findPeople, type PeoplePorts, scopesOf } from "./people.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Characters of a hash that tell two apart and let nobody match it elsewhere. */
const SHOWN_HASH = 8;

const PERSON = z.string().check(z.regex(PERSON_ID, "must be a person id, as answers name it"));

/** `GET /identity`. */
export const showIdentity = defineRoute({
  method: "GET",
  path: "/identity",
  permission: "read",
  summary: "What the identity graph knows of a person: identifiers, merges, consent answers, expiry",
  input: z.object({
    /** E-mail, phone, user id, anonymous id, browser or click id, or a SHA-256 of e-mail or phone. */
    identifier: z.optional(z.string().check(z.minLength(1), z.maxLength(320))),
    /** Only a person id: an e-mail address in its place would be written down in the audit log as one. */
    person_id: z.optional(PERSON),
  }),
  answer: IDENTITY_VIEW,
  personal: ({ identifier, person_id }) => ({
    action: "identity.read_personal",
    target: person_id ?? auditedIdentifier(identifier ?? ""),
  }),
  async run({ identifier, person_id }, ports: PeoplePorts, { personal }): Promise<IdentityView> {
    const given = identifier ?? person_id;
    if (given === undefined || (identifier !== undefined && person_id !== undefined)) {
      throw new OpsRefusal(400, "one_filter", "give either identifier or person_id");
    }
    const found = await findPeople(given, ports);
    const newest = found.persons.toSorted((a, b) => b.person.expires_at - a.person.expires_at)[0];
    return {
      found: newest !== undefined,
      ...(newest === undefined ? {} : { person: personView(newest, personal) }),
      matched: found.pointers.map((pointer) => matched(pointer, found)),
    };
  },
});

/** What the route that changes the graph works with. */
export interface IdentityEditPorts extends PeoplePorts {
  readonly identities: IdentityStore;
}

/** `POST /identity/split`. */
export const splitIdentity = defineRoute({
  method: "POST",
  path: "/identity/split",
  permission: "operate",
  summary: "Takes a person out again that was merged into another one by mistake, and keeps the two apart from then on",
  input: z.object({
    person_id: PERSON,
    merged_id: PERSON,
  }),
  answer: IDENTITY_SPLIT,
  audit: ({ merged_id, person_id }) => ({
    action: "identity.split",
    target: person_id,
    details: { merged_id },
  }),
  async run({ merged_id, person_id }, { config, identities }: IdentityEditPorts): Promise<IdentitySplit> {
    const ids = { personId: person_id, mergedId: merged_id };
    const result = await splitPerson(ids, scopesOf(config), identities);
    if (result.kind === "split") return { person_id: result.person.id, split_id: merged_id, pointers: result.pointers };
    if (result.kind === "not_found") throw new OpsRefusal(404, "no_such_person", "no person has this id, or it ended");
    const todo = "GET /identity?person_id= shows who was merged into a person: `merged`.";
    throw new OpsRefusal(409, "not_merged", "this person is not merged into the other one", todo);
  },
});

function matched(pointer: Pointer, { persons }: FoundPeople): IdentityView["matched"][number] {
  const { key, person_id, seen_with, expires_at } = pointer;
  const now = persons.find(({ reachedAs }) => reachedAs === person_id);
  const suspect = suspicionOf(pointer);
  return {
    kind: key.split("#")[0] ?? "",
    person_id: now?.person.id ?? person_id,
    seen_with: seen_with.length,
    blocked: suspect !== undefined,
    ...present({ suspect }),
    expires_at,
  };
}

function personView({ reachedAs, person }: FoundPeople["persons"][number], personal: boolean): PersonView {
  return {
    person_id: person.id,
    ...(reachedAs === person.id ? {} : { merged_from: reachedAs }),
    created_at: person.created_at,
    expires_at: person.expires_at,
    merges: person.merges,
    merged: person.merge_records.map(({ id, at, event_id, joined_by }) => ({ person_id: id, at, event_id, joined_by })),
    kept_apart: person.apart,
    identifiers: identifiersOf(person, personal),
    consent: answersOf(person.answers),
    campaigns: Object.entries(person.touches).map(([key, seen]) => {
      const [touch, scope = ""] = key.split("#");
      return { ...seen, scope, touch: touch === "first" ? "first" : "last" };
    }),
  };
}

function identifiersOf(person: Person, personal: boolean): PersonView["identifiers"] {
  const shown = (id: string) => (personal ? id : maskId(id));
  // A hash is an identifier as good as what it was made of, at every platform: never whole, for nobody.
  const cut = (hash: string) => `${hash.slice(0, SHOWN_HASH)}…`;
  return [
    ...Object.entries(person.users).map(([scope, { id }]) => ({
      kind: "user_id",
      scope,
      // An e-mail address as a user id is kept as its digest only.
      value: id === undefined ? "not kept" : shown(id),
    })),
    ...Object.entries(person.hashes).map(([kind, hash]) => ({ kind, value: cut(hash) })),
    // In clear only for the lanes that need it, and for the person: an answer here would make a phone book of the graph.
    ...Object.keys(person.contacts).map((contact) => ({ kind: `${contact}_in_clear`, value: "kept, sealed" })),
    ...Object.entries(person.digests).map(([kind, digest]) => ({ kind: `${kind}_sha256`, value: cut(digest) })),
    ...person.anonymous_ids.map((id) => ({ kind: "anonymous_id", value: shown(id) })),
    ...Object.entries(person.browser_ids).map(([kind, id]) => ({ kind, value: shown(id) })),
    ...Object.entries(person.click_ids).map(([kind, { value }]) => ({ kind, value: shown(value) })),
  ];
}

function answersOf(memory: ConsentMemory): PersonView["consent"] {
  return Object.entries(memory).flatMap(([scope, said]) =>
    (["named", "anonymous"] as const).flatMap((said_by) =>
      Object.entries(said[said_by]).map(([purpose, answer]) => {
        const { value, at } = answer;
        const { dated } = readingsOf(answer);
        const except = dated?.except?.map(companyOf);
        const by_date = answer.dated && dated && { value: dated.value, at: dated.at };
        return { scope, said_by, purpose, value, at, ...present({ except, by_date }) };
      }),
    ),
  );
}

/** A company by its name here, or by its number where a version knew more of them. */
function companyOf(vendorId: number): string {
  return Object.entries(TCF_VENDORS).find(([, id]) => id === vendorId)?.[0] ?? String(vendorId);
}
