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
    found_at: 1,
  });
  world.findings.push(at(OPS_NOW - 10 * DAY_MS, "old"), at(OPS_NOW - 2 * DAY_MS, "second"), at(OPS_NOW - 1, "first"));
  const sentences = async (query: Record<string, number>) =>
    (await world.get("/findings", query)).body.items.map(({ sentence }: { sentence: string }) => sentence);
  expect(await sentences({})).toEqual(["first", "second"]);
  expect(await sentences({ days: 1 })).toEqual(["first"]);
  expect(await sentences({ days: 30 })).toEqual(["first", "second", "old"]);
});
