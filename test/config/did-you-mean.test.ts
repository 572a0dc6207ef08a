import { didYouMean } from "../../src/config/did-you-mean.ts";

const FIELDS = ["sources", "destinations", "consent", "keyEvents"];

test.each([
  ["source", "sources"],
  ["destination", "destinations"],
  ["destnations", "destinations"],
  ["keyevents", "keyEvents"],
  ["conset", "consent"],
])("%s means %s", (typed, meant) => {
  expect(didYouMean(typed, FIELDS)).toBe(meant);
});

test.each(["", "x", "zebra", "keys-of-events"])("%j means nothing that is known", (typed) => {
  expect(didYouMean(typed, FIELDS)).toBeUndefined();
});

test("the nearest wins", () => {
  expect(didYouMean("meta-eu", ["meta-us", "meta-e", "meta"])).toBe("meta-e");
});
