import { bareGaClientId } from "./client-ids.ts";
import type { CanonicalEvent } from "./event.ts";
import { hashVariants } from "./hash-variants.ts";
import { preHashed } from "./hashing.ts";
import { clickIdentifiers, graphIdentifiers } from "./identity-identifiers.ts";
import { DEVICE_COOKIES } from "./scoped-digest.ts";

/** What person ids are made of; see `personIdFor`. */
export const PERSON_ID = /^[\w-]{22}$/;

/**
 * The digests under which the identity graph may know somebody, given one identifier as the sender wrote it: an e-mail
 * address, a phone number, a SHA-256 of either, a user id, an anonymous id, an id of a platform's cookie (GA4's also as
 * `_ga` has it), a click id (Meta's also as `_fbc` has it), or a person id.
 * Nobody says which it is, so it is taken for each that it can be; a text of one kind is never the key of another.
 * `scopes` are those in which user and anonymous ids mean something. Contacts are taken as shared by all scopes and as
 * each scope's own: the configuration may have said the one before and the other since.
 */
export function personKeys(
  identifier: string,
  { scopes, defaultCountry }: { scopes: readonly string[]; defaultCountry?: string | undefined },
): string[] {
  const value = identifier.trim();
  const digest = preHashed(value);
  const contact =
    digest === undefined ? { email: value, phone: value } : { email_sha256: digest, phone_sha256: digest };
  const user = { ...contact, user_id: value, anonymous_id: value };
  const { hashes } = hashVariants(user, defaultCountry === undefined ? {} : { defaultCountry });
  const cookies = Object.fromEntries(DEVICE_COOKIES.map((cookie) => [cookie, value]));
  const given = {
    user,
    hashes,
    browser_ids: { ...cookies, ga_client_id: bareGaClientId(value), fbc: value },
    click_ids: { gclid: { value, seen_at: 0 } },
  };
  const keys = scopes.flatMap((scope) =>
    [{}, { contact_scope: scope }].flatMap((shared) => {
      const event = lookedUp(given, { dedup_scope: scope, ...shared });
      return [...graphIdentifiers(event), ...clickIdentifiers(event)];
    }),
  );
  const own = PERSON_ID.test(value) ? [personKey(value)] : [];
  return [...new Set([...keys.map(({ key }) => key), ...own])];
}

/** The digests by which an event can be told to be somebody's: its own identifiers, and whom the graph took it to be of. */
export function eventPersonKeys(event: CanonicalEvent): string[] {
  const own = graphIdentifiers(event).map(({ key }) => key);
  const { known } = event;
  return known === undefined ? own : [...own, ...[known.person_id, ...(known.other_person_ids ?? [])].map(personKey)];
}

/** The key of a person themselves, beside those of their identifiers. */
export function personKey(personId: string): string {
  return `person#${personId}`;
}

/** Whether a key is that of a person, and of no identifier. */
export function isPersonKey(key: string): boolean {
  return key.startsWith(personKey(""));
}

/** As much of an event as identifiers are read from. */
function lookedUp(
  identifiers: Pick<CanonicalEvent, "user" | "hashes" | "browser_ids" | "click_ids">,
  scopes: Pick<CanonicalEvent["source"], "dedup_scope" | "contact_scope">,
): CanonicalEvent {
  return {
    schema_version: 1,
    event_id: "",
    event_id_origin: "generated",
    event_name: "identify",
    event_time: 0,
    received_at: 0,
    source: { id: "", kind: "server", dialect: "tracklayer", ...scopes },
    action_source: "other",
    ...identifiers,
  };
}
