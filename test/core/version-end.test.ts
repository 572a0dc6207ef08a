import { daysUntil } from "../../src/core/version-end.ts";

const END = Date.UTC(2027, 0, 15);

test.each([
  [END - 60 * 86_400_000, 60],
  [END - 60 * 86_400_000 - 1, 60],
  [END - 1, 0],
  [END, 0],
  [END + 1, -1],
])("at %i there are %i whole days left", (now, days) => {
  expect(daysUntil(END, now)).toBe(days);
});
