import { firstIndex, rowsByIndex } from "../../src/core/answer-rows.ts";

test("rows are found by the place they name", () => {
  const rows = [{ index: 1, status: "b" }, { index: 0 }, { index: "2" }, { index: 0.5 }, {}, null, "x"];
  expect([...rowsByIndex(rows)]).toEqual([
    [1, { index: 1, status: "b" }],
    [0, { index: 0 }],
  ]);
});

test.each([undefined, null, {}, "rows", 1])("%j holds no rows", (rows) => {
  expect(rowsByIndex(rows).size).toBe(0);
});

test.each([
  [[0, 1, 2], 3, 0],
  [[1, 2, 3], 3, 1],
  [[3, 1, 2], 3, 1],
  [[1], 1, 1],
  [[0], 1, 0],
  // A part of the rows, and rows that are none of ours, leave the usual reading.
  [[1, 2], 3, 0],
  [[-1, 3], 2, 0],
  [[2, 3], 2, 0],
  [[1, 1, 2], 2, 1],
  [[], 1, 0],
] as const)("an answer with the places %j to %i events counts from %i", (indices, count, first) => {
  expect(firstIndex(indices, count)).toBe(first);
});
