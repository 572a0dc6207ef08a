import { HOUR_MS } from "../../src/core/durations.ts";
import type { DestinationHealth } from "../../src/ops/contract/destinations.ts";
import type { ReconciliationHour } from "../../src/ops/contract/reconciliation.ts";
import { runLoad } from "../support/load.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

const LANES = ["meta", "ga4", "webhook"] as const;

let app: RunningApp;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts", disturbable: true });
});

afterAll(() => app.stop());

test("G25: accepted × lanes is what the table says of every event, in the account that the hourly run keeps", async () => {
  const load = await runLoad(app, {
    events: 200,
    duplicateShare: 0.2,
    eventsPerRequest: 20,
    concurrency: 4,
    withinMs: 60_000,
  });
  expect(load.accepted).toBe(240);
  // A platform has an event before its receipt is written: a lane is done when its queue holds nothing.
  await eventually("every receipt is written", async () => {
    const lanes = await Promise.all(LANES.map((lane) => app.ops<DestinationHealth>("GET", `destinations/${lane}`)));
    return lanes.every(({ queue }) => queue?.waiting === 0 && queue.in_flight === 0);
  });
  // CloudWatch hears of the queues once a minute, and Firehose writes when its time is over.
  await app.local("POST", "alarms/evaluate");
  await app.local("POST", "firehose/flush");

  // The hour has ended and settled, wherever in it the test began. Timers keep real time: the run is started by hand.
  await app.advanceClock(3 * HOUR_MS);
  const run = await app.invoke("reconcile");
  expect(run).toMatchObject({ differences: 0 });

  const { items: hours } = await app.ops<{ items: ReconciliationHour[] }>("GET", "reconciliation?days=1");
  const judged = hours.filter(({ accepted }) => accepted > 0);
  expect(judged.reduce((total, { accepted }) => total + accepted, 0)).toBe(240);
  const sum = (of: (hour: ReconciliationHour) => number) => judged.reduce((total, hour) => total + of(hour), 0);
  expect(judged.flatMap(({ differences }) => differences)).toEqual([]);
  expect(sum(({ claimed }) => claimed)).toBe(200);
  expect(sum(({ dropped_by_queue: dropped, duplicates }) => dropped + duplicates)).toBe(40);
  expect(sum(({ archived = 0 }) => archived)).toBe(200);
  for (const lane of LANES) {
    const mine = judged.flatMap(({ lanes }) => lanes.filter((it) => it.lane === lane));
    expect(mine.reduce((total, { expected }) => total + expected, 0)).toBe(200);
    expect(mine.reduce((total, { outcomes }) => total + (outcomes.delivered ?? 0), 0)).toBe(200);
  }
});
