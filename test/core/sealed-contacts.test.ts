import fc from "fast-check";
import { CONTACTS, type Contact } from "../../src/core/hashing.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";

const KEY = "k".repeat(64);
const OTHER = "o".repeat(64);
const contact = fc.constantFrom<Contact>(...CONTACTS);

test("what is sealed opens again, and holds nothing of the text", () => {
  const vault = createContactVault({ key: KEY });
  fc.assert(
    fc.property(contact, fc.string({ unit: "grapheme", minLength: 4 }), (kind, text) => {
      const sealed = vault.seal(kind, text);
      expect(sealed).toMatch(/^[\w-]{8}\.[\w-]+$/);
      expect(Buffer.from(sealed.split(".")[1] ?? "", "base64url").includes(text)).toBe(false);
      expect(vault.open(kind, sealed)).toEqual({ text });
    }),
  );
});

test("one text has one sealed form, in whichever container; others have others", () => {
  const [a, b] = [createContactVault({ key: KEY }), createContactVault({ key: KEY })];
  fc.assert(
    fc.property(contact, fc.string(), fc.string(), (kind, text, other) => {
      expect(a.seal(kind, text)).toBe(b.seal(kind, text));
      expect(a.seal(kind, text) === a.seal(kind, other)).toBe(text === other);
    }),
  );
});

// Computed by another implementation of HKDF (RFC 5869), HMAC and AES-GCM: what is stored has to open in later versions.
test("the sealed form is the one that is stored: keys of their own for encryption and nonces, both of the secret", () => {
  const sealed = "8Lfd3qo6.bNQXUpOhpSfxNV5MUSB9S9JRox_LhLfi5ccFD2d7jCpu-tf7qORm2_oIxPk";
  expect(createContactVault({ key: KEY }).seal("email", "jane@example.org")).toBe(sealed);
  expect(createContactVault({ key: KEY }).open("email", sealed)).toEqual({ text: "jane@example.org" });
});

test("two texts never share a nonce, nor do the two kinds of one text", () => {
  const vault = createContactVault({ key: KEY });
  const nonceOf = (sealed: string) =>
    Buffer.from(sealed.split(".")[1] ?? "", "base64url")
      .subarray(0, 12)
      .toString("hex");
  const texts = Array.from({ length: 5_000 }, (_, index) => `jane.${index}@example.com`);
  const sealed = texts.flatMap((text) => CONTACTS.map((kind) => vault.seal(kind, text)));
  expect(new Set(sealed.map(nonceOf)).size).toBe(sealed.length);
});

test("a text of one kind does not open as the other", () => {
  const vault = createContactVault({ key: KEY });
  expect(vault.open("phone", vault.seal("email", "jane@example.com"))).toEqual({ problem: "damaged" });
});

test("whatever is changed in a sealed text, it does not open", () => {
  const vault = createContactVault({ key: KEY });
  const [id = "", body = ""] = vault.seal("email", "jane@example.com").split(".");
  const bytes = Buffer.from(body, "base64url");
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
      expect(vault.open("email", `${id}.${changed.toString("base64url")}`)).toEqual({ problem: "damaged" });
    }),
  );
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = `${id}.${bytes.subarray(0, length).toString("base64url")}`;
    expect(vault.open("email", cut)).toEqual({ problem: "damaged" });
  }
});

test("any text at all is answered, never thrown at", () => {
  const vault = createContactVault({ key: KEY });
  fc.assert(
    fc.property(contact, fc.string(), (kind, text) => void expect(vault.open(kind, text)).toHaveProperty("problem")),
  );
});

test("another key is told from damage, and the previous one still opens", () => {
  const sealed = createContactVault({ key: KEY }).seal("email", "jane@example.com");
  expect(createContactVault({ key: OTHER }).open("email", sealed)).toEqual({ problem: "another_key" });
  const rotated = createContactVault({ key: OTHER, previousKey: KEY });
  expect(rotated.open("email", sealed)).toEqual({ text: "jane@example.com" });
  expect(rotated.seal("email", "jane@example.com")).toBe(
    createContactVault({ key: OTHER }).seal("email", "jane@example.com"),
  );
});
