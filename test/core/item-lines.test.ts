import fc from "fast-check";
import { hasId, linesWithin, piecesIn, wholeQuantity } from "../../src/core/item-lines.ts";

test("an empty id is none", () => {
  const lines = [{ id: "SKU-1" }, { id: "" }, { id: " " }, {}, { name: "Blue mug" }];
  expect(lines.map(hasId)).toEqual([true, false, false, false, false]);
});

test.each([
  [undefined, 1],
  [3, 3],
  [0, 1],
  [-2, 1],
  [0.75, 1],
  [Number.NaN, 1],
  [Number.POSITIVE_INFINITY, 1],
])("a quantity of %p is %i pieces", (quantity, pieces) => {
  expect(wholeQuantity(quantity === undefined ? {} : { quantity })).toBe(pieces);
});

test("any quantity is a whole number of pieces", () => {
  fc.assert(
    fc.property(fc.double(), (quantity) => {
      const pieces = wholeQuantity({ quantity });
      expect(Number.isInteger(pieces) && pieces > 0).toBe(true);
    }),
  );
});

test("pieces are counted, not lines", () => {
  expect(piecesIn([{ quantity: 2 }, {}, { quantity: 0.4 }])).toBe(4);
  expect(piecesIn([])).toBeUndefined();
});

describe("lines within bytes", () => {
  const lines = ["aaaa", "ü", "bb", "c"];

  test("are those from the first on that fit", () => {
    // With their quotes 6, 4, 4 and 3 bytes.
    expect(linesWithin(lines, 10, 0)).toEqual(["aaaa", "ü"]);
    expect(linesWithin(lines, 9, 0)).toEqual(["aaaa"]);
    expect(linesWithin(lines, 17, 0)).toEqual(lines);
  });

  test("are all of a few that are known to fit", () => {
    expect(linesWithin(lines, 0, 4)).toEqual(lines);
    expect(linesWithin(lines, 0, 3)).toEqual([]);
  });
});
