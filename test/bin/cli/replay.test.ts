import { run } from "../../../bin/cli/main.ts";
import type { ReplayView } from "../../../src/ops/contract/replays.ts";
import { replay } from "../../support/ops-answers.ts";
import { type OpsServer, startOpsServer } from "../../support/ops-server.ts";
import { NOON, type Script, scriptedTerminal } from "../../support/scripted-terminal.ts";

const DRY_RUN = { event_ids: ["e1"], dry_run: true, force: false, confirm_double_count: false, pace: 100 };
const FOR_REAL = { ...DRY_RUN, dry_run: false };

let server: OpsServer;
beforeAll(async () => {
  server = await startOpsServer(() => NOON);
});
afterAll(() => server.close());

/** A replay that is done after so many looks at it. */
async function start(words: readonly string[], script: Script = {}, looks = 0, changes: Partial<ReplayView> = {}) {
  let left = looks;
  const view = (dry_run: boolean) =>
    left > 0 ? replay({ dry_run, state: "running", progress: { done: 12, of: 24 } }) : replay({ dry_run, ...changes });
  server.answer({
    "POST /replays": ({ dry_run }) => view(dry_run === true),
    "GET /replays/{id}": () => {
      left -= 1;
      return view(false);
    },
  });
  const env = { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: server.key };
  const terminal = scriptedTerminal({ ...script, env });
  const exitCode = await run(["replay", "start", ...words], { terminal, fetch, exitCode: 0 });
  const posted = server.requests.filter(({ route }) => route === "POST /replays").map(({ input }) => input);
  return { exitCode, terminal, posted };
}

test("a person sees what it would send and cost before anything is sent", async () => {
  const { exitCode, terminal, posted } = await start(["--ids", "e1"], { answers: ["y"] });
  expect(exitCode).toBe(0);
  expect(terminal.asked).toEqual(["Send 1200? [y/N] "]);
  expect(terminal.stderr()).toContain("would cost about $0.0042");
  expect(terminal.stdout()).toContain("sent       1,200: tiktok 1,200");
  expect(posted).toEqual([DRY_RUN, FOR_REAL]);
});

test.each(["", "n", "no", "yes please"])("the answer %j sends nothing", async (answer) => {
  const { exitCode, terminal, posted } = await start(["--ids", "e1"], { answers: [answer] });
  expect([exitCode, posted]).toEqual([0, [DRY_RUN]]);
  expect(terminal.stdout()).toBe("Nothing was sent.\n");
});

test("where nobody can be asked it wants to be told, and does nothing", async () => {
  const { exitCode, terminal, posted } = await start(["--ids", "e1"]);
  expect([exitCode, posted]).toEqual([2, []]);
  expect(terminal.stderr()).toContain("start it with --yes");
});

test("nothing left to send is not asked about", async () => {
  const counts = { ...replay().counts, sent: 0 };
  const { terminal, posted } = await start(["--ids", "e1"], { answers: [] }, 0, { counts });
  expect(terminal.stdout()).toBe("Nothing is left to send.\n");
  expect(posted).toEqual([DRY_RUN]);
});

test("--dry-run ends there, and --yes begins behind it", async () => {
  expect((await start(["--ids", "e1", "--dry-run", "--yes"])).posted).toEqual([DRY_RUN]);
  expect((await start(["--ids", "e1", "--yes"])).posted).toEqual([FOR_REAL]);
});

test("it is followed to its end, with a bar for who watches", async () => {
  const { terminal } = await start(["--ids", "e1", "--yes"], {}, 3);
  expect(terminal.progressed).toEqual(
    Array.from({ length: 3 }, () => "replay r1  [############------------] 12 of 24 archive objects, 1,200 sent"),
  );
  expect(terminal.now() - NOON).toBe(3 * 2000);
  expect(terminal.stdout()).toContain("replay r1  done");
});

test("Ctrl-C ends the watching and says how to watch on; the replay goes on", async () => {
  const { exitCode, terminal } = await start(["--ids", "e1", "--yes"], { interruptAtWait: 2 }, 9);
  expect(exitCode).toBe(0);
  expect(terminal.stderr()).toContain("tracklayer replay show r1 --follow");
  expect(terminal.stdout()).toContain("replay r1  running");
  expect(server.requests.map(({ route }) => route)).not.toContain("POST /replays/{id}/cancel");
});

test("Ctrl-C during the dry run starts nothing", async () => {
  const { posted } = await start(["--ids", "e1"], { answers: ["y"], interruptAtWait: 1 }, 9);
  expect(posted).toEqual([DRY_RUN]);
});

test("--no-follow answers at once", async () => {
  const { terminal } = await start(["--ids", "e1", "--yes", "--no-follow"], {}, 9);
  expect(terminal.progressed).toEqual([]);
  expect(terminal.stdout()).toContain("progress   12 of 24");
});

test("a replay that failed is a failure of the command", async () => {
  const failed: Partial<ReplayView> = { state: "failed", reason: "the archive cannot be read" };
  const { exitCode, terminal } = await start(["--ids", "e1", "--yes"], {}, 1, failed);
  expect(exitCode).toBe(1);
  expect(terminal.stdout()).toContain("reason     the archive cannot be read");
});

test("every part of the selection arrives, and a person's identifier may come from standard input", async () => {
  const words = [
    ...["--person", "-", "--from", "7d", "--to", "2026-11-23T10:00Z", "--source", "web,shop", "--name", "purchase"],
    ...["--destination", "tiktok", "--outcome", "rejected,expired", "--outcome", "pending", "--pace", "5", "--yes"],
    ...["--force", "--confirm-double-count"],
  ];
  const { posted } = await start(words, { input: "ana@example.com\n" });
  expect(posted).toEqual([
    {
      person: "ana@example.com",
      from: NOON - 7 * 86_400_000,
      to: Date.UTC(2026, 10, 23, 10),
      sources: ["web", "shop"],
      event_names: ["purchase"],
      destinations: ["tiktok"],
      outcomes: ["rejected", "expired", "pending"],
      dry_run: false,
      force: true,
      confirm_double_count: true,
      pace: 5,
    },
  ]);
});

test.each([
  [["--yes"], "Say which events"],
  [["--from", "yesterday", "--yes"], "Give 90m, 24h or 7d (ago)"],
  [["--from", "1d", "--outcome", "lost", "--yes"], "lost is none of pending"],
  [["--from", "1d", "--pace", "0", "--yes"], "whole number from 1 to 1000"],
])("%j is a wrong command line, and nothing is asked of the API", async (words, said) => {
  const { exitCode, terminal } = await start(words);
  expect([exitCode, server.requests]).toEqual([2, []]);
  expect(terminal.stderr()).toContain(said);
});
