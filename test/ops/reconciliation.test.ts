import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { listReconciliation } from "../../src/ops/reconciliation.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";

const CALLER = { actor: "key:test", permissions: new Set(["read" as const]), personal: false, newId: "id" };

test("lists what was judged in the days that are asked for, newest first, and fits what the document says", async () => {
  const reconciliation = createMemoryReconciliationStore();
  const { hour } = RECONCILED;
  for (const back of [0, 1, 30]) await reconciliation.save({ ...RECONCILED, hour: hour - back * HOUR_MS });
  const ports = { reconciliation, clock: { now: () => hour + 2.5 * HOUR_MS } };
  const list = (days?: number) => listReconciliation.run(days === undefined ? {} : { days }, ports, CALLER);
  expect((await list()).items.map((it) => it.hour)).toEqual([hour, hour - HOUR_MS]);
  const three = await list(3);
  expect(three.items.map((it) => it.hour)).toEqual([hour, hour - HOUR_MS, hour - 30 * HOUR_MS]);
  expect(listReconciliation.answer?.safeParse(three)).toMatchObject({ success: true, data: three });
});

test("days are whole and at most ninety", () => {
  for (const days of [0, 91, 1.5]) expect(listReconciliation.input.safeParse({ days }).success).toBe(false);
  expect(listReconciliation.input.safeParse({ days: 90 }).success).toBe(true);
});
