import { DAY_MS } from "../../src/core/durations.ts";
import { FINDING } from "../support/finding-store-suite.ts";
import { lookupWorld } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

test("findings of the last days come newest first, as sentences", async () => {
  const world = await lookupWorld();
  const at = (start: number, sentence: string) => ({
    ...FINDING,
    window: { start, end: start + 1 },
    sentence,
    began_at: start,
    ended_at: start + 1,
    found_at: 1,
  });
  world.findings.push(at(OPS_NOW - 10 * DAY_MS, "old"), at(OPS_NOW - 2 * DAY_MS, "second"), at(OPS_NOW - 2, "first"));
  const sentences = async (query: Record<string, number>) =>
    (await world.get("/findings", query)).body.items.map(({ sentence }: { sentence: string }) => sentence);
  expect(await sentences({})).toEqual(["first", "second"]);
  expect(await sentences({ days: 1 })).toEqual(["first"]);
  expect(await sentences({ days: 30 })).toEqual(["first", "second", "old"]);
});

test("one that lasts for weeks is listed with what was seen last, and says since when", async () => {
  const world = await lookupWorld();
  const window = { start: OPS_NOW - 3_700_000, end: OPS_NOW - 100_000 };
  const lasting = { ...FINDING, window, began_at: OPS_NOW - 20 * DAY_MS, found_at: OPS_NOW - 20 * DAY_MS };
  world.findings.push(lasting);
  expect((await world.get("/findings", { days: 1 })).body.items).toEqual([lasting]);
});
