import { runLoad } from "../support/load.ts";
import { E2E_TEST_MS, type RunningApp, startApp } from "../support/running-app.ts";
import { sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts" });
});

afterAll(() => app.stop());

test("under load, duplicates and a failing platform, every accepted event arrives everywhere exactly once", async () => {
  const sandbox = sandboxControl(app.sandboxUrl);
  await sandbox.script("meta", [{ status: 500, every: 3 }]);

  const result = await runLoad(app, {
    events: 1000,
    duplicateShare: 0.2,
    eventsPerRequest: 25,
    concurrency: 8,
    withinMs: 120_000,
  });

  expect(result.accepted).toBe(1200);
  expect(result.missing).toEqual({ meta: [], ga4: [], webhook: [] });
  expect(result.doubled).toEqual({ meta: [], ga4: [], webhook: [] });
});
