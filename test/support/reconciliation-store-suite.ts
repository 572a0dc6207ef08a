import { IDENTIFIERS } from "../../src/core/destination.ts";
import { MAX_CELLS, type QualityCell } from "../../src/core/quality-rollup.ts";
import type { ReconciledHour } from "../../src/core/reconciliation.ts";
import { MAX_SENSITIVE_CELLS, type SensitiveCell } from "../../src/core/sensitive-rollup.ts";
import type { ReconciliationStore } from "../../src/pipeline/reconcile-ports.ts";

const HOUR = Date.parse("2026-11-23T13:00:00Z");

/** The account of an hour with one difference. */
export const RECONCILED: ReconciledHour = {
  hour: HOUR,
  judged_at: HOUR + 8_700_000,
  settled: false,
  accepted: 3,
  refused: 1,
  claimed: 2,
  duplicates: 1,
  quarantined: 1,
  dropped_by_queue: 0,
  missing: 0,
  archived: 2,
  unarchived: 0,
  unreadable: 0,
  lanes: [{ lane: "meta", expected: 2, outcomes: { delivered: 1, pending: 1 }, waiting: 0, unexplained: 1 }],
  differences: ["1 of 2 events of 13:00 to 14:00 UTC has no receipt at meta"],
};

/** An account with as many rows as one may have, each with every identifier and names of full length. */
function fullest(): ReconciledHour {
  const named = (kind: string, index: number) =>
    `${kind}-${"x".repeat(18 - kind.length)}-${String(index).padStart(4, "0")}`;
  // Figures without a pattern, the same in every run.
  const figure = (row: number, column: number) => Math.imul(row * 31 + column + 7, 0x9e3779b1) >>> 8;
  const cells = Array.from({ length: MAX_CELLS }, (_, row): QualityCell => {
    return {
      source: named("source", row % 40),
      event: "add_payment_info",
      lane: named("lane", row % 25),
      events: figure(row, 0),
      tenths: figure(row, 1),
      sent: Object.fromEntries(IDENTIFIERS.map((it, n) => [it, [figure(row, n + 2), figure(row, n + 20)]])),
      gains: Object.fromEntries(IDENTIFIERS.map((it, n) => [it, figure(row, n + 40) % 50])),
    };
  });
  const sensitive = Array.from({ length: MAX_SENSITIVE_CELLS }, (_, row): SensitiveCell => {
    const where = `page.referrer?${figure(row, 60).toString(36).repeat(6)}`;
    return { source: named("source", row % 40), event: "add_payment_info", where, kind: "email", events: row };
  });
  return { ...RECONCILED, quality: { version: 2, cells }, sensitive };
}

/** What every reconciliation store must do. */
export function reconciliationStoreSuite(create: () => Promise<ReconciliationStore>): void {
  test("gives back what was kept, hour by hour and in order, and nothing for other hours", async () => {
    const store = await create();
    const later = { ...RECONCILED, hour: HOUR + 3_600_000 };
    await store.save(RECONCILED);
    await store.save(later);
    expect(await store.read([later.hour, HOUR - 3_600_000, HOUR])).toEqual([later, undefined, RECONCILED]);
  });

  test("a later look replaces the account of its hour", async () => {
    const store = await create();
    await store.save(RECONCILED);
    const { archived: _, ...settled } = { ...RECONCILED, settled: true, differences: [] };
    await store.save(settled);
    expect(await store.read([HOUR])).toEqual([settled]);
  });

  test("takes the account of an hour with all rows that one may have", async () => {
    const store = await create();
    const account = fullest();
    await store.save(account);
    expect(await store.read([account.hour])).toEqual([account]);
  });

  test("reads more hours than one request takes", async () => {
    const store = await create();
    const hours = Array.from({ length: 721 }, (_, index) => HOUR - index * 3_600_000);
    await store.save({ ...RECONCILED, hour: hours[720] ?? 0 });
    const found = await store.read(hours);
    expect(found.map((it) => it?.hour).filter((hour) => hour !== undefined)).toEqual([hours[720]]);
    expect(found).toHaveLength(721);
  });
}
