import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

// The tool as a person has it, a process each time, against everything as it runs.
const LAUNCHER = resolve(import.meta.dirname, "../../bin/tracklayer.js");

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts" });
});
afterAll(() => app.stop());

async function tool(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = [LAUNCHER, ...words, "--directory", app.directory];
  try {
    // Its configuration has to be that of the stack.
    const options = { cwd: tmpdir(), env: { ...env, TRACKLAYER_CONFIG: resolve("test/support/fast.config.ts") } };
    return { code: 0, ...(await promisify(execFile)(process.execPath, args, options)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

async function json<Answer>(...words: string[]): Promise<Answer> {
  const { stdout, stderr } = await tool(...words, "--json");
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    throw new Error(`${words.join(" ")} printed no JSON: ${stdout}${stderr}`);
  }
}

async function send(event: object): Promise<void> {
  const response = await fetch(`${app.apiUrl}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.keys["shop-server"]}`, "content-type": "application/json" },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(202);
}

interface List {
  items: Record<string, unknown>[];
}

test("an event is found, told, listed and counted", async () => {
  await send(purchaseInput("cli-1"));
  await eventually("the delivery of cli-1", async () => {
    const { stdout } = await tool("trace", "cli-1");
    return /^ {2}meta {2}delivered$/m.test(stdout);
  });
  expect((await json<List>("events", "--id", "cli-1")).items).toMatchObject([
    { name: "purchase", source: "shop-server" },
  ]);
  const { stdout } = await tool("destinations");
  expect(stdout).toMatch(/^meta +running/m);
  expect((await tool("trace", "cli-none")).code).toBe(1);
});

test("a refused event is seen with its reason, and in clear only when asked, which the audit log says", async () => {
  await send({ event_name: "purchase", event_id: "cli-bad", value: "49,90" });
  const row = await eventually("cli-bad in quarantine", async () =>
    (await json<List>("quarantine")).items.find(({ event_id }) => event_id === "cli-bad"),
  );
  expect(row).not.toHaveProperty("raw");
  expect((await tool("quarantine", "show", "cli-bad", "--personal")).stdout).toContain('"value":"49,90"');
  expect((await json<List>("audit")).items[0]).toMatchObject({ action: "event.read_personal", target: "cli-bad" });
  expect(await tool("audit", "verify")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^intact/) });
});

test("a lane is paused and resumed, and the doctor sees it", async () => {
  expect((await tool("pause", "meta", "--reason", "a test")).stdout).toContain("meta  paused since ");
  const sick = await json<{ checks: { check: string; state: string }[] }>("doctor");
  expect(sick.checks.find(({ check }) => check === "lanes")).toMatchObject({ state: "warn" });
  expect((await tool("resume", "meta")).stdout).toContain("meta  running");
  expect(await tool("doctor")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ok +lanes +\d lanes running$/m),
  });
});

test("a replay is tried, and sends nothing that is delivered; the log, the queues and the secrets are read", async () => {
  const dryRun = await json<{ state: string; counts: object }>("replay", "start", "--from", "1h", "--dry-run");
  expect(dryRun).toMatchObject({ state: "done", counts: { sent: 0 } });
  expect((await json<List>("dlq")).items.map(({ queue }) => queue)).toContain("lane-meta-dlq");
  expect(await tool("secrets", "check")).toMatchObject({ code: 0 });
  expect((await json<List>("keys")).items).toHaveLength(1);
});

test("the first key of a stack is made without another one, opens it at once, and is gone when it is revoked", async () => {
  const { id, key } = await json<{ id: string; key: string }>("keys", "create", "--aws", "--label", "first");
  const opened = await tool("audit", "--json", "--key", key);
  const [entry] = (JSON.parse(opened.stdout) as List).items;
  expect(entry).toMatchObject({ action: "key.create", target: id, actor: expect.stringMatching(/^iam:/) });
  expect((await tool("pause", "meta", "--key", key)).code).toBe(3);
  expect((await tool("keys", "revoke", id)).code).toBe(0);
  expect((await tool("dlq", "--key", key)).code).toBe(3);
});
