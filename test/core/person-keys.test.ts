import fc from "fast-check";
import { sha256Hex } from "../../src/core/hashing.ts";
import { eventPersonKeys, personKeys } from "../../src/core/person-keys.ts";
import { hashedEvent } from "../support/events.ts";

const SETTINGS = { scopes: ["shop", "till"], defaultCountry: "DE" };
const event = hashedEvent();

test.each([
  ["e-mail", "  Ada@Lovelace.dev "],
  ["phone", "+49 1511 2345678"],
  ["national phone", "01511 2345678"],
  ["digest of the e-mail", sha256Hex("ada@lovelace.dev").toUpperCase()],
  ["user id", "u-1"],
  ["anonymous id", "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a"],
  ["browser id", "fb.1.1700000000000.1234567890"],
  ["client id", "123456.1700000000"],
  ["client id in its cookie", "GA1.1.123456.1700000000"],
])("an event is found by the person's %s", (_, identifier) => {
  const keys = new Set(personKeys(identifier, SETTINGS));
  expect(eventPersonKeys(event).some((key) => keys.has(key))).toBe(true);
});

test("an event is found by the person that the graph took it to be of", () => {
  const person_id = "Zk2w0n3n4bqzOQk0xv1m5A";
  const known = { ...event, known: { person_id } };
  expect(eventPersonKeys(known)).toContain(`person#${person_id}`);
  expect(personKeys(person_id, SETTINGS)).toContain(`person#${person_id}`);
});

test("a user id means nothing in another scope", () => {
  const keys = new Set(personKeys("u-1", { scopes: ["till"] }));
  expect(eventPersonKeys(event).some((key) => keys.has(key))).toBe(false);
});

test("what many share finds nobody", () => {
  for (const shared of ["", "unknown", "null", "test@test.com"]) {
    expect(personKeys(shared, SETTINGS).filter((key) => /^(email|phone)#/.test(key))).toEqual([]);
  }
  expect(personKeys("", SETTINGS)).toEqual([]);
});

test("the end of a text with dots is not its click", () => {
  const keys = new Set(personKeys("Cj0KCQ-1", SETTINGS));
  expect(personKeys("a.b.c.Cj0KCQ-1", SETTINGS).filter((key) => keys.has(key))).toEqual([]);
  expect(personKeys("fb.1.1700000000000.Cj0KCQ-1", SETTINGS).some((key) => keys.has(key))).toBe(true);
});

test("no key holds what was given, and nothing throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 6 }), fc.emailAddress()), (given) => {
      const value = given.trim();
      const opaque = personKeys(value, SETTINGS).filter((key) => !key.startsWith("person#"));
      if (value.length >= 6) expect(opaque.some((key) => key.includes(value))).toBe(false);
    }),
  );
});
