import { contactText } from "./contact-text.ts";
import { emailPlain } from "./email.ts";
import type { CanonicalEvent, HashVariant, KnownIdentifiers } from "./event.ts";
import { CONTACTS, type Contact, EXACT_VARIANTS, HASH_VARIANT_RULES, sha256Hex, variantsOf } from "./hashing.ts";
import type { Person } from "./identity.ts";
import { present } from "./present.ts";
import type { ContactVault } from "./sealed-contacts.ts";
import { withheldIdentifiers } from "./withheld-identifiers.ts";

type Hashes = Readonly<Partial<Record<HashVariant, string>>>;
type Contacts = Person["contacts"];
type Named = Pick<Person, "hashes" | "contacts">;

/**
 * What an event teaches of a contact in clear, sealed: of those whose `hashes` it teaches, in the form that they were made
 * of, so that one address has one text. Nothing of who refuses, in this very event, what it would be kept for.
 */
export function sealedContacts(
  event: CanonicalEvent,
  hashes: Hashes,
  vault: ContactVault,
  honourGpc: boolean | undefined,
): Contacts {
  if (withheldIdentifiers(event, {}, honourGpc).contacts) return {};
  const { email } = event.user;
  const texts = { email: email === undefined ? undefined : emailPlain(email), phone: event.phone_e164 };
  const sealed = CONTACTS.map((contact) => {
    const text = texts[contact];
    return [contact, text !== undefined && isOf(hashes, contact, text) ? vault.seal(contact, text) : undefined];
  });
  return present(Object.fromEntries(sealed) as Record<Contact, string | undefined>);
}

/**
 * The newer texts over the older ones, as the hashes beside them go: where a newer hash names another address, the older
 * address's text goes even if the newer one's is not known.
 */
export function withContacts(older: Named, newer: Named): Contacts {
  const kept = CONTACTS.map((contact) => {
    const isNews = variantsOf(contact).some((variant) => newer.hashes[variant] !== undefined);
    const [exact] = EXACT_VARIANTS[contact];
    const isSame = !isNews || newer.hashes[exact] === older.hashes[exact];
    return [contact, newer.contacts[contact] ?? (isSame ? older.contacts[contact] : undefined)];
  });
  return present(Object.fromEntries(kept) as Record<Contact, string | undefined>);
}

/** Without texts whose hashes are gone. */
export function besideHashes({ contacts, hashes }: Named): Contacts {
  return Object.fromEntries(
    Object.entries(contacts).filter(([contact]) => hashes[EXACT_VARIANTS[contact as Contact][0]] !== undefined),
  );
}

/**
 * The contacts of a person that an event has no text of, in clear: of the very address whose hashes were `filled` in, or
 * that the event's own digest is of. What cannot be opened is left out.
 */
export function missingContacts(
  event: CanonicalEvent,
  { contacts }: Pick<Person, "contacts">,
  filled: Hashes,
  vault: ContactVault,
): NonNullable<KnownIdentifiers["contacts"]> {
  const missing: NonNullable<KnownIdentifiers["contacts"]> = {};
  for (const contact of CONTACTS) {
    const sealed = contacts[contact];
    if (sealed === undefined || contactText(event, contact) !== undefined) continue;
    const opened = vault.open(contact, sealed);
    if ("text" in opened && isOf(filled, contact, opened.text)) missing[contact] = opened.text;
  }
  return missing;
}

/**
 * An event of earlier with the contacts that the graph keeps of its person today, as far as they are still those that it
 * was filled by: the archive keeps no texts of the graph's. By the event's consent as it was decided, and refused since.
 */
export function withContactsOfToday(event: CanonicalEvent, person: Person, vault: ContactVault): CanonicalEvent {
  const { known } = event;
  if (known === undefined || withheldIdentifiers(event, {}, false).contacts) return event;
  const contacts = missingContacts(event, person, known.hashes ?? {}, vault);
  if (Object.keys(contacts).length === 0) return event;
  return { ...event, known: { ...known, contacts: { ...known.contacts, ...contacts } } };
}

function isOf(hashes: Hashes, contact: Contact, text: string): boolean {
  const [exact] = EXACT_VARIANTS[contact];
  const normalised = HASH_VARIANT_RULES[exact](text);
  return normalised !== undefined && hashes[exact] === sha256Hex(normalised);
}
