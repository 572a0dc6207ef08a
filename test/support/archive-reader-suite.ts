import { HOUR_MS } from "../../src/core/durations.ts";
import type { ArchiveReader } from "../../src/pipeline/archive-ports.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

/** One archive under test, and a way to have an object written in it at a time (epoch ms). */
export interface ArchiveReaderWorld {
  readonly reader: ArchiveReader;
  store(at: number, lines: readonly string[]): Promise<void>;
}

/** What every `ArchiveReader` must do. */
export function archiveReaderSuite(create: () => Promise<ArchiveReaderWorld>): void {
  async function linesBetween({ reader }: ArchiveReaderWorld, from: number, to: number): Promise<string[]> {
    const lines: string[] = [];
    for (const { key } of await reader.objects(from, to)) {
      for await (const line of reader.lines(key)) lines.push(line);
    }
    return lines;
  }

  test("finds the objects of a range over hours and days, oldest first, and gives their lines in order", async () => {
    const world = await create();
    for (const hour of [30, 1, 0, 12, 5]) await world.store(NOON + hour * HOUR_MS, [`${hour} a`, `${hour} b`]);
    expect(await linesBetween(world, NOON, NOON + 13 * HOUR_MS)).toEqual(
      [0, 1, 5, 12].flatMap((hour) => [`${hour} a`, `${hour} b`]),
    );
    expect(await linesBetween(world, NOON + 29 * HOUR_MS, NOON + 31 * HOUR_MS)).toEqual(["30 a", "30 b"]);
  });

  test("an object's times include what it holds, and leave out what is hours away", async () => {
    const world = await create();
    await world.store(NOON, ["x"]);
    const [object] = await world.reader.objects(NOON, NOON + 1);
    expect(object?.from).toBeLessThanOrEqual(NOON);
    expect(object?.to).toBeGreaterThanOrEqual(NOON);
    expect(await world.reader.objects(NOON + 3 * HOUR_MS, NOON + 9 * HOUR_MS)).toEqual([]);
    expect(await world.reader.objects(NOON - 9 * HOUR_MS, NOON - 3 * HOUR_MS)).toEqual([]);
  });

  test("characters of several bytes and long lines come whole", async () => {
    const world = await create();
    const long = `"${"é\u{1f600}".repeat(40_000)}"`;
    await world.store(NOON, [long, "next"]);
    expect(await linesBetween(world, NOON, NOON + 1)).toEqual([long, "next"]);
  });

  test("an empty archive has no objects, and an object that is not there is an error", async () => {
    const { reader } = await create();
    expect(await reader.objects(NOON, NOON + HOUR_MS)).toEqual([]);
    const read = async () => {
      for await (const line of reader.lines("events/2026/11/20/12/none.gz")) expect(line).toBeUndefined();
    };
    await expect(read()).rejects.toThrow();
  });

  test("a reader may stop in the middle of an object", async () => {
    const world = await create();
    await world.store(NOON, ["first", "second"]);
    const [object] = await world.reader.objects(NOON, NOON + 1);
    for await (const line of world.reader.lines(object?.key ?? "")) {
      expect(line).toBe("first");
      break;
    }
    expect(await linesBetween(world, NOON, NOON + 1)).toEqual(["first", "second"]);
  });
}
