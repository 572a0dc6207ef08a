/** Runs the simulation from the command line. */
import { readOptions } from "../../bin/script-options.ts";
import { catchMutants, type MutantShare } from "./mutant-runs.ts";
import { killTwice, quietDay } from "./quiet-day.ts";
import { type RunOptions, simulate } from "./run.ts";
import { SCENARIO_NAMES, type ScenarioName } from "./scenarios.ts";
import { runSeeds } from "./seed-runs.ts";
import { shrink } from "./shrink.ts";
import { subject } from "./subject.ts";

const FAILURES_TOLD = 20;

const given = readOptions({
  command: "npm run simulate --",
  about: "Runs the pipeline on simulated services that fail, seed by seed, and tells which promise broke.",
  options: {
    runs: { type: "string", value: "N", from: 1, help: "so many seeds, from 1 or from --seed on; else 2000" },
    seed: {
      type: "string",
      value: "N",
      from: 0,
      help: "without --runs: this one, shrunk and with its trace if it fails",
    },
    scenario: { type: "string", value: "NAME", help: `for every seed: ${SCENARIO_NAMES.join(", ")}` },
    trace: { type: "boolean", default: false, help: "one seed with its trace, as it is" },
    mutants: { type: "boolean", default: false, help: "how many seeds each known defect survives" },
    share: { type: "string", default: "1/1", value: "M/N", help: "of the mutants: 2/4 is the second of four parts" },
    pairs: { type: "boolean", default: false, help: "every two deaths of workers in a quiet day: some minutes" },
    json: { type: "boolean", default: false, help: "for tests: the answer of --mutants, or of --scenario with --runs" },
  },
});

function scenarioGiven(): { scenario?: ScenarioName } {
  if (given.scenario === undefined) return {};
  const scenario = SCENARIO_NAMES.find((name) => name === given.scenario);
  if (scenario === undefined) throw new Error(`no scenario ${given.scenario}: ${SCENARIO_NAMES.join(", ")}`);
  return { scenario };
}

function shareGiven(): MutantShare {
  const [, part = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(given.share) ?? []).map(Number);
  if (part < 1 || part > of) throw new Error(`no share ${given.share}: 1/4 is the first of four`);
  return { part, of };
}

async function many(first: number, runs: number, common: Omit<RunOptions, "seed">): Promise<boolean> {
  const failed: number[] = [];
  const totals = { accepted: 0, faults: 0 };
  for (let seed = first; seed < first + runs; seed += 1) {
    const result = await simulate({ ...common, seed });
    totals.accepted += result.accepted;
    totals.faults += result.faults;
    const [violation] = result.violations;
    if (violation !== undefined) {
      failed.push(seed);
      if (failed.length <= FAILURES_TOLD) console.log(`seed ${seed}: ${violation.rule}: ${violation.what}`);
    }
    if ((seed - first + 1) % 5_000 === 0) console.log(`${seed - first + 1} runs, ${failed.length} failed`);
  }
  console.log(
    `${runs} runs, ${totals.accepted} events accepted, ${totals.faults} faults, ${failed.length} runs failed`,
  );
  const [seed] = failed;
  if (seed !== undefined) await one({ ...common, seed });
  return failed.length === 0;
}

/** Tells one run, the smallest that fails in its way if it does. */
async function one(options: RunOptions): Promise<boolean> {
  const whole = await simulate({ ...options, traced: true });
  const isBroken = whole.violations.length > 0;
  const { result } = isBroken && !given.trace ? await shrink(options) : { result: whole };
  const scenario = options.scenario === undefined ? "" : ` --scenario ${options.scenario}`;
  if (isBroken || given.trace) console.log(result.trace.join("\n"));
  console.log(
    `seed ${options.seed} (${whole.scenario.name}): ${whole.accepted} events accepted, ${whole.faults} faults`,
  );
  for (const { rule, what } of whole.violations) console.log(`  ${rule}: ${what}`);
  if (isBroken) console.log(`again: npm run simulate -- --seed ${options.seed}${scenario}`);
  return !isBroken;
}

async function pairs(): Promise<boolean> {
  const ids = ["a", "b", "c"];
  let broken = 0;
  for (const lanes of [["counts"], ["drops", "counts", "whole"]]) {
    const plan = { day: quietDay(ids, lanes), deaths: ["dies_before", "dies_after"] as const, oneIn: 1 };
    const { failed, pairs } = await killTwice(plan, subject);
    console.log(`${ids.length} events, lanes ${lanes.join(", ")}: ${pairs} pairs, ${failed.length} failed`);
    for (const problem of failed.slice(0, FAILURES_TOLD)) console.log(`  ${problem}`);
    broken += failed.length;
  }
  return broken === 0;
}

async function main(): Promise<boolean> {
  if (given.mutants) {
    const results = await catchMutants(shareGiven());
    if (given.json) console.log(JSON.stringify(results));
    else for (const { caught, name, seeds } of results) console.log(`${seeds} seeds  ${name}: ${caught ?? "SURVIVED"}`);
    return results.every(({ caught }) => caught !== undefined);
  }
  if (given.pairs) return pairs();
  const common = { subject, ...scenarioGiven() };
  if (given.json && common.scenario !== undefined && given.runs !== undefined) {
    const report = await runSeeds(common.scenario, Number(given.runs), subject);
    console.log(JSON.stringify(report));
    return report.failed.length === 0;
  }
  if (given.runs === undefined && given.seed !== undefined) return one({ ...common, seed: Number(given.seed) });
  return many(Number(given.seed ?? 1), Number(given.runs ?? 2_000), common);
}

process.exitCode = (await main()) ? 0 : 1;
