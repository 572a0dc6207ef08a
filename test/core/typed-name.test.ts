import { isTypedName } from "../../src/core/typed-name.ts";

test.each([
  ["make_purchase", true],
  ["Angebot für Köln", true],
  ["@brand", true],
  ["*", true],
  ["ü".repeat(255), true],
  ["ü".repeat(256), false],
  ["", false],
  [" lead", false],
  ["lead ", false],
  ["two\nlines", false],
  ["half \ud800 a pair", false],
  ["jane@example.com", false],
  ["+49 151 12345678", false],
  ["newsletter jane%40example.com", false],
])("%j is a name that somebody may have typed: %s", (name, is) => {
  expect(isTypedName(name)).toBe(is);
});
