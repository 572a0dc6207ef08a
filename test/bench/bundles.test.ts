import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFigures, type Metafile, sdkBytes } from "../../bench/bundles.ts";
import { bundleLambda } from "../../lib/constructs/bundle-lambda.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import defaultConfig from "../../tracklayer.config.ts";

const directory = mkdtempSync(join(tmpdir(), "tracklayer-bundles-"));
afterAll(() => rmSync(directory, { recursive: true }));

// Bytes. A λ that outgrows them starts slower for everyone, one kilobyte at a time and unnoticed.
const ANY_FUNCTION = 500_000;
// No event waits for these: one runs by the clock, with the clients of five services and the phone numbers of the world,
// by which it looks for people in what was refused; the other answers people.
const IN_ALL: Readonly<Record<string, number>> = { maintain: 760_000, ops: 1_500_000 };
const BESIDE_THE_SDK: Readonly<Record<string, number>> = { ingest: 150_000, deliver: 100_000 };

test("every function's bundle is built from the shipped config, can be imported, and keeps its budget", () => {
  const figures = bundleFigures(1);
  expect(figures.map((bundle) => bundle.function).sort()).toEqual([
    "deliver-ga4",
    "deliver-meta",
    "deliver-webhook",
    "detect",
    "enrich",
    "ingest",
    "maintain",
    "ops",
    "reconcile",
  ]);
  const over = figures.filter((bundle) => {
    const inAll = IN_ALL[bundle.function] ?? ANY_FUNCTION;
    const budget = BESIDE_THE_SDK[bundle.function.replace(/-.*/, "")] ?? inAll;
    return bundle.total > inAll || bundle["everything else"] > budget;
  });
  expect(over).toEqual([]);
}, 60_000);

test("the delivery bundle of every destination in the catalogue keeps its budget, and holds no other destination", () => {
  const config = resolveConfig(defaultConfig, DESTINATIONS);
  for (const id of Object.keys(DESTINATIONS)) {
    const out = join(directory, id);
    mkdirSync(out);
    bundleLambda({ name: id, entry: `lambdas/deliver/${id}.ts`, config }, out);
    const metafile = JSON.parse(readFileSync(join(directory, `${id}.metafile.json`), "utf8")) as Metafile;
    const [output] = Object.values(metafile.outputs);
    if (output === undefined) throw new Error(`no bundle of ${id}`);
    const bytes = output.bytes - sdkBytes(metafile);
    const budget = DESTINATIONS[id]?.tokenRequest === undefined ? 100_000 : 107_000;
    expect({ id, overBy: Math.max(0, bytes - budget) }).toEqual({ id, overBy: 0 });
    const declared = Object.keys(output.inputs).filter((path) => /src\/destinations\/[a-z0-9-]+\.ts$/.test(path));
    expect(declared).toEqual([`src/destinations/${id}.ts`]);
  }
}, 120_000);
