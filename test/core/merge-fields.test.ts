import { BROWSER_ID_NAMES } from "../../src/core/browser-ids.ts";
import { CLICK_ID_NAMES } from "../../src/core/click-ids.ts";
import {
  fieldsOfLetters,
  MERGE_LETTERS,
  mergeFieldsOf,
  mergeLetters,
  newParts,
  replacedFields,
} from "../../src/core/merge-fields.ts";
import { partsOf } from "../../src/core/merged-copies.ts";
import { hashedEvent } from "../support/events.ts";

test("every id that an event can carry has a letter of its own", () => {
  const letters = Object.values(MERGE_LETTERS);
  expect(new Set(letters).size).toBe(letters.length);
  expect(letters.every((letter) => /^[A-Za-z0-9]$/.test(letter))).toBe(true);
  expect(Object.keys(MERGE_LETTERS)).toEqual(expect.arrayContaining([...BROWSER_ID_NAMES, ...CLICK_ID_NAMES]));
});

test("fields survive being letters, in one order; what is unknown is left out", () => {
  const fields = mergeFieldsOf(hashedEvent());
  expect(fieldsOfLetters(mergeLetters(fields.toReversed()))).toEqual(fields);
  expect(fieldsOfLetters("e~")).toEqual(["email"]);
});

test("what the graph filled counts as there", () => {
  const bare = hashedEvent({ user: {}, browser_ids: {}, known: { person_id: "p", hashes: { email_plain: "h" } } });
  expect(mergeFieldsOf(bare)).toEqual(["email", "page", "value", "items", "order_id"]);
});

test("a copy of the other side is believed about its own matters, one of the same side about nothing", () => {
  const first = { isServer: false, fields: ["email", "ip", "value", "fbp"] as const };
  expect(replacedFields(["email", "ip", "value", "fbp", "phone"], first, true)).toEqual(["email", "value"]);
  expect(replacedFields(["email", "ip", "value", "fbp"], { ...first, isServer: true }, false)).toEqual(["ip", "fbp"]);
  expect(replacedFields(["email", "value"], first, false)).toEqual([]);
});

test("items that change nothing are not kept: they are the larger part of an event", () => {
  const parts = partsOf(hashedEvent());
  expect(newParts(parts, ["email"])).not.toHaveProperty("items");
  expect(newParts(parts, ["items"])).toEqual(parts);
});
