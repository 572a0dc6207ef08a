import { dataCentreRangesSource } from "../../scripts/data-centre-ranges.ts";

const line = (from: number, addresses: number, number: number) =>
  `${from},${from + addresses - 1},${number},"Somebody"`;

test("neighbouring ranges of companies that let servers become one, and short ones and those of others are left out", () => {
  const csv = [
    line(256 * 100, 256 * 20, 16509),
    line(256 * 120, 256 * 20, 24940),
    line(256 * 200, 256 * 31, 16509),
    line(256 * 300, 256 * 64, 3320),
    line(256 * 400, 256 * 64, 14061),
    "",
  ].join("\n");
  const source = dataCentreRangesSource(csv, "2026-06-17");
  const steps = /RANGES =\n {2}"(.*)";/
    .exec(source)?.[1]
    ?.split(" ")
    .map((step) => Number.parseInt(step, 36));
  expect(steps).toEqual([100, 40, 260, 64]);
  expect(source).toContain('DATA_CENTRES_AS_OF = "2026-06-17"');
});

test("where a range begins or ends inside a unit, the unit is not taken", () => {
  const source = dataCentreRangesSource(line(256 * 100 + 1, 256 * 40, 16509), "2026-06-17");
  expect(source).toContain(`"${(101).toString(36)} ${(39).toString(36)}"`);
});
