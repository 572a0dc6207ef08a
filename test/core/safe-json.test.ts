import fc from "fast-check";
import {
  cleanJson,
  cleanText,
  describeShape,
  MAX_DEPTH,
  MAX_ENTRIES,
  MAX_TEXT,
  nestsTooDeep,
  parseJson,
} from "../../src/core/safe-json.ts";

test("text loses what SQS refuses and keeps what people write", () => {
  expect(cleanText("a\u0000b\u0007\u009fc\ud800d\ufffee\uffff")).toBe("abcde");
  const written = "Tab\t newline\n Zoë 👩‍👩‍👧 محمد 王\u200f\u00a0";
  expect(cleanText(written)).toBe(written);
});

test("cleaned text is within XML 1.0 and cleaning it again changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const clean = cleanText(text);
      expect(cleanText(clean)).toBe(clean);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
    }),
  );
});

test("a copy never reaches a prototype, whatever the keys", () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}},"ok":1}}');
  const { value, notes } = cleanJson(hostile);
  expect(value).toEqual({ a: { ok: 1 } });
  expect(notes.map((note) => [note.path, note.rule])).toEqual([
    ["__proto__", "dangerous_key"],
    ["a.constructor", "dangerous_key"],
  ]);
  expect({}).not.toHaveProperty("polluted");
  // The key is dropped after cleaning: a control character inside must not smuggle it in.
  expect(cleanJson({ "__pro\u0000to__": 1 }).value).toEqual({});
});

test("half a million brackets are parsed, cut and serialised", () => {
  const parsed = parseJson(`${"[".repeat(500_000)}${"]".repeat(500_000)}`);
  const { value, notes } = cleanJson(parsed.ok ? parsed.value : undefined);
  expect(notes).toMatchObject([{ rule: "too_deep", fatal: true }]);
  expect(JSON.stringify(value)).toBe(`${"[".repeat(MAX_DEPTH)}null${"]".repeat(MAX_DEPTH)}`);
});

test("a body of nothing but broken places is noted up to a bound, and what makes it unusable is among it", () => {
  const pairs = Array(300).fill('{"__proto__":1}').join(",");
  const deep = `${"[".repeat(40)}${"]".repeat(40)}`;
  const { notes } = cleanJson(JSON.parse(`[${pairs},${Array(200).fill(deep).join(",")}]`));
  expect(notes).toHaveLength(200);
  expect(notes.filter(({ fatal }) => fatal)).toHaveLength(100);
});

test("width and length are bounded", () => {
  const long = cleanJson(Array(600).fill(1));
  expect(long.notes).toMatchObject([{ rule: "too_many_entries", fatal: false }]);
  expect(long.value).toHaveLength(MAX_ENTRIES);
  const wide = Object.fromEntries([...Array(600).keys()].map((key) => [`k${key}`, 1]));
  expect(cleanJson({ wide }).notes).toMatchObject([{ path: "wide", rule: "too_many_entries", fatal: true }]);
  const { value, notes } = cleanJson(`${"x".repeat(MAX_TEXT - 1)}😀`);
  expect(value).toBe("x".repeat(MAX_TEXT - 1));
  expect(notes).toMatchObject([{ rule: "text_too_long", fatal: false }]);
});

test("ordinary JSON comes through unchanged, and the input is not touched", () => {
  // As a parser gives it: values made directly hold a negative zero, which JSON text cannot.
  const plain = fc.json({ maxDepth: 5, stringUnit: "grapheme" }).map((text): unknown => JSON.parse(text));
  fc.assert(
    fc.property(plain, (input) => {
      const before = JSON.stringify(input);
      const { value, notes } = cleanJson(input);
      if (notes.length === 0) expect(value).toEqual(JSON.parse(before));
      expect(JSON.stringify(input)).toBe(before);
    }),
  );
});

test("a shape tells kind and size, never the value", () => {
  expect([undefined, null, "", "ada@example.com", 5, Number.NaN, true, [1], {}].map(describeShape)).toEqual([
    "nothing",
    "null",
    "empty string",
    "string of 15 characters",
    "number",
    "NaN",
    "boolean",
    "array of 1",
    "object",
  ]);
});

test("text that is no JSON is answered, not thrown", () => {
  expect(parseJson("{")).toEqual({ ok: false });
});

test("text that nests deeper than any event is told, wherever it does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(120), (value, extra) => {
      const text = JSON.stringify(value);
      expect(nestsTooDeep(text)).toBe(false);
      expect(nestsTooDeep(`${'{"a":['.repeat(extra)}${text}${"]}".repeat(extra)}`)).toBe(
        depthOf(value) + 2 * extra > 64,
      );
    }),
  );
  // Brackets in a text are none, whatever quotes and backslashes stand before them.
  expect(nestsTooDeep(JSON.stringify({ a: `\\"${"[{".repeat(500)}`, "[[": "\\" }))).toBe(false);
  expect(nestsTooDeep("[".repeat(1_000_000))).toBe(true);
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
