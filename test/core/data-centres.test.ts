import fc from "fast-check";
import { DATA_CENTRE_RANGES } from "../../src/core/data-centre-ranges.ts";
import { isDataCentre } from "../../src/core/data-centres.ts";

test.each([
  ["Amazon", "52.95.110.1", true],
  ["Azure", "20.50.1.1", true],
  ["Google Cloud", "34.89.1.1", true],
  ["Hetzner", "95.217.0.1", true],
  ["OVH", "51.68.0.1", true],
  ["Telekom", "84.128.1.1", false],
  ["Comcast", "73.0.0.1", false],
  ["Private Relay by Cloudflare", "104.28.0.1", false],
  ["documentation", "203.0.113.7", false],
  ["lowest", "0.0.0.0", false],
  ["highest", "255.255.255.255", false],
  ["IPv6 of Amazon", "2600:1f18::1", false],
  ["no address", "52.95.110", false],
])("%s, %s: %s", (_whose, ip, expected) => {
  expect(isDataCentre(ip)).toBe(expected);
});

/** The ranges one by one, as begin and end in units of 256 addresses. */
function ranges(): [number, number][] {
  const steps = DATA_CENTRE_RANGES.split(" ").map((step) => Number.parseInt(step, 36));
  let at = 0;
  return steps.flatMap((step, n): [number, number][] => {
    at += step;
    return n % 2 === 1 ? [[at - step, at]] : [];
  });
}

const addressOf = (unit: number, last: number) => [unit >> 16, (unit >> 8) & 255, unit & 255, last].join(".");

test("ranges are in order, apart, and end where addresses do", () => {
  const all = ranges();
  expect(all.length).toBeGreaterThan(1_000);
  for (const [n, [from, to]] of all.entries()) {
    expect(from).toBeGreaterThan(all[n - 1]?.[1] ?? 0);
    expect(to - from).toBeGreaterThanOrEqual(32);
  }
  expect(all.at(-1)?.[1]).toBeLessThan(224 << 16);
});

test("an address is of a data centre exactly where a range holds it, its edges too", () => {
  const all = ranges();
  const edges = fc.constantFrom(...all).chain(([from, to]) => fc.constantFrom(from - 1, from, to - 1, to));
  fc.assert(
    fc.property(fc.oneof(edges, fc.nat(0xff_ff_ff)), fc.nat(255), (unit, last) => {
      expect(isDataCentre(addressOf(unit, last))).toBe(all.some(([from, to]) => from <= unit && unit < to));
    }),
    { numRuns: 2_000 },
  );
});
