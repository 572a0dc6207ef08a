import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { SensitiveCell } from "../../src/core/sensitive-rollup.ts";
import type { SensitiveReport } from "../../src/ops/contract/sensitive.ts";
import { showSensitive } from "../../src/ops/sensitive.ts";
import { createOpsWorld } from "../support/ops-world.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";

const { hour: HOUR } = RECONCILED;

function cell(changes: Partial<SensitiveCell> = {}): SensitiveCell {
  return { source: "web", event: "purchase", where: "page.url?email", kind: "email", events: 3, ...changes };
}

async function report(
  accounts: readonly (readonly [hour: number, cells: SensitiveCell[] | undefined])[],
  options: { days?: number; archive?: false } = {},
) {
  const reconciliation = createMemoryReconciliationStore();
  for (const [hour, sensitive] of accounts) {
    const { sensitive: _, ...account } = RECONCILED;
    await reconciliation.save({ ...account, hour, ...(sensitive === undefined ? {} : { sensitive }) });
  }
  const config = options.archive === false ? {} : { archive: { days: 30, bufferSeconds: 60 } };
  const clock = { now: () => HOUR + 2 * HOUR_MS };
  const ops = await createOpsWorld([showSensitive], { reconciliation, clock, config });
  const query = options.days === undefined ? "" : `days=${options.days}`;
  const { body, status } = await ops.ask({ path: "/sensitive", query });
  expect(status).toBe(200);
  return body as SensitiveReport;
}

test("hours of the days are added up, most events first, each with what to mend", async () => {
  const answer = await report([
    [HOUR, [cell()]],
    [HOUR - HOUR_MS, [cell({ events: 2 }), cell({ source: "app", where: "properties", kind: "card", events: 9 })]],
    [HOUR - 2 * HOUR_MS, undefined],
    [HOUR - 8 * DAY_MS, [cell({ events: 1_000 })]],
  ]);
  expect(answer).toEqual({
    available: true,
    hours: 2,
    items: [
      {
        ...cell({ source: "app", where: "properties", kind: "card", events: 9 }),
        todo: "trace one of these events: it names the key, which app should not send",
      },
      {
        ...cell({ events: 5 }),
        todo: "send the form by POST, and take the parameter email out of links in mails: every tag and every server on the way sees it",
      },
    ],
  });
});

test("however many names a sender makes up, the answer has the rows of most events", async () => {
  const accounts = Array.from({ length: 100 }, (_, hour): [number, SensitiveCell[]] => [
    HOUR - hour * HOUR_MS,
    Array.from({ length: 200 }, (_, n) => cell({ where: `page.url?email_${hour}_${n}`, events: n })),
  ]);
  const { hours, items } = await report(accounts);
  expect([hours, items.length]).toEqual([100, 500]);
  // Beyond thousands of names the rest is told together.
  expect(items[0]).toMatchObject({ where: "page.url?*", kind: "email" });
  const counts = items.map(({ events }) => events);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
});

test("fewer days leave older hours out", async () => {
  const accounts: [number, SensitiveCell[]][] = [[HOUR - 2 * DAY_MS, [cell()]]];
  expect((await report(accounts, { days: 1 })).items).toEqual([]);
  expect((await report(accounts, { days: 3 })).items).toHaveLength(1);
});

test.each([
  ["page.url?reset_token", "token", /lead on to an address without it/],
  ["page.referrer", "email", /address of the page before/],
  ["page.title", "phone", /title/],
  ["search_term", "email", /searchTerms/],
  ["items.name", "email", /what web puts into items.name/],
  ["user.gender", "blocked", /need not send it/],
])("%s with %s says what to mend", async (where, kind, todo) => {
  expect((await report([[HOUR, [cell({ where, kind })]]])).items[0]?.todo).toMatch(todo);
});

test("a parameter that somebody named after a person is masked", async () => {
  const answer = await report([[HOUR, [cell({ where: "page.url?jane.roe@mail.test" })]]]);
  expect(JSON.stringify(answer)).not.toContain("jane.roe");
});

test("without an archive there is no report, and it says so", async () => {
  expect(await report([], { archive: false })).toEqual({ available: false, hours: 0, items: [] });
});
