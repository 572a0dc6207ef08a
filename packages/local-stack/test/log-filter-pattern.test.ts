import fc from "fast-check";
import { readFilterPattern } from "../src/log-filter-pattern.ts";

const fits = (pattern: string, line: string) => readFilterPattern(pattern)(line);

test.each([
  ["", "anything", true],
  ["ERROR", "an ERROR here", true],
  ["ERROR", "an error here", false],
  ["ERROR lane", "lane: ERROR", true],
  ["ERROR lane", "ERROR", false],
  ['"not delivered"', "event not delivered", true],
  ['"not delivered"', "not yet delivered", false],
  ['"say \\"hi\\""', 'they say "hi"', true],
  ["?ERROR ?WARN", "a WARN", true],
  ["?ERROR ?WARN", "an INFO", false],
  ["ERROR -expected", "an expected ERROR", false],
  ["ERROR -expected", "an ERROR", true],
  ['ERROR -"out of reach"', "ERROR: out of reach", false],
  // Beside a required term the optional ones mean nothing to CloudWatch.
  ["ERROR ?WARN", "an ERROR", true],
])("terms %j on %j: %j", (pattern, line, expected) => {
  expect(fits(pattern, line)).toBe(expected);
});

const LINE = JSON.stringify({
  level: "ERROR",
  lane: "meta",
  attempts: 3,
  share: 0.5,
  test: true,
  ended: null,
  event_ids: ["a-1", "b-2"],
  error: { name: "TypeError", "x y": 1 },
  "a-b": "dash",
});

test.each([
  ['{ $.level = "ERROR" }', true],
  ["{ $.level = ERROR }", true],
  ['{$.level="error"}', false],
  ['{ $.level = "E*R" }', true],
  ['{ $.level = "E.*" }', false],
  ['{ $.level != "ERROR" }', false],
  ['{ $.level != "INFO" }', true],
  ['{ $.nothing != "INFO" }', false],
  ["{ $.attempts = 3 }", true],
  ['{ $.attempts = "3" }', true],
  ["{ $.attempts > 2 }", true],
  ["{ $.attempts >= 3 && $.attempts <= 3 }", true],
  ["{ $.share < 0.5 }", false],
  ["{ $.level > 1 }", false],
  ["{ $.test IS TRUE }", true],
  ["{ $.test IS FALSE }", false],
  ["{ $.ended IS NULL }", true],
  ["{ $.nothing IS NULL }", false],
  ["{ $.nothing NOT EXISTS }", true],
  ["{ $.ended NOT EXISTS }", false],
  ['{ $.event_ids[1] = "b-2" }', true],
  ['{ $.error.name = "TypeError" }', true],
  ["{ $.error['x y'] = 1 }", true],
  ['{ $.a-b = "dash" }', true],
  ['{ $.toString = "*" }', false],
  ['{ $.lane = "meta" && $.level = "INFO" || $.attempts = 3 }', true],
  ['{ $.lane = "meta" && ($.level = "INFO" || $.attempts = 4) }', false],
  ['{ ($.lane = "x" || $.lane = "meta") && $.test IS TRUE }', true],
])("%s on a JSON line: %j", (pattern, expected) => {
  expect(fits(pattern, LINE)).toBe(expected);
});

test("a JSON pattern fits no line that is not a JSON object", () => {
  for (const line of ["plain", "{broken", "[1]", '"text"', "null", ""]) {
    expect(fits("{ $.a NOT EXISTS }", line)).toBe(false);
  }
});

test.each([
  ["[ip, user]", "space-delimited"],
  ["%ERROR.*%", "regular expressions"],
  ["{ $.a = %x% }", "regular expressions"],
  ["a:b", "double quotes"],
  ['"open', '"open'],
  ["{ $.a }", "value"],
  ["{ a = 1 }", "selector"],
  ["{ $.a = 1", "}"],
  ["{ $.a = 1 } x", "after the pattern"],
  ["{ $.a ~ 1 }", "~"],
  ["{ $.a > b }", "compares numbers"],
  ["{ $.a = = }", "value"],
  ["{ $.* = 1 }", "$.*"],
  ["{}", "selector"],
])("the pattern %j is refused with a word about %j", (pattern, named) => {
  expect(() => readFilterPattern(pattern)).toThrow(named);
});

test("no pattern hangs the reader or breaks on a line, whatever either holds", () => {
  const part = fc.constantFrom(
    "{",
    "}",
    "(",
    ")",
    "$.a",
    "=",
    "&&",
    "||",
    '"x"',
    "1",
    " ",
    "IS",
    "NULL",
    "?",
    "-",
    "b",
  );
  const patterns = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 20 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(patterns, fc.oneof(fc.string(), fc.json()), (pattern, line) => {
      let test: ((line: string) => boolean) | undefined;
      try {
        test = readFilterPattern(pattern);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      if (test !== undefined) expect(typeof test(line)).toBe("boolean");
    }),
    { numRuns: 2000 },
  );
});
