import { isTransientStatus, jsonObject } from "../../src/core/platform-answer.ts";

test("only a JSON object is read", () => {
  expect(jsonObject('{"a":1}')).toEqual({ a: 1 });
  for (const body of ["", "[]", "null", "1", '"x"', '{"a":', "<html>"]) expect(jsonObject(body)).toBeUndefined();
});

test("which statuses mean later", () => {
  expect([408, 425, 429, 500, 503, 599].every(isTransientStatus)).toBe(true);
  expect([200, 301, 400, 404, 413].some(isTransientStatus)).toBe(false);
});
