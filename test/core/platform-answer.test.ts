import { isTransientStatus, jsonObject, platformWords } from "../../src/core/platform-answer.ts";

test.each([
  ["Invalid value for jane.doe+x@example.com in em", "Invalid value for [address] in em"],
  ["phone +1 (650) 555-1212 is bad", "phone [number] is bad"],
  [`hash ${"a1".repeat(32)} unknown`, "hash [secret] unknown"],
  [`Malformed access token EAA${"b9".repeat(40)}`, "Malformed access token [secret]"],
  ["two\r\n lines\u0000 end ", "two lines end"],
])("%j is kept as %j", (text, kept) => {
  expect(platformWords(text)).toBe(kept);
});

test("words are cut, between characters", () => {
  const words = platformWords("😀 ".repeat(400));
  expect([...words]).toHaveLength(300);
  expect(words.isWellFormed()).toBe(true);
});

test("only a JSON object is read", () => {
  expect(jsonObject('{"a":1}')).toEqual({ a: 1 });
  for (const body of ["", "[]", "null", "1", '"x"', '{"a":', "<html>"]) expect(jsonObject(body)).toBeUndefined();
});

test("which statuses mean later", () => {
  expect([408, 425, 429, 500, 503, 599].every(isTransientStatus)).toBe(true);
  expect([200, 301, 400, 404, 413].some(isTransientStatus)).toBe(false);
});
