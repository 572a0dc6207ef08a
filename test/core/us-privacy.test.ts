import { optsOutOfSale } from "../../src/core/us-privacy.ts";

test.each<[string, boolean | undefined]>([
  ["1YYN", true],
  ["1YYY", true],
  ["1NYN", true],
  ["1yyn", true],
  ["1YNN", false],
  ["1Y-N", false],
  ["1---", false],
  ["1YN", undefined],
  ["1YNNN", undefined],
  ["2YYN", undefined],
  ["1YXN", undefined],
  ["", undefined],
])("%j opts out: %s", (text, optsOut) => {
  expect(optsOutOfSale(text)).toBe(optsOut);
});
