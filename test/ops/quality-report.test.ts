import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { QualityCell } from "../../src/core/quality-rollup.ts";
import { qualityReport } from "../../src/ops/quality-report.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";

const NOW = RECONCILED.hour + 3 * HOUR_MS + 60_000;

function cell(changes: Partial<QualityCell> = {}): QualityCell {
  const sent = { email: [2, 200] as const };
  return {
    source: "web",
    event: "purchase",
    lane: "meta",
    events: 2,
    tenths: 100,
    sent,
    gains: { phone: 20 },
    ...changes,
  };
}

async function report(
  asked: Parameters<typeof qualityReport>[0],
  accounts: readonly [number, number, QualityCell[]][],
) {
  const reconciliation = createMemoryReconciliationStore();
  for (const [hour, version, cells] of accounts) {
    await reconciliation.save({ ...RECONCILED, hour, quality: { version, cells } });
  }
  const sources = { web: { kind: "server", keySecret: "s" } } as const;
  const config = resolveConfig({ environment: "test", sources, destinations: {} }, {});
  return qualityReport(asked, { reconciliation, clock: { now: () => NOW }, config });
}

const V = MATCH_QUALITY_VERSION;

test("nothing is read unless it is asked for", async () => {
  expect(await report({}, [[RECONCILED.hour, V, [cell()]]])).toBeUndefined();
});

test("hours of the days are added up; older ones and those of other rules are not", async () => {
  const accounts: [number, number, QualityCell[]][] = [
    [RECONCILED.hour, V, [cell()]],
    [RECONCILED.hour - HOUR_MS, V, [cell({ tenths: 80 })]],
    [RECONCILED.hour - 2 * HOUR_MS, V - 1, [cell()]],
    [RECONCILED.hour - 30 * HOUR_MS, V, [cell()]],
  ];
  expect(await report({ days: 1 }, accounts)).toEqual({
    available: true,
    hours: 2,
    version: V,
    rows: [
      {
        source: "web",
        event: "purchase",
        lane: "meta",
        events: 4,
        score: 4.5,
        identifiers: [
          { identifier: "phone", share: 0, score_with: 6.5 },
          { identifier: "email", share: 1 },
        ],
      },
    ],
  });
});

test("rows are those of the source, the event and the destination that were asked for", async () => {
  const cells = [cell(), cell({ source: "app" }), cell({ event: "lead" }), cell({ lane: "x" })];
  const asked = { days: 1, source: "web", name: "purchase", destination: "meta" };
  const answer = await report(asked, [[RECONCILED.hour, V, cells]]);
  expect(answer?.rows.map(({ event, lane, source }) => [source, event, lane])).toEqual([["web", "purchase", "meta"]]);
});
