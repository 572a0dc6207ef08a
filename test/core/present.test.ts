import { present, presentList, presentOrNothing } from "../../src/core/present.ts";

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
