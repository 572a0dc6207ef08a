import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runNode } from "../support/node-process.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

const ROOT = resolve(import.meta.dirname, "../..");

// The tool as a person has it, a process each time, against everything as it runs.

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts" });
});
afterAll(() => app.stop());

async function json<Answer>(...words: string[]): Promise<Answer> {
  const { stdout, stderr } = await app.tryTool(...words, "--json");
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    throw new Error(`${words.join(" ")} printed no JSON: ${stdout}${stderr}`);
  }
}

interface List {
  items: Record<string, unknown>[];
}

test("an event is found, told, listed and counted", async () => {
  await app.send(purchaseInput("cli-1"));
  await eventually("the delivery of cli-1", async () => {
    const { stdout } = await app.tryTool("trace", "cli-1");
    return /^ {2}meta {2}delivered$/m.test(stdout);
  });
  expect((await json<List>("events", "--id", "cli-1")).items).toMatchObject([
    { name: "purchase", source: "shop-server" },
  ]);
  const { stdout } = await app.tryTool("destinations");
  expect(stdout).toMatch(/^meta +running/m);
  expect((await app.tryTool("trace", "cli-none")).code).toBe(1);
});

test("a second stack in its folder is refused by name, before it touches anything; one in another folder is not this one", async () => {
  const state = readFileSync(join(app.directory, "local.json"), "utf8");
  const start = (...more: string[]) =>
    runNode(["bin/local.ts", "--directory", app.directory, "--port", "0", ...more], { cwd: ROOT });
  const refused = await start();
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`process ${app.pid}, at ${app.apiUrl}, since `);
  expect(refused.stderr).toContain("npm start -- --directory .tracklayer-2 --port 0");
  expect(await start("--data-dir", join(app.directory, "data"))).toMatchObject({ code: 1, stdout: "" });
  // Its tables in the folder of this one: refused, too, and what it took before is given back.
  const own = join(app.directory, "second");
  const beside = ["bin/local.ts", "--directory", own, "--port", "0", "--data-dir", app.directory];
  expect((await runNode(beside, { cwd: ROOT })).stderr).toContain(`has ${app.directory} already: process ${app.pid}`);
  expect(existsSync(join(own, "running.json"))).toBe(false);
  expect(readFileSync(join(app.directory, "local.json"), "utf8")).toBe(state);
  expect(await app.tryTool("doctor")).toMatchObject({ code: 0 });
});

test("a refused event is seen with its reason, and in clear only when asked, which the audit log says", async () => {
  await app.send({ event_name: "purchase", event_id: "cli-bad", value: "49,90" });
  const row = await eventually("cli-bad in quarantine", async () =>
    (await json<List>("quarantine")).items.find(({ event_id }) => event_id === "cli-bad"),
  );
  expect(row).not.toHaveProperty("raw");
  expect((await app.tryTool("quarantine", "show", "cli-bad", "--personal")).stdout).toContain('"value":"49,90"');
  expect((await json<List>("audit")).items[0]).toMatchObject({ action: "event.read_personal", target: "cli-bad" });
  expect(await app.tryTool("audit", "verify")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^intact/) });
});

test("a lane is paused and resumed, and the doctor sees it", async () => {
  expect((await app.tryTool("pause", "meta", "--reason", "a test")).stdout).toContain("meta  paused since ");
  const sick = await json<{ checks: { check: string; state: string }[] }>("doctor");
  expect(sick.checks.find(({ check }) => check === "lanes")).toMatchObject({ state: "warn" });
  expect((await app.tryTool("resume", "meta")).stdout).toContain("meta  running");
  expect(await app.tryTool("doctor")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ok +lanes +\d lanes running$/m),
  });
});

test("a replay is tried, and sends nothing that is delivered; the log, the queues and the secrets are read", async () => {
  const dryRun = await json<{ state: string; counts: object }>("replay", "start", "--from", "1h", "--dry-run");
  expect(dryRun).toMatchObject({ state: "done", counts: { sent: 0 } });
  expect((await json<List>("dlq")).items.map(({ queue }) => queue)).toContain("lane-meta-dlq");
  expect(await app.tryTool("secrets", "check")).toMatchObject({ code: 0 });
  expect((await json<List>("keys")).items).toHaveLength(1);
});

test("the first key of a stack is made without another one, opens it at once, and is gone when it is revoked", async () => {
  const { id, key } = await json<{ id: string; key: string }>("keys", "create", "--aws", "--label", "first");
  const opened = await app.tryTool("audit", "--json", "--key", key);
  const [entry] = (JSON.parse(opened.stdout) as List).items;
  expect(entry).toMatchObject({ action: "key.create", target: id, actor: expect.stringMatching(/^iam:/) });
  expect((await app.tryTool("pause", "meta", "--key", key)).code).toBe(3);
  expect((await app.tryTool("keys", "revoke", id)).code).toBe(0);
  expect((await app.tryTool("dlq", "--key", key)).code).toBe(3);
});
