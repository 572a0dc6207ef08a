import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../bin/cli/main.ts";
import type { ExportPage, PrivacyJobView } from "../../../src/ops/contract/privacy.ts";
import { type OpsServer, startOpsServer } from "../../support/ops-server.ts";
import { NOON, type Script, scriptedTerminal } from "../../support/scripted-terminal.ts";

const EMAIL = "anna@household.example";
const DONE: PrivacyJobView = {
  id: "x1",
  kind: "export",
  state: "done",
  by: "key:k1",
  created_at: NOON,
  updated_at: NOON,
  step: "collect",
  counts: { events: 4, persons: 1, quarantine: 1 },
  file: { bytes: 900, expires_at: NOON + 1 },
};
const { file: _, ...RUNNING } = { ...DONE, state: "running" as const, counts: {} };
const ABOUT: ExportPage["about"] = {
  version: 1,
  id: "x1",
  by: "key:k1",
  requested_at: NOON,
  searched_from: NOON - 1,
  person_ids: ["p1"],
  not_searched: [{ place: "queues", reason: "they cannot be searched" }],
};
const archived = (event_id: string, copy_id: string) => ({
  archived: {
    copy_id,
    event: { event_id, event_name: "purchase", source: { dedup_scope: "shop" }, user: { email: EMAIL } },
  },
});
const PARTS: readonly Pick<ExportPage, "section" | "items">[] = [
  { section: "persons", items: [{ id: "p1" }] },
  { section: "events", items: [archived("e1", "c1")] },
  // A crash put the first one into the archive twice; the last is a later copy of it.
  { section: "events", items: [archived("e1", "c1"), archived("e2", "c2"), archived("e1", "c3")] },
];

let server: OpsServer;
let directory: string;
beforeAll(async () => {
  server = await startOpsServer(() => NOON);
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tracklayer-export-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
afterAll(() => server.close());

async function tool(words: readonly string[], script: Script = {}, last: PrivacyJobView = DONE, looks = 2) {
  let left = looks;
  server.answer({
    "POST /privacy/export": RUNNING,
    "GET /privacy/jobs/{id}": () => {
      left -= 1;
      return left > 0 ? { ...RUNNING, not_before: NOON + 9_000 } : last;
    },
    "GET /privacy/exports/{id}": ({ part }) => {
      const at = Number(part);
      return {
        about: ABOUT,
        part: at,
        of: PARTS.length,
        ...PARTS[at],
        ...(at + 1 < PARTS.length ? { next: at + 1 } : {}),
      };
    },
  });
  const terminal = scriptedTerminal({ ...script, env: { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: server.key } });
  const exitCode = await run(["privacy", ...words], { terminal, fetch, exitCode: 0 });
  return { exitCode, terminal };
}

const output = (name = "export.json") => join(directory, name);

test("an export is followed to its end and written whole, for its owner's eyes, and nobody's name is on the screen", async () => {
  const { exitCode, terminal } = await tool(["export", EMAIL, "--output", output()], {}, DONE, 4);
  expect(exitCode).toBe(0);
  expect(JSON.parse(readFileSync(output(), "utf8"))).toEqual({
    ...ABOUT,
    persons: [{ id: "p1" }],
    identifiers: [],
    events: [archived("e1", "c1"), archived("e2", "c2"), archived("e1", "c3")],
    quarantine: [],
    replays: [],
    privacy_jobs: [],
  });
  expect(statSync(output()).mode & 0o777).toBe(0o600);
  expect(terminal.progressed).toEqual([
    "export x1  begins within a minute",
    ...Array.from(
      { length: 3 },
      () => "export x1  waits until 2026-11-23 12:00:09Z for what is on its way into the archive",
    ),
  ]);
  expect(terminal.stdout()).toBe(`${output()}: 3 events, 1 refused, 1 person of the graph\n`);
  expect(terminal.stdout() + terminal.stderr() + terminal.progressed.join("")).not.toContain("household");
  const asked = server.requests.filter(({ route }) => route === "GET /privacy/exports/{id}");
  expect(asked.map(({ input, personal }) => [input, personal])).toEqual(
    [0, 1, 2].map((part) => [{ id: "x1", part }, true]),
  );
});

test.each([
  ["export", EMAIL],
  ["fetch", "x1"],
])("a file that is there is left as it is by %s, which asks for nothing then", async (...words) => {
  writeFileSync(output(), "mine", { mode: 0o644 });
  const { exitCode, terminal } = await tool([...words, "--output", output()], {}, DONE, 0);
  expect([exitCode, readFileSync(output(), "utf8")]).toEqual([1, "mine"]);
  expect(terminal.stderr()).toContain("is there already");
  expect(server.requests).toEqual([]);
});

test("only who asks for it has the document on the screen, and the identifier may come from standard input", async () => {
  const { exitCode, terminal } = await tool(["export", "-", "--output", "-"], { input: `${EMAIL}\n` });
  expect(exitCode).toBe(0);
  expect(server.requests[0]).toMatchObject({ input: { identifier: EMAIL } });
  expect(JSON.parse(terminal.stdout())).toMatchObject({ version: 1, persons: [{ id: "p1" }] });
});

test("for programs there is what was found, and where it is", async () => {
  const { terminal } = await tool(["export", EMAIL, "--output", output(), "--json"]);
  expect(JSON.parse(terminal.stdout())).toEqual({
    ...{ id: "x1", output: output() },
    counts: { ...DONE.counts, events: 3 },
  });
});

test("without following, and after Ctrl-C, it says how to fetch it; fetch does", async () => {
  expect((await tool(["export", EMAIL, "--no-follow"])).terminal.stdout()).toContain("tracklayer privacy fetch x1");
  const stopped = await tool(["export", EMAIL], { interruptAtWait: 1 }, DONE, 99);
  expect(stopped.exitCode).toBe(0);
  expect(stopped.terminal.stderr()).toContain("tracklayer privacy fetch x1");
  expect((await tool(["fetch", "x1", "--output", output()], {}, DONE, 0)).exitCode).toBe(0);
  expect(JSON.parse(readFileSync(output(), "utf8"))).toMatchObject({ persons: [{ id: "p1" }] });
});

test("one that failed says why, and nothing is written", async () => {
  const { exitCode, terminal } = await tool(
    ["export", EMAIL, "--output", output()],
    {},
    {
      ...RUNNING,
      state: "failed",
      reason: "given up at collect: TypeError",
    },
  );
  expect(exitCode).toBe(1);
  expect(terminal.stderr()).toContain("The export failed: given up at collect: TypeError");
  expect(() => statSync(output())).toThrow();
});
