import { createHash } from "node:crypto";
import fc from "fast-check";
import { countryCode, domesticPostalCode, googlePlace, googleStreet, postalCode } from "../../src/core/address.ts";
import { birthDateDigits } from "../../src/core/birth-date.ts";
import { emailAmazon, emailGoogle, emailMicrosoft, emailPlain, emailReddit } from "../../src/core/email.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import {
  contactOf,
  HASH_VARIANT_RULES,
  hashVariant,
  hashWith,
  preHashed,
  sha256Hex,
  variantsOf,
} from "../../src/core/hashing.ts";
import {
  foldedAlphanumeric,
  googleFirstName,
  googleLastName,
  lettersOnly,
  trimmedLower,
  withoutAsciiPunctuation,
} from "../../src/core/person-name.ts";
import { regionCode } from "../../src/core/regions.ts";

type Rule = (raw: string) => string | undefined;

const RULES: Record<string, Rule> = {
  ...HASH_VARIANT_RULES,
  lettersOnly,
  trimmedLower,
  withoutAsciiPunctuation,
  foldedAlphanumeric,
  googleFirstName,
  googleLastName,
  googleStreet,
  googlePlace,
  postalCode: (raw) => postalCode(raw),
  domesticPostalCode: (raw) => domesticPostalCode(raw),
  usPostalCode: (raw) => postalCode(raw, "US"),
  regionCode: (raw) => regionCode(raw),
  canadianRegionCode: (raw) => regionCode(raw, "CA"),
  countryCode,
  birthDateDigits,
};

const DIGEST_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Digests published by the platforms (Meta, Snapchat, Google, Microsoft, X), recomputed and equal.
test.each<[string, Rule, string, string]>([
  ["Meta em", emailPlain, "John_Smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],
  ["Snap em", emailPlain, "person@example.com", "542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345"],
  [
    "Microsoft em",
    emailMicrosoft,
    "john@contoso.com",
    "ec81f3ac7b2b19675bab9d54cf416f9f18cff87c97da5cca82c0f0891bc40602",
  ],
  [
    "Reddit email",
    emailReddit,
    "alice@example.com",
    "ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976",
  ],
  [
    "Reddit phone",
    HASH_VARIANT_RULES.phone_e164,
    "+15554441234",
    "e5b124c58580eb16bd959b8d0cac12b12c952e2ceae0203d416cff94f10b994a",
  ],
  [
    "Google em, gmail",
    emailGoogle,
    "Cloudy.SanFrancisco+shopping@gmail.com",
    "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
  ],
  [
    "Google em, other domain",
    emailGoogle,
    "user.name+NYC@Example.com",
    "f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac",
  ],
  [
    "Meta ph",
    HASH_VARIANT_RULES.phone_digits,
    "+16505551212",
    "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
  ],
  [
    "Snap ph",
    HASH_VARIANT_RULES.phone_digits,
    "+448444124653",
    "dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383",
  ],
  [
    "Google ph",
    HASH_VARIANT_RULES.phone_e164,
    "+18005550100",
    "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30",
  ],
  [
    "X ph",
    HASH_VARIANT_RULES.phone_e164,
    "+11234567890",
    "1fa6b8d986d9b9cd01bf36951815158bbde9f520c0567c835dfe34783d0a4231",
  ],
  ["Meta fn", lettersOnly, "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"],
  ["Meta fn, Korean", lettersOnly, "정", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"],
  ["Meta fn, accent", lettersOnly, "Valéry", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"],
  ["Snap fn", lettersOnly, "John", "96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a"],
  ["Snap fn, accent", lettersOnly, "Raphaël", "e74bb89e718fe1e19c422a48382870399f8bf7ca8dfa008739e75b0be76627b7"],
])("%s: the platform's own digest", (_field, rule, raw, digest) => {
  expect(hashWith(rule, raw)).toBe(digest);
});

test.each<[Rule, string, string | undefined]>([
  [emailPlain, " Val.OConnor+Shop@Gmail.com ", "val.oconnor+shop@gmail.com"],
  [emailPlain, "no address", undefined],
  [emailPlain, "a b@example.com", undefined],
  [emailPlain, "@example.com", undefined],
  [emailPlain, '"odd@local"@example.com', '"odd@local"@example.com'],
  [emailGoogle, " Val.OConnor+Shop@Gmail.com ", "valoconnor@gmail.com"],
  [emailGoogle, "j.d+x@googlemail.com", "jd@googlemail.com"],
  [emailGoogle, "j.d+x@gmail.com.example", "j.d+x@gmail.com.example"],
  [emailGoogle, "jane @example.com", "jane@example.com"],
  [emailGoogle, "+tag@gmail.com", undefined],
  [emailMicrosoft, " Ana.Keller+crm@Example.org", "anakeller@example.org"],
  [emailMicrosoft, "ana@sub.example.org", "ana@sub.example.org"],
  [emailMicrosoft, "e.\u0301@example.org", "é@example.org"],
  [emailMicrosoft, "...+tag@example.org", undefined],
  [emailReddit, " Val.OConnor+Shop@Gmail.com ", "valoconnor@gmail.com"],
  [emailReddit, "first_last-x@my-shop.example", "firstlastx@my-shop.example"],
  [emailReddit, "josé.1@example.com", "josé1@example.com"],
  [emailReddit, "_+x@example.com", undefined],
  [emailAmazon, " Jane.Doe+Promo@Gmail.com ", "jane.doe+promo@gmail.com"],
  [emailAmazon, "o'neil_x@example.com", "oneilx@example.com"],
  [emailAmazon, "josé@example.com", undefined],
  [emailAmazon, "a@münchen.example", undefined],
  [emailAmazon, "_@example.com", undefined],
  [HASH_VARIANT_RULES.phone_digits, "(650) 555", undefined],
  [lettersOnly, "O'Connor", "oconnor"],
  [lettersOnly, "San Francisco", "sanfrancisco"],
  [lettersOnly, "José María", "josémaría"],
  [lettersOnly, "😀!", ""],
  [trimmedLower, " O'Connor ", "o'connor"],
  [withoutAsciiPunctuation, " Anne-Marie O'Éa\t", "annemarieoéa"],
  [withoutAsciiPunctuation, "O’Neil", "o’neil"],
  [foldedAlphanumeric, "São Paulo", "saopaulo"],
  [foldedAlphanumeric, "Łódź, 12/3", "lodz123"],
  [foldedAlphanumeric, "Straße", "strasse"],
  [foldedAlphanumeric, "東京 2", undefined],
  [foldedAlphanumeric, "-", undefined],
  [googleFirstName, " Dr. Mary-Jane ", "mary-jane"],
  [googleFirstName, "Drew", "drew"],
  [googleLastName, "O'Connor Jr., PhD", "o'connor"],
  [googleLastName, "Silva", "silva"],
  [googleStreet, "123 Main St.", "123 main st"],
  [googlePlace, "Saint-Denis 93", "saintdenis"],
  [(raw) => postalCode(raw), "94103-1234", "94103"],
  [(raw) => postalCode(raw, "US"), "941031234", "94103"],
  [(raw) => postalCode(raw, "PL"), "00-950", "00950"],
  [(raw) => postalCode(raw, "GB"), "NE1 4ST", "ne14st"],
  [domesticPostalCode, "CH-8001", "8001"],
  [domesticPostalCode, "94103-1234", "94103"],
  [domesticPostalCode, "NE1 4ST", "ne14st"],
  [domesticPostalCode, "AD500", "ad500"],
  [(raw) => regionCode(raw), "California", "ca"],
  [(raw) => regionCode(raw), "US-CA", "ca"],
  [(raw) => regionCode(raw, "CA"), "Québec", "qc"],
  [(raw) => regionCode(raw, "CA"), "Ontario", "on"],
  [(raw) => regionCode(raw, "US"), "New York", "ny"],
  [(raw) => regionCode(raw, "DE"), "Baden-Württemberg", "badenwürttemberg"],
  [(raw) => regionCode(raw, "GE"), "Georgia", "georgia"],
  [countryCode, "US", "us"],
  [countryCode, "USA", undefined],
  [birthDateDigits, "1990-07-04", "19900704"],
  [birthDateDigits, "1990-02-31", undefined],
  [birthDateDigits, "04/07/1990", undefined],
])("%p makes of %j: %j", (rule, raw, normalised) => {
  expect(rule(raw)).toBe(normalised);
});

describe.each(Object.entries(RULES))("%s", (name, rule) => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.emailAddress(),
    fc.constantFrom(
      "İstanbul@GMAIL.com",
      "ǅ",
      "Dr. Mr. X jr. sr.",
      "e\u0301",
      "\u1e9e",
      "US-US-CA",
      "12345-6789",
      "Ω\u0345",
      "e.'\u0301@x.com",
      "ⅷ½㎏",
    ),
  );

  test("normalising twice changes nothing", () => {
    fc.assert(
      fc.property(text, (raw) => {
        const once = rule(raw);
        // phone_digits takes E.164 and gives what is not.
        if (once !== undefined && once !== "" && name !== "phone_digits") expect(rule(once)).toBe(once);
      }),
    );
  });

  test("composed and decomposed text hash alike", () => {
    fc.assert(
      fc.property(text, (raw) => {
        expect(hashWith(rule, raw.normalize("NFD"))).toBe(hashWith(rule, raw.normalize("NFC")));
      }),
    );
  });

  test("nothing is never hashed, and a digest is passed on in lower case", () => {
    fc.assert(fc.property(text, (raw) => expect(hashWith(rule, raw)).not.toBe(DIGEST_OF_NOTHING)));
    for (const blank of [undefined, "", "  ", "\t"]) expect(hashWith(rule, blank)).toBeUndefined();
    const digest = sha256Hex("x");
    expect(hashWith(rule, ` ${digest.toUpperCase()}`)).toBe(digest);
  });
});

test("every variant is one of its contact", () => {
  expect([...variantsOf("email"), ...variantsOf("phone")]).toEqual(Object.keys(HASH_VARIANT_RULES));
  for (const contact of ["email", "phone"] as const) {
    for (const variant of variantsOf(contact))
      expect([variant.split("_")[0], contactOf(variant)]).toEqual([contact, contact]);
  }
});

test("hashes UTF-8 bytes", () => {
  expect(sha256Hex("né")).toBe(createHash("sha256").update(Buffer.from("né", "utf8")).digest("hex"));
});

test("only 64 hex digits are a digest", () => {
  expect(preHashed("a".repeat(63))).toBeUndefined();
  expect(preHashed("g".repeat(64))).toBeUndefined();
  expect(preHashed("A".repeat(64))).toBe("a".repeat(64));
});

test("the event's own hash wins over the known one, and both over a digest of unknown rule", () => {
  const event = (part: Partial<CanonicalEvent>) => ({ user: {}, ...part }) as CanonicalEvent;
  const [own, known, sent, inField] = ["1", "2", "3", "4"].map((digit) => digit.repeat(64));
  const user = { email_sha256: sent ?? "", email: inField ?? "" };
  const all = {
    user,
    hashes: { email_plain: own ?? "" },
    known: { person_id: "p", hashes: { email_plain: known ?? "" } },
  };
  expect(hashVariant(event(all), "email_plain")).toBe(own);
  expect(hashVariant(event({ ...all, hashes: {} }), "email_plain")).toBe(known);
  expect(hashVariant(event({ user }), "email_plain")).toBe(sent);
  expect(hashVariant(event({ user: { email: inField ?? "" } }), "email_google")).toBe(inField);
  expect(hashVariant(event({ user: { phone_sha256: sent ?? "" } }), "phone_e164")).toBe(sent);
  expect(hashVariant(event({ user: { email: "jane@example.com" } }), "email_plain")).toBeUndefined();
});

test("a sender's digest of nothing is no digest of a person", () => {
  const event = (user: User) => ({ user }) as CanonicalEvent;
  for (const nothing of [DIGEST_OF_NOTHING, DIGEST_OF_NOTHING.toUpperCase()]) {
    expect(hashWith((raw) => raw, nothing)).toBeUndefined();
    expect(hashVariant(event({ email_sha256: nothing }), "email_plain")).toBeUndefined();
    expect(hashVariant(event({ phone: nothing }), "phone_e164")).toBeUndefined();
  }
  const digest = sha256Hex("x");
  expect(hashVariant(event({ email_sha256: DIGEST_OF_NOTHING, email: digest }), "email_plain")).toBe(digest);
});
