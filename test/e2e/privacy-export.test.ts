import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ExportDocument } from "../../bin/cli/export-file.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { PrivacyJobView } from "../../src/ops/contract/privacy.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

const ANNA = { email: "anna.canary@household.example", phone: "+4915738291046", user_id: "customer-anna" };
const BEN = { email: "ben.canary@household.example", phone: "+4915746203917", user_id: "customer-ben" };
/** Planted words of the one who is not asked for, as they are and as digests cannot hide them. */
const OF_BEN = ["ben.canary", "4915746203917", "customer-ben", "order-of-ben", "Benjamin"];

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts", disturbable: true });
});
afterAll(() => app.stop());

/** At the device and the line of the household that both live in. */
function signUp(event_id: string, user: object, more: object = {}): object {
  const home = { anonymous_id: "living-room", ip: "198.51.100.7", user_agent: "Mozilla/5.0" };
  return { event_name: "sign_up", event_id, browser_ids: { ga_client_id: "1.1" }, user: { ...user, ...home }, ...more };
}

test("of two people in a household one's export holds all of theirs, and nothing of the other's", async () => {
  await app.send([
    signUp("anna-1", { ...ANNA, first_name: "Annabelle" }),
    signUp("ben-1", { ...BEN, first_name: "Benjamin" }, { order_id: "order-of-ben" }),
  ]);
  await app.send([signUp("anna-2", { user_id: ANNA.user_id }), signUp("ben-2", { email: BEN.email })]);
  await app.send([{ event_name: "purchase", event_id: "anna-bad", value: "49,90", user: ANNA }]);
  await eventually("the deliveries of anna's events", async (tell) => {
    const stories = await Promise.all(["anna-1", "anna-2"].map(app.story));
    const states = stories.flatMap((story) => story?.deliveries.map(({ state }) => state) ?? []);
    tell(states.join());
    return states.includes("delivered") && !states.includes("pending");
  });

  const started = await app.tool("privacy", "export", ANNA.email, "--no-follow", "--json");
  const { id } = JSON.parse(started.stdout) as PrivacyJobView;
  const job = await eventually("the end of the export", async (tell) => {
    // The archive's buffer, and the run of the next minute.
    await app.advanceClock(MINUTE_MS);
    const { stdout } = await app.tool("privacy", "status", id, "--json");
    const { counts, state } = JSON.parse(stdout) as PrivacyJobView;
    tell(JSON.stringify(counts));
    return state === "running" ? undefined : { counts, state };
  });
  expect(job).toMatchObject({ state: "done", counts: { events: 2, quarantine: 1 } });

  const fetched = await app.tool("privacy", "fetch", id, "--output", "anna.json");
  expect(fetched.stdout + fetched.stderr + started.stdout + started.stderr).not.toContain("household");
  const path = join(app.directory, "anna.json");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, "utf8");
  const document = JSON.parse(text) as ExportDocument;
  expect(document).toMatchObject({ version: 1, id, persons: [{ users: expect.any(Object) }] });
  expect(text).toContain("Annabelle");
  const events = document.events as readonly {
    archived: { event: { event_id: string } };
    stored: { claim: { story: { decisions: object[] } }; records: { lane: string; state: string }[] };
  }[];
  expect(events.map(({ archived }) => archived.event.event_id).sort()).toEqual(["anna-1", "anna-2"]);
  for (const { stored } of events) {
    expect(stored.claim.story.decisions.length).toBeGreaterThan(1);
    expect(stored.records.map(({ state }) => state)).toContain("delivered");
  }
  expect(document.quarantine).toMatchObject([{ event_id: "anna-bad", raw: expect.stringContaining(ANNA.email) }]);
  expect(OF_BEN.filter((word) => text.includes(word))).toEqual([]);

  const { stdout } = await app.tool("audit", "--json");
  expect(stdout).toContain("privacy.export_read");
  expect(stdout).not.toContain("household");
  expect((await app.tool("privacy", "platforms")).stdout).toContain("meta  Meta");
});
