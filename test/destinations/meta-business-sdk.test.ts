import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { userData } from "../../src/destinations/meta/user-data.ts";
import { hashedEvent } from "../support/events.ts";

// Meta's own library as the judge: what it makes of the same raw values must be what we send. Loaded as CommonJS, which
// is its only build that Node takes.

interface Sdk {
  ServerEvent: new () => Setters;
  UserData: new () => Setters;
  CustomData: new () => Setters;
  Content: new () => Setters;
}
type Setters = { normalize(): Record<string, unknown> } & Record<string, (value: unknown) => unknown>;
type Body = Record<string, unknown>;

const require = createRequire(import.meta.url);
const sdk = require("facebook-nodejs-business-sdk") as Sdk;
const folder = join(import.meta.dirname, "meta");

/** Wire name → setter of the library, for what it normalises and hashes, with the canonical field it is made of. */
const HASHED: Readonly<Record<string, [setter: string, raw: (event: CanonicalEvent) => string | undefined]>> = {
  em: ["setEmail", ({ user }) => user.email],
  // The library takes a number with its country code only: national ones are read by our own rules.
  ph: ["setPhone", ({ user }) => (user.phone?.startsWith("+") ? user.phone : undefined)],
  ge: ["setGender", ({ user }) => user.gender],
  db: ["setDateOfBirth", ({ user }) => user.date_of_birth?.replaceAll("-", "")],
  ct: ["setCity", ({ user }) => user.city],
  zp: ["setZip", ({ user }) => user.postal_code],
  country: ["setCountry", ({ user }) => user.country],
  fn: ["setFirstName", ({ user }) => user.first_name],
  ln: ["setLastName", ({ user }) => user.last_name],
};

// Where Meta's documentation and its library disagree, we follow the documentation: names without punctuation and
// spaces, postal codes without spaces, letters beyond ASCII kept in cities. Addresses beyond ASCII it refuses, and it
// does not compose letters, so that one name written two ways has two digests.
function libraryDiffers(key: string, raw: string): boolean {
  if (key === "em") return !/^[\x20-\x7e]*$/.test(raw);
  if (key === "fn" || key === "ln") return /[\s\p{P}]/u.test(raw.trim()) || raw !== raw.normalize("NFC");
  if (key === "ct") return !/^[a-z\s]*$/i.test(raw);
  return key === "zp" && /\s/.test(raw.trim());
}

function bySdk(sent: Body, event: CanonicalEvent): Body {
  const person = new sdk.UserData();
  const {
    user_data: ours,
    custom_data: custom,
    app_data: _,
    referrer_url: __,
    ...fields
  } = sent as Body & { user_data: Body };
  for (const [key, value] of Object.entries(ours)) {
    const [setter, rawOf] = HASHED[key] ?? [];
    const raw = rawOf?.(event);
    // What has no raw value, or a rule of ours, passes through the library as the digest that it is.
    const input = raw === undefined || /^[0-9a-f]{64}$/i.test(raw.trim()) || libraryDiffers(key, raw) ? value : raw;
    if (setter !== undefined) person[setter]?.(Array.isArray(input) ? input[0] : input);
  }
  const normalised = new sdk.ServerEvent();
  for (const [name, value] of Object.entries(fields)) normalised[setterOf(name)]?.(value);
  normalised.setUserData?.(person);
  if (custom !== undefined) normalised.setCustomData?.(customBySdk(custom as Body));
  return normalised.normalize();
}

/** Without prices of zero, which the library takes for none. */
function asTheLibraryKeeps(custom: unknown): unknown {
  return JSON.parse(
    JSON.stringify(custom, (key, value: unknown) => (key === "item_price" && value === 0 ? undefined : value)),
  );
}

function customBySdk(custom: Body): Setters {
  const made = new sdk.CustomData();
  for (const [name, value] of Object.entries(custom)) {
    if (name !== "contents") made[setterOf(name)]?.(value);
  }
  const contents = ((custom.contents as Body[] | undefined) ?? []).map((content) => {
    const one = new sdk.Content();
    for (const [name, value] of Object.entries(content)) one[setterOf(name)]?.(value);
    return one;
  });
  if (contents.length > 0) made.setContents?.(contents);
  return made;
}

function setterOf(wireName: string): string {
  return `set${wireName.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}`;
}

const cases = readdirSync(folder)
  .map(
    (file) =>
      JSON.parse(readFileSync(join(folder, file), "utf8")) as {
        about: string;
        events: CanonicalEvent[];
        request?: { body: { data: Body[] } };
      },
  )
  .flatMap(({ about, events, request }) =>
    (request?.body.data ?? []).map((sent, index) => [`${about} [${index}]`, sent, events[index]] as const),
  );

test.each(cases)("Meta's library makes the same of: %s", (_, sent, event) => {
  if (event === undefined) throw new Error("a golden has more rows than events");
  const theirs = bySdk(sent, event);
  const { referrer_url: _referrer, app_data: _app, user_data: ours, ...rest } = sent as Body & { user_data: Body };
  const hashed = Object.fromEntries(Object.entries(ours).filter(([key]) => HASHED[key] !== undefined));
  expect(theirs).toEqual({ ...(asTheLibraryKeeps(rest) as Body), user_data: hashed });
});

test("Meta's library hashes any address, name and US postal code as we do", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."abcxyzÄÖéññØ"), minLength: 1, maxLength: 12 });
  const ascii = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
  const email = fc
    .tuple(ascii, fc.constantFrom("+tag", ".b", ""), fc.constantFrom("Gmail.com", "web.de"))
    .map(([name, tag, domain]) => `  ${name}${tag}@${domain} `);
  fc.assert(
    fc.property(email, letters, fc.stringMatching(/^\d{5}(-\d{4})?$/), (address, name, zip) => {
      const user = { email: address, first_name: name, last_name: name, postal_code: zip, country: "US" };
      const theirs = new sdk.UserData();
      theirs.setEmail?.(address);
      theirs.setFirstName?.(name);
      theirs.setLastName?.(name);
      theirs.setZip?.(zip);
      theirs.setCountry?.("US");
      const { em, fn, ln, zp, country } = userData(hashedEvent({ user }));
      expect({ em, fn, ln, zp, country }).toEqual(theirs.normalize());
    }),
  );
});
