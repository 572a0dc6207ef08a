import fc from "fast-check";
import type { CanonicalEvent, HashVariant } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import type { Person } from "../../src/core/identity.ts";
import {
  besideHashes,
  missingContacts,
  sealedContacts,
  withContacts,
  withContactsOfToday,
} from "../../src/core/known-contacts.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { purchaseEvent } from "../support/events.ts";

const VAULT = createContactVault({ key: "k".repeat(64) });
const EMAIL = "jane@example.org";
const PHONE = "+4915112345678";

/** As enrich makes it of what was sent. */
function sentEvent(user: CanonicalEvent["user"], changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const { hashes, phoneE164 } = hashVariants(user, { defaultCountry: "DE" });
  return {
    ...purchaseEvent({ user, ...changes }),
    hashes,
    ...(phoneE164 === undefined ? {} : { phone_e164: phoneE164 }),
  };
}

const hashesOf = (user: CanonicalEvent["user"]) => hashVariants(user, { defaultCountry: "DE" }).hashes;
const known = (contacts: Person["contacts"], hashes: Person["hashes"] = {}) => ({ contacts, hashes });
const JANE = known(
  { email: VAULT.seal("email", EMAIL), phone: VAULT.seal("phone", PHONE) },
  hashesOf({ email: EMAIL, phone: PHONE }),
);

test("an event's contacts are sealed in the form that they are hashed in: one address has one text", () => {
  const [a, b] = ["  Jane@Example.org ", EMAIL].map((email) => sentEvent({ email, phone: "0151 12345678" }));
  for (const event of [a, b]) {
    expect(event && sealedContacts(event, event.hashes ?? {}, VAULT, true)).toEqual(JANE.contacts);
  }
});

test("what is not taught as a hash, such as a placeholder's, is not kept in clear either", () => {
  const event = sentEvent({ email: EMAIL, phone: PHONE });
  const { email_plain: _, ...others } = event.hashes ?? {};
  expect(sealedContacts(event, others, VAULT, true)).toEqual({ phone: JANE.contacts.phone });
  expect(sealedContacts(event, {}, VAULT, true)).toEqual({});
});

test.each<[string, CanonicalEvent["consent"], boolean]>([
  ["ad_user_data", { ad_user_data: "denied" }, true],
  ["analytics_storage", { analytics_storage: "denied" }, true],
  ["everything by Global Privacy Control", { gpc: true }, true],
])("an event that refuses %s teaches no text", (_, consent, honourGpc) => {
  const event = sentEvent({ email: EMAIL }, { consent: consent ?? {} });
  expect(sealedContacts(event, event.hashes ?? {}, VAULT, honourGpc)).toEqual({});
});

test("a newer address takes the older one's text away, known or not; the other kind stays", () => {
  const other = { email: "new@example.org" };
  expect(withContacts(JANE, known({}, hashesOf(other)))).toEqual({ phone: JANE.contacts.phone });
  const sealed = { email: VAULT.seal("email", other.email) };
  expect(withContacts(JANE, known(sealed, hashesOf(other)))).toEqual({ ...sealed, phone: JANE.contacts.phone });
});

test("the same address again without its text, as while the key cannot be read, keeps the text", () => {
  expect(withContacts(JANE, known({}, JANE.hashes))).toEqual(JANE.contacts);
  expect(withContacts(known({}, JANE.hashes), JANE)).toEqual(JANE.contacts);
});

test("a text without its hash does not stay", () => {
  expect(besideHashes(JANE)).toEqual(JANE.contacts);
  expect(besideHashes({ ...JANE, hashes: hashesOf({ phone: PHONE }) })).toEqual({ phone: JANE.contacts.phone });
});

test("gives what the event has no text of, and only beside the hashes of that very address", () => {
  const event = purchaseEvent({ user: { anonymous_id: "a" } });
  expect(missingContacts(event, JANE, JANE.hashes, VAULT)).toEqual({ email: EMAIL, phone: PHONE });
  expect(missingContacts(event, JANE, hashesOf({ email: "other@example.org", phone: PHONE }), VAULT)).toEqual({
    phone: PHONE,
  });
  expect(missingContacts(event, JANE, {}, VAULT)).toEqual({});
  const own = purchaseEvent({ user: { email: "garbled@@example", phone: "call me" } });
  expect(missingContacts(own, JANE, JANE.hashes, VAULT)).toEqual({});
});

test("what was put beside another address's hash stays closed, even under the right key", () => {
  const forged = known({ email: VAULT.seal("email", "mallory@example.org") }, JANE.hashes);
  expect(missingContacts(purchaseEvent({ user: {} }), forged, JANE.hashes, VAULT)).toEqual({});
});

test("what another key sealed counts as absent", () => {
  const rotated = createContactVault({ key: "o".repeat(64) });
  expect(missingContacts(purchaseEvent({ user: {} }), JANE, JANE.hashes, rotated)).toEqual({});
});

describe("an archived event", () => {
  const person = { ...JANE, id: "p" } as unknown as Person;
  const archived = (changes: Partial<CanonicalEvent> = {}, hashes = JANE.hashes) =>
    purchaseEvent({ user: { anonymous_id: "a" }, known: { person_id: "p", hashes }, ...changes });

  test("gets its person's texts of today, as long as they are those that it was filled by", () => {
    expect(withContactsOfToday(archived(), person, VAULT).known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
    const moved = archived({}, hashesOf({ email: "old@example.org" }));
    expect(withContactsOfToday(moved, person, VAULT)).toBe(moved);
  });

  test.each(["ad_user_data", "analytics_storage"] as const)("gets none when %s is refused by now", (purpose) => {
    const event = archived({ consent: { [purpose]: "denied" } });
    expect(withContactsOfToday(event, person, VAULT)).toBe(event);
  });

  test("of nobody gets nobody's", () => {
    const event = purchaseEvent({ user: {} });
    expect(withContactsOfToday(event, person, VAULT)).toBe(event);
  });
});

test("texts always are of the hashes beside them, whatever is learned in whichever order", () => {
  const addresses = ["a@example.org", "b@example.org", "c@example.org"];
  const fact = fc.record({ email: fc.constantFrom(...addresses), isSealed: fc.boolean() });
  const sealOf = (email: string) => VAULT.seal("email", email);
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 8 }), (facts) => {
      let hashes: Partial<Record<HashVariant, string>> = {};
      let contacts: Person["contacts"] = {};
      for (const { email, isSealed } of facts) {
        const newer = { hashes: hashesOf({ email }), contacts: isSealed ? { email: sealOf(email) } : {} };
        contacts = withContacts({ hashes, contacts }, newer);
        hashes = { ...hashes, ...newer.hashes };
      }
      if (contacts.email === undefined) return;
      const opened = VAULT.open("email", contacts.email);
      expect("text" in opened && sha256Hex(opened.text)).toBe(hashes.email_plain);
    }),
  );
});
