import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import { simulated } from "./child-runs.ts";
import { mutated } from "./mutant-edit.ts";
import type { MutantResult } from "./mutant-runs.ts";
import { MUTANTS } from "./mutants.ts";
import { simulate } from "./run.ts";
import { SCENARIO_NAMES, type ScenarioName } from "./scenarios.ts";
import type { SeedReport } from "./seed-runs.ts";
import { subject } from "./subject.ts";

const root = resolve(import.meta.dirname, "../..");

/** 2,500 over all scenarios. */
const SEEDS_EACH = 250;
/** Processes that the mutants are shared out to, two at a time: a few, since some mutants live long. */
const MUTANT_SHARES = 4;

/** Which guarantee of `docs/reliability.md` a scenario is after; every run is judged by all of them. */
const SCENARIOS: Record<ScenarioName, string> = {
  calm: "G11 G12 G25: a bad event costs itself alone, and every event has one end at every lane",
  crashes: "G1 G2 G6: workers die at any await, any number of times",
  tables: "G6 G23: tables refuse, answer late, or lose their answers",
  queues: "G1 G10 G16 G23: queues take part of a batch, hand out twice, and dead-letter what was never tried",
  platforms: "G14 G20 G27: platforms are down, throttle, revoke, lose answers and answer nonsense",
  pairs: "G2 G4: two copies of one action become one event, whichever came first, and whoever dies meanwhile",
  copies: "G4 G5: copies come at any distance, by any name, and to two workers at once",
  ageing: "G14 G16: what is too late expires, says so, and is redriven",
  stops: "G14 G15: platforms that fail are left alone and tried again, and people pause and resume lanes",
  erasures: "G22: somebody is erased while their events come in, wait, crash and are replayed",
  everything: "G2 G6 G16 G25: all of it at once",
};

describe("nothing lost, nothing doubled, nothing told wrong", () => {
  const reports = new Map<ScenarioName, SeedReport>();

  beforeAll(async () => {
    await Promise.all(
      SCENARIO_NAMES.map(async (name) => {
        reports.set(name, await simulated<SeedReport>("--scenario", name, "--runs", String(SEEDS_EACH)));
      }),
    );
  }, 10 * MINUTE_MS);

  test.each(SCENARIO_NAMES.map((name) => [name, SCENARIOS[name]] as const))("%s, %s", (scenario) => {
    expect(reports.get(scenario)?.failed).toEqual([]);
  });

  test("and the runs went through every kind of trouble, and every state that a receipt or a lane can be in", () => {
    const all = [...reports.values()];
    const accepted = all.reduce((sum, report) => sum + report.accepted, 0);
    expect(accepted).toBeGreaterThan(SEEDS_EACH * SCENARIO_NAMES.length);
    const calls = ["slow", "refused", "lost", "late", "twice", "hangs", "dies_before", "dies_after"];
    const struck = all.flatMap((report) => report.struck);
    expect(struck).toEqual(expect.arrayContaining([...calls, "throttled", "fails", "garbled", "page"]));
    const states: DeliveryState[] = [
      "delivered",
      "retry",
      "rejected",
      "unauthorized",
      "attempting",
      "skipped",
      "expired",
    ];
    expect([...new Set(all.flatMap((report) => report.states))].sort()).toEqual(states.sort());
    const lanes = new Set(all.flatMap((report) => report.lanes));
    expect([...lanes].sort()).toEqual(["closed", "half_open", "open", "paused"]);
  });
});

test("one seed is one run, to the last line of its trace", async () => {
  for (const scenario of ["everything", "crashes"] as const) {
    const runs = [1, 2].map(() => simulate({ seed: 7, scenario, subject, traced: true }));
    const [first, second] = [await runs[0], await runs[1]];
    expect(first?.trace.length).toBeGreaterThan(20);
    expect(second?.trace).toEqual(first?.trace);
  }
});

describe("a pipeline with a defect is noticed", () => {
  let results: MutantResult[] = [];

  beforeAll(async () => {
    const shares = Array.from({ length: MUTANT_SHARES }, (_, index) => `${index + 1}/${MUTANT_SHARES}`);
    const answers = shares.map((share) => simulated<MutantResult[]>("--mutants", "--share", share));
    results = (await Promise.all(answers)).flat();
  }, 10 * MINUTE_MS);

  test.each(MUTANTS.map(({ name }) => name))("%s", (name) => {
    const result = results.find((it) => it.name === name);
    expect(result?.caught).toEqual(expect.any(String));
  });

  test.each(MUTANTS)("$name: its text stands once in $file", (mutant) => {
    const text = readFileSync(join(root, "src", mutant.file), "utf8");
    expect(mutated(text, mutant)).not.toBe(text);
  });
});
