import { present, presentList, presentOrNothing, withoutEmpty } from "../../src/core/present.ts";

test("only what is undefined is left out", () => {
  const kept = present({ a: 0, b: "", c: null, d: undefined, e: false });
  expect(Object.keys(kept)).toEqual(["a", "b", "c", "e"]);
});

test("an object without any value is none", () => {
  expect(presentOrNothing({ a: undefined })).toBeUndefined();
  expect(presentOrNothing({ a: 0 })).toEqual({ a: 0 });
});

test.each([
  [[], undefined],
  [[undefined], undefined],
  [["a"], ["a"]],
  [
    [undefined, "a", "b", "a"],
    ["a", "b"],
  ],
])("of %j the list that is there is %j", (values, list) => {
  expect(presentList(...values)).toEqual(list);
});

test("what says nothing is left out, and zero and false say something", () => {
  const empty = { a: undefined, b: null, c: "", d: " \n", e: [], f: {} };
  const full = { g: 0, h: false, i: " x ", j: [0], k: { l: null } };
  expect(withoutEmpty({ ...empty, ...full })).toEqual(full);
});
