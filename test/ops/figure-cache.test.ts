import { MINUTE_MS } from "../../src/core/durations.ts";
import { rememberFigures } from "../../src/ops/figure-cache.ts";
import { type FigureQuery, type Figures, windowOf } from "../../src/ops/figures.ts";

const NOW = Date.parse("2026-11-23T14:00:10Z");
const QUERY: FigureQuery = { metric: "MatchQuality", dimensions: { destination: "meta" }, statistic: "Average" };

function world() {
  let now = NOW;
  let readings = 0;
  const figures: Figures = {
    async read(queries) {
      readings += 1;
      const value = readings;
      return queries.map(() => new Map([[NOW, value]]));
    },
  };
  const remembered = rememberFigures(figures, () => now);
  const read = async (query: FigureQuery = QUERY, minutes = 60) => {
    const [points] = await remembered.read([query], windowOf(minutes, now));
    return points?.get(NOW);
  };
  return { read, readings: () => readings, pass: (ms: number) => (now += ms) };
}

test("the same question within a minute is asked of CloudWatch once, also by requests at the same time", async () => {
  const { pass, read, readings } = world();
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  pass(20_000);
  expect(await read()).toBe(1);
  expect(readings()).toBe(1);
});

test("a new minute, another window and another metric are read anew", async () => {
  const { pass, read } = world();
  await read();
  expect(await read({ ...QUERY, statistic: "Sum" })).toBe(2);
  expect(await read(QUERY, 30)).toBe(3);
  pass(50_000);
  expect(await read()).toBe(4);
});

test("nothing is older than a minute, however long the steps of its window are", async () => {
  const { pass, read } = world();
  expect(await read(QUERY, 1_440)).toBe(1);
  pass(MINUTE_MS - 1);
  expect(await read(QUERY, 1_440)).toBe(1);
  pass(1);
  expect(await read(QUERY, 1_440)).toBe(2);
});

test("a failure is not remembered", async () => {
  let fails = true;
  const figures = rememberFigures(
    {
      async read() {
        if (fails) throw new Error("throttled");
        return [new Map([[NOW, 7]])];
      },
    },
    () => NOW,
  );
  const window = windowOf(60, NOW);
  await expect(figures.read([QUERY], window)).rejects.toThrow("throttled");
  fails = false;
  expect((await figures.read([QUERY], window))[0]?.get(NOW)).toBe(7);
});
