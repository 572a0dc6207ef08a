import { run } from "../../../bin/cli/main.ts";
import { TAIL } from "../../support/ops-answers.ts";
import { type OpsServer, startOpsServer } from "../../support/ops-server.ts";
import { NOON, scriptedTerminal } from "../../support/scripted-terminal.ts";

let server: OpsServer;
beforeAll(async () => {
  server = await startOpsServer(() => NOON);
});
afterAll(() => server.close());

/** Two looks: the first finds lines, the second none. */
async function tail(...words: string[]) {
  server.answer({ "GET /tail": ({ after }) => (after === TAIL.next ? { items: [], next: TAIL.next } : TAIL) });
  const env = { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: server.key };
  const terminal = scriptedTerminal({ env, interruptAtWait: 2 });
  const exitCode = await run(["tail", ...words], { terminal, fetch, exitCode: 0 });
  return { exitCode, terminal, asked: server.requests.map(({ input }) => input) };
}

test("each line is shown once, from a minute ago on, until Ctrl-C", async () => {
  const { exitCode, terminal, asked } = await tail("--lane", "meta", "--level", "warn");
  expect(exitCode).toBe(0);
  expect(terminal.stdout()).toBe(
    "12:00:00.001  claimed  enrich  event_id=order-1  detail=meta, ga4\n" +
      "12:00:00.002  warn  deliver-meta  not delivered  lane=meta  outcome=unauthorized\n",
  );
  const filter = { lane: "meta", level: "warn" };
  expect(asked).toEqual([
    { ...filter, after: String(NOON - 60_000) },
    { ...filter, after: TAIL.next },
  ]);
});

test("--json prints one object a line", async () => {
  const { terminal } = await tail("--json", "--since", "0");
  const lines = terminal.stdout().trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(TAIL.items);
});

test("a level that does not exist is told before anything is asked", async () => {
  const { exitCode, terminal, asked } = await tail("--level", "debug");
  expect([exitCode, asked]).toEqual([2, []]);
  expect(terminal.stderr()).toContain("Allowed choices are info, warn, error.");
});
