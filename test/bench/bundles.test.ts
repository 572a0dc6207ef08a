import { bundleFigures } from "../../bench/bundles.ts";

// Bytes. A λ that outgrows them starts slower for everyone, one kilobyte at a time and unnoticed.
const ANY_FUNCTION = 500_000;
const BESIDE_THE_SDK: Readonly<Record<string, number>> = { ingest: 150_000, deliver: 80_000 };

test("every function's bundle is built from the shipped config, can be imported, and keeps its budget", () => {
  const figures = bundleFigures(1);
  expect(figures.map((bundle) => bundle.function).sort()).toEqual([
    "deliver-ga4",
    "deliver-meta",
    "deliver-webhook",
    "detect",
    "enrich",
    "ingest",
  ]);
  const over = figures.filter((bundle) => {
    const budget = BESIDE_THE_SDK[bundle.function.replace(/-.*/, "")] ?? ANY_FUNCTION;
    return bundle.total > ANY_FUNCTION || bundle["everything else"] > budget;
  });
  expect(over).toEqual([]);
}, 60_000);
