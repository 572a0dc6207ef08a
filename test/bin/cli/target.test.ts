import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../bin/cli/main.ts";
import { type LocalState, writeLocalState } from "../../../bin/local-state.ts";
import { type Loopback, serveOnLoopback } from "../../support/loopback.ts";
import { HEALTH, QUEUES } from "../../support/ops-answers.ts";
import { type OpsServer, startOpsServer } from "../../support/ops-server.ts";
import { NOON, type Script, scriptedTerminal } from "../../support/scripted-terminal.ts";

let server: OpsServer;
let home: string;
let other: Loopback;
let otherUrl: string;
const seenByOther: (string | undefined)[] = [];

// Something that is not the ops API: it redirects, or answers a page.
beforeAll(async () => {
  server = await startOpsServer(() => NOON);
  home = mkdtempSync(join(tmpdir(), "cli-home-"));
  other = await serveOnLoopback((request, response) => {
    seenByOther.push(request.headers.authorization);
    if (request.url?.startsWith("/moved")) response.writeHead(302, { location: `${otherUrl}/stolen` }).end();
    else response.writeHead(502).end("<html>Bad Gateway</html>");
  });
  otherUrl = other.url;
});
afterAll(async () => {
  await server.close();
  await other.close();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  server.answer({ "GET /dlq": QUEUES, "GET /health": HEALTH });
  seenByOther.length = 0;
});

async function tool(words: readonly string[], script: Script = {}) {
  const terminal = scriptedTerminal({ ...script, env: { HOME: home, ...script.env } });
  const exitCode = await run(words, { terminal, fetch, exitCode: 0 });
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

function localStack(opsKey: string | undefined): string {
  const directory = mkdtempSync(join(home, "local-"));
  const state = { apiUrl: server.url, ...(opsKey === undefined ? {} : { opsKey }) } as LocalState;
  writeLocalState(state, directory);
  return directory;
}

test("without more it is the local stack; --directory finds it elsewhere, and goes before the environment", async () => {
  const directory = localStack(server.key);
  const env = { TRACKLAYER_URL: otherUrl, TRACKLAYER_OPS_KEY: "tlo_x_y" };
  expect((await tool(["dlq", "--directory", directory], { env })).exitCode).toBe(0);
  const none = await tool(["dlq", "--directory", join(home, "none")]);
  expect(none).toMatchObject({ exitCode: 3, stdout: "" });
  expect(none.stderr).toContain("No local stack is running here: start one with `npm start`.");
});

test("a stack of an older version has no key, which is said", async () => {
  const { exitCode, stderr } = await tool(["dlq", "--directory", localStack(undefined)]);
  expect(exitCode).toBe(3);
  expect(stderr).toContain("older version");
});

test("an address of the environment goes with the key of the environment", async () => {
  const env = { TRACKLAYER_URL: `${server.url}/v1/ops/`, TRACKLAYER_OPS_KEY: server.key };
  expect((await tool(["dlq"], { env })).exitCode).toBe(0);
  const { exitCode, stderr } = await tool(["dlq"], { env: { TRACKLAYER_URL: server.url } });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("TRACKLAYER_OPS_KEY")]);
});

test("a key on the command line works, with a warning that does not repeat it", async () => {
  const { exitCode, stderr } = await tool(["dlq", "--url", server.url, "--key", server.key]);
  expect(exitCode).toBe(0);
  expect(stderr).toContain("prefer TRACKLAYER_OPS_KEY");
  expect(stderr).not.toContain(server.key);
});

test("a wrong key is not let in: exit code 3, and no part of its secret is shown", async () => {
  const wrong = `tlo_abcdefghijkl_${"5ec4e7".repeat(10)}0000`;
  const { exitCode, stdout, stderr } = await tool(["dlq", "--json"], {
    env: { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: wrong },
  });
  expect([exitCode, stdout]).toEqual([3, ""]);
  expect(stderr).toBe(
    "No ops key like this is in use. Give a key that is in force in TRACKLAYER_OPS_KEY, or sign in again with `tracklayer login`.\n",
  );
});

test("a key without the permission is not let in, and told which one is missing", async () => {
  const env = { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: await server.makeKey(["read"]) };
  const { exitCode, stderr } = await tool(["dlq", "purge", "lane-meta-dlq", "--yes"], { env });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("needs a key with the permission operate");
});

test("an error that quotes the key is masked", async () => {
  const echoing = (async () =>
    Response.json({ error: "x", message: `the header was Bearer ${server.key}` }, { status: 500 })) as typeof fetch;
  const terminal = scriptedTerminal({ env: { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: server.key } });
  expect(await run(["dlq"], { terminal, fetch: echoing, exitCode: 0 })).toBe(3);
  expect(terminal.stderr()).toMatch(/^The header was Bearer tlo_[a-z0-9]{12}_\*\*\*\. /);
});

test("what is not the ops API is told in a sentence", async () => {
  const env = { TRACKLAYER_URL: otherUrl, TRACKLAYER_OPS_KEY: server.key };
  const { exitCode, stderr } = await tool(["dlq"], { env });
  expect([exitCode, stderr]).toEqual([
    3,
    expect.stringContaining("something answered HTTP 502, and not as the ops API does"),
  ]);
});

test("a redirect is not followed: the key would go along", async () => {
  const env = { TRACKLAYER_URL: `${otherUrl}/moved`, TRACKLAYER_OPS_KEY: server.key };
  expect((await tool(["dlq"], { env })).exitCode).toBe(3);
  expect(seenByOther).toHaveLength(1);
});

test("nobody at the address is exit code 3", async () => {
  const gone = await startOpsServer(() => NOON);
  await gone.close();
  const env = { TRACKLAYER_URL: gone.url, TRACKLAYER_OPS_KEY: server.key };
  const { exitCode, stderr } = await tool(["dlq"], { env });
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`Nobody answers at ${gone.url}: ECONNREFUSED. `)]);
});

test.each([
  ["http://ops.example.com", "clear text"],
  ["ops.example.com", "This is no URL"],
  ["https://user:pass@ops.example.com", "must not hold a user"],
  ["ftp://ops.example.com", "This is no URL"],
])("the key is not sent to %s", async (url, said) => {
  const { exitCode, stderr } = await tool(["dlq"], { env: { TRACKLAYER_URL: url, TRACKLAYER_OPS_KEY: server.key } });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)]);
  expect(stderr).not.toContain("user:pass");
});

describe("signing in", () => {
  const stack = ["--stack", "TrackLayer-production"];

  test("keeps address and key for this person alone, and --stack finds them by either name", async () => {
    const { exitCode, stdout } = await tool(["login", ...stack, "--url", server.url], { answers: [server.key] });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain(server.key);
    const file = join(home, ".config/tracklayer/profiles.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      "TrackLayer-production": { url: server.url, key: server.key },
    });
    expect((await tool(["dlq", ...stack])).exitCode).toBe(0);
    expect((await tool(["dlq", "--stack", "production"])).exitCode).toBe(0);
    const unknown = await tool(["dlq", "--stack", "staging"]);
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining("only to TrackLayer-production")]);
  });

  test("a key that does not work is not kept", async () => {
    const { exitCode } = await tool(["login", "--stack", "staging", "--url", server.url], { input: "tlo_wrong\n" });
    expect(exitCode).toBe(3);
    expect((await tool(["dlq", "--stack", "staging"])).exitCode).toBe(2);
  });

  test("signing out forgets the key", async () => {
    expect((await tool(["logout", ...stack])).exitCode).toBe(0);
    expect((await tool(["logout", ...stack])).exitCode).toBe(1);
    expect((await tool(["dlq", ...stack])).exitCode).toBe(2);
  });

  test("a file that cannot be read as profiles is not quoted", async () => {
    const file = join(home, ".config/tracklayer/profiles.json");
    writeFileSync(file, '{"TrackLayer-production": c4nary}');
    const { exitCode, stderr } = await tool(["dlq", ...stack]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("is not readable as profiles")]);
    expect(stderr).not.toContain("c4nary");
  });
});

describe("a wrong command line", () => {
  test.each([
    [["evnts"], "(Did you mean events?)"],
    [["events", "--lmit", "3"], "(Did you mean --limit?)"],
    [["dlq", "purgee", "x"], "too many arguments"],
    [["trace"], "missing required argument 'event-id'"],
    [["events", "--limit", "-1"], "whole number"],
    [["keys", "create"], "required option '--label <text>'"],
    [["keys", "create", "--label", "x", "--permissions", "root"], "root is none of read, operate, personal, admin"],
    [["identity", "show"], "Give one identifier"],
    [["login"], "Say which stack"],
  ])("%j is exit code 2", async (words, said) => {
    const { exitCode, stdout, stderr } = await tool(words);
    expect([exitCode, stdout, stderr]).toEqual([2, "", expect.stringContaining(said)]);
  });

  test("help is no error", async () => {
    for (const words of [["--help"], ["replay", "start", "--help"]]) {
      const { exitCode, stdout, stderr } = await tool(words);
      expect([exitCode, stdout.startsWith("Usage: tracklayer"), stderr]).toEqual([0, true, ""]);
    }
  });
});

test("what a sender put into an id does not steer the terminal, and reaches programs as it was", async () => {
  const evil = "\u001b]0;owned\u0007\u009b2J\u202e";
  server.answer({ "GET /dlq": { items: [{ queue: evil, messages: 0 }] } });
  const env = { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: server.key };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  expect((await tool(["dlq"], { env })).stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(JSON.parse((await tool(["dlq", "--json"], { env })).stdout)).toEqual({
    items: [{ queue: evil, messages: 0 }],
  });
});
