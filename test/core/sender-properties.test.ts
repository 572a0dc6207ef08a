import fc from "fast-check";
import type { JsonValue } from "../../src/core/event.ts";
import { cutBytes, cutText, type PropertyLimits, senderProperties } from "../../src/core/sender-properties.ts";

const LIMITS: PropertyLimits = { nameBytes: 10, textLength: 5, count: 3, characters: 60, depth: 3 };
const kept = (given: Record<string, JsonValue>, limits = LIMITS, taken: string[] = []) =>
  senderProperties(given, limits, (name) => taken.includes(name));

test("keeps what fits as it is, and cuts texts", () => {
  expect(kept({ a: 1, b: false, c: "abcdefg" })).toEqual({ a: 1, b: false, c: "abcde" });
  expect(senderProperties(undefined, LIMITS, () => false)).toEqual({});
});

test("leaves out at every level what says nothing, and names that platforms keep for themselves", () => {
  const given = { a: null, b: " ", c: [], d: {}, $e: 1, " ": 1, f: { $g: 1, h: [null, "", "x"], i: {} } };
  expect(kept(given)).toEqual({ f: { h: ["x"] } });
});

test("leaves out names that are taken, on top only, and names that are too long in bytes", () => {
  expect(kept({ a: 1, b: { a: 1 }, üüüüüü: 1, üüüüü: 2 }, LIMITS, ["a"])).toEqual({ b: { a: 1 }, üüüüü: 2 });
});

test("stops at the count, and skips a property that is too much for one that still fits", () => {
  expect(Object.keys(kept({ a: 1, b: 2, c: 3, d: 4 }))).toEqual(["a", "b", "c"]);
  expect(Object.keys(kept({ big: Array(20).fill("abcde"), small: 1 }))).toEqual(["small"]);
});

test("what lies too deep is left out, with what then says nothing", () => {
  expect(kept({ a: { b: { c: { d: 1 } } }, e: { f: { g: 1 } } })).toEqual({ e: { f: { g: 1 } } });
  expect(kept({ a: { b: [{ c: 1 }] } }, { ...LIMITS, depth: 4 })).toEqual({ a: { b: [{ c: 1 }] } });
});

const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 12 }), tie("value"), { maxKeys: 4 }),
  ),
})).value;

function saysSomething(value: JsonValue, depth: number): boolean {
  if (value === null || depth > LIMITS.depth) return false;
  if (typeof value === "string") return value.trim() !== "" && value.length <= LIMITS.textLength;
  if (typeof value !== "object") return true;
  const names = Array.isArray(value) ? [] : Object.keys(value);
  const inner = Object.values(value);
  return (
    inner.length > 0 &&
    names.every((name) => name.trim() !== "" && !name.startsWith("$") && name.length <= LIMITS.nameBytes) &&
    inner.every((each) => saysSomething(each, depth + 1))
  );
}

test("whatever is given, the limits hold, and a second time changes nothing", () => {
  const property = fc.property(fc.dictionary(fc.string({ maxLength: 14 }), json), (given) => {
    const once = kept(given);
    expect(Object.keys(once).length).toBeLessThanOrEqual(LIMITS.count);
    expect(Object.values(once).every((value) => saysSomething(value, 1))).toBe(true);
    expect(kept(once)).toEqual(once);
  });
  fc.assert(property);
});

test("cuts by units and by bytes, never a character in half", () => {
  expect(cutText("ab😀", 3)).toBe("ab");
  expect(cutText("ab😀", 4)).toBe("ab😀");
  expect(cutBytes("müüsli", 4)).toBe("mü");
  expect(cutBytes("a😀b", 4)).toBe("a");
  expect(cutBytes("plain", 5)).toBe("plain");
  const property = fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.nat(60), (text, bytes) => {
    const cut = cutBytes(text, bytes);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
    expect(Buffer.byteLength(text) <= bytes ? cut === text : text.startsWith(cut)).toBe(true);
    expect(cut.isWellFormed()).toBe(true);
  });
  fc.assert(property);
});
