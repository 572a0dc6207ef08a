import fc from "fast-check";
import { momentBefore, wholeNumber, wordList, wordsOf } from "../../../bin/cli/option-values.ts";
import { counted, jsonText, readable, readableLines, shownDuration, tableLines } from "../../../bin/cli/shown-text.ts";
import { NOON } from "../../support/scripted-terminal.ts";

const moment = momentBefore(() => NOON);

test.each<[string, number]>([
  ["90m", NOON - 90 * 60_000],
  ["24h", NOON - 86_400_000],
  ["7d", NOON - 7 * 86_400_000],
  ["30s", NOON - 30_000],
  ["2026-11-20", Date.UTC(2026, 10, 20)],
  ["2026-11-20T08:30", Date.UTC(2026, 10, 20, 8, 30)],
  ["2026-11-20T08:30:15.5Z", Date.UTC(2026, 10, 20, 8, 30, 15, 500)],
  ["2026-11-20T08:30+02:00", Date.UTC(2026, 10, 20, 6, 30)],
  ["1795435200000", 1_795_435_200_000],
])("%s is a moment, in UTC where it names no zone", (given, ms) => {
  expect(moment(given)).toBe(ms);
});

test("every moment is read back from its ISO text", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date("1970-01-02"), max: new Date("2099-12-31"), noInvalidDate: true }), (date) => {
      expect(moment(date.toISOString())).toBe(date.getTime());
    }),
  );
});

test.each(["", "yesterday", "7", "7w", "-1d", "2026-13-01", "2026-11-20 08:30", "20.11.2026", "0x10"])(
  "%j is no moment",
  (given) => {
    expect(() => moment(given)).toThrow("Give 90m, 24h or 7d");
  },
);

test.each(["", "0", "11", "1.5", "1e1", " 5", "-5", "five"])("%j is no whole number from 1 to 10", (given) => {
  expect(() => wholeNumber(1, 10)(given)).toThrow("Give a whole number from 1 to 10.");
});

test("words add up over repeated options, and an empty one is a slip", () => {
  expect(wordList("a, b", ["c"])).toEqual(["c", "a", "b"]);
  expect(() => wordList("a,,b")).toThrow("commas");
  expect(wordsOf(["a", "b"])("b,a")).toEqual(["b", "a"]);
  expect(() => wordsOf(["a", "b"])("a,c")).toThrow("c is none of a, b.");
});

test("a table is never wider than the terminal as long as its last column can wrap, and loses no word", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  const row = fc.tuple(word, word, fc.array(word, { maxLength: 30 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.integer({ min: 60, max: 120 }), (rows, columns) => {
      const cells = rows.map(([a, b, words]) => [a, b, words.join(" ")]);
      const lines = tableLines(["A", "B", "C"], cells, { paint: (_, text) => text, columns });
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      const shown = lines.join(" ").split(/\s+/).sort();
      expect(shown.filter((it) => it !== "")).toEqual(
        ["A", "B", "C", ...rows.flatMap(([a, b, words]) => [a, b, ...words])].sort(),
      );
    }),
  );
});

test("at 80 columns a table of long ids stays a table, and each id is there whole, over two lines", () => {
  const id = fc.stringMatching(/^[a-f0-9-]{36,60}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(id, id), { minLength: 1, maxLength: 4 }), (ids) => {
      const rows = ids.map(([a, b]) => ["2026-11-23 11:00:00Z", "purchase", a, b, "149.85 EUR", "meta delivered"]);
      const head = ["RECEIVED", "NAME", "EVENT ID", "SOURCE", "VALUE", "DESTINATIONS"];
      const lines = tableLines(head, rows, { paint: (_, text) => text, columns: 80 });
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      const starts = head.map((title) => (lines[0] ?? "").indexOf(title));
      const column = (at: number) => lines.map((line) => line.slice(starts[at], starts[at + 1]).trim()).join("");
      for (const [a, b] of ids) expect([column(2).includes(a), column(3).includes(b)]).toEqual([true, true]);
    }),
  );
});

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null
    ? [...Object.keys(value), ...Object.values(value).flatMap(textsOf)]
    : [];
}

const STEERING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

test("JSON holds nothing that steers a terminal either, and is the same to a program", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(2, undefined), (value, indent) => {
      const text = jsonText(value, indent);
      expect(text.replaceAll("\n", "")).not.toMatch(STEERING);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(jsonText({ id: "a\u009b31m\u202e" })).toBe('{"id":"a\\u009b31m\\u202e"}');
});

test("an error of several lines stays one, without what steers", () => {
  expect(readableLines("one\u001b[2J\ntwo\u009b")).toBe("one\ufffd[2J\ntwo\ufffd");
});

test("what is made readable holds nothing that steers a terminal, at any depth, and is else the same", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      expect(textsOf(readable(value)).join("")).not.toMatch(STEERING);
      expect(readable(readable(value))).toEqual(readable(value));
    }),
  );
  expect(readable({ a: ["Ana Müller 🙂", 1, null, true] })).toEqual({ a: ["Ana Müller 🙂", 1, null, true] });
});

test.each<[number, string]>([
  [0, "0 ms"],
  [950, "950 ms"],
  [59_400, "59 s"],
  [59_600, "1 min"],
  [92_000, "1 min 32 s"],
  [3_600_000, "1 h"],
  [3_700_000, "1 h 1 min"],
  [90_000_000, "1 d 1 h"],
])("%d ms is %s", (ms, shown) => {
  expect(shownDuration(ms)).toBe(shown);
});

test("counted nouns agree", () => {
  expect([counted(0, "event"), counted(1, "event"), counted(1_200, "event")]).toEqual([
    "0 events",
    "1 event",
    "1,200 events",
  ]);
});

test("at 80 columns times and lists wrap between words before an id is broken", () => {
  const row = ["k3vQzW1xYb7T", "deploys of the shop", "read, operate", "2026-11-23 12:00:00Z", "never", "2026-11-23"];
  const head = ["ID", "LABEL", "MAY", "MADE", "ENDS", "LAST USED"];
  const lines = tableLines(head, [row], { paint: (_, text) => text, columns: 80 });
  expect(lines.join("\n")).toContain("k3vQzW1xYb7T");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});
