import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { consentChecks } from "../../../bin/cli/doctor-config.ts";
import { run } from "../../../bin/cli/main.ts";
import { type LocalState, writeLocalState } from "../../../bin/local-state.ts";
import { resolveConfig } from "../../../src/config/resolve-config.ts";
import { DESTINATIONS } from "../../../src/destinations/registry.ts";
import defaultConfig from "../../../tracklayer.config.ts";
import { GRANTED } from "../../support/consent-answers.ts";
import { type Loopback, serveOnLoopback } from "../../support/loopback.ts";
import { HEALTH } from "../../support/ops-answers.ts";
import { type Answers, type OpsServer, startOpsServer } from "../../support/ops-server.ts";
import { NOON, type Script, scriptedTerminal } from "../../support/scripted-terminal.ts";

interface Check {
  check: string;
  state: string;
  says: string;
  todo?: string;
}

let server: OpsServer;
let aws: Loopback;
let directory: string;
let serverNow = NOON;
const before = { ...process.env };
const calls: Record<string, object | undefined> = {};

// Stands in for AWS: what each operation answers, or an error.
beforeAll(async () => {
  server = await startOpsServer(() => serverNow);
  aws = await serveOnLoopback(async (request, response) => {
    const target = request.headers["x-amz-target"];
    const operation = target === undefined ? "GetAccountSettings" : (String(target).split(".").at(-1) ?? "");
    if (request.method === "POST") await json(request);
    const answer = calls[operation];
    if (answer === undefined) response.writeHead(400, { "x-amzn-errortype": "AccessDeniedException" }).end("{}");
    else response.end(JSON.stringify(answer));
  });
  const gatewayUrl = aws.url;
  directory = mkdtempSync(join(tmpdir(), "cli-doctor-"));
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const state = {
    apiUrl: server.url,
    opsKey: server.key,
    gatewayUrl,
    region: "us-east-1",
    credentials,
    sandboxUrl: "",
  };
  writeLocalState(state as LocalState, directory);
  Object.assign(process.env, { AWS_ENDPOINT_URL: gatewayUrl, AWS_ACCESS_KEY_ID: "p", AWS_SECRET_ACCESS_KEY: "p" });
});
afterAll(async () => {
  process.env = before;
  await server.close();
  await aws.close();
  rmSync(directory, { recursive: true });
});

const FILLED = { accessToken: "EAAx", apiSecret: "s", secret: `whsec_${"A".repeat(44)}`, key: "k" };
const WELL: Answers = {
  "GET /health": HEALTH,
  "GET /destinations": { items: [] },
  "GET /dlq": { items: [{ queue: "events-dlq.fifo", messages: 0 }] },
  "GET /privacy/jobs": { items: [] },
};
beforeEach(() => {
  serverNow = NOON;
  delete process.env.TRACKLAYER_CONFIG;
  for (const operation of Object.keys(calls)) delete calls[operation];
  calls.GetSecretValue = { SecretString: JSON.stringify(FILLED) };
  calls.GetAccountSettings = { AccountLimit: { ConcurrentExecutions: 1000 } };
  calls.DescribeTable = {
    Table: { TableArn: "arn:aws:dynamodb:eu-west-1:123456789012:table/x", TableStatus: "ACTIVE" },
  };
});

async function doctor(answers: Answers, words: readonly string[] = ["--directory", directory], script: Script = {}) {
  server.answer(answers);
  const terminal = scriptedTerminal(script);
  const exitCode = await run(["doctor", "--json", ...words], { terminal, fetch, exitCode: 0 });
  const { healthy, checks } = JSON.parse(terminal.stdout()) as { healthy: boolean; checks: Check[] };
  const of = (name: string) => checks.filter(({ check }) => check === name);
  return { exitCode, healthy, checks, of, stderr: terminal.stderr() };
}

test("all is well on the local stack", async () => {
  const { exitCode, healthy, checks } = await doctor(WELL);
  expect([exitCode, healthy]).toEqual([0, true]);
  expect(checks.map(({ check, state }) => `${check} ${state}`)).toEqual([
    "node ok",
    "configuration ok",
    "archive ok",
    "two copies ok",
    "consent ok",
    "api versions ok",
    "ops api ok",
    "clock ok",
    "dns skipped",
    "deployment ok",
    "lanes ok",
    "dead letters ok",
    "privacy jobs ok",
    "aws skipped",
    "secrets ok",
    "secrets ok",
    "secrets ok",
    "secrets ok",
    "secrets ok",
    "test event skipped",
  ]);
});

test("an override of consent is told with its name, what it lets through and why", () => {
  const override = { name: "agency", because: "Contract.", whenDenied: { ad_user_data: "limited" } } as const;
  const { consent, destinations } = resolveConfig(defaultConfig, DESTINATIONS);
  const [lane] = destinations;
  if (lane === undefined) throw new Error("the configuration has no destination");
  const defaults = [{ countries: ["*"], purposes: GRANTED, name: "counsel", because: "Each visitor has a contract." }];
  const looser = { ...consent, defaults, honourGpc: false };
  expect(consentChecks({ consent: looser, destinations: [{ ...lane, consentOverrides: [override] }] })).toEqual([
    expect.objectContaining({ state: "warn", says: "opt-outs by Global Privacy Control are not honoured" }),
    expect.objectContaining({
      state: "warn",
      says: "silence is taken for consent by the default counsel, because: Each visitor has a contract.",
    }),
    expect.objectContaining({
      state: "warn",
      says: `${lane.id} gets more by the override agency (ad_user_data denied: limited), because: Contract.`,
    }),
  ]);
});

test("for people it is a line for each check, with what to do below", async () => {
  server.answer({ ...WELL, "GET /dlq": { items: [{ queue: "lane-meta-dlq", lane: "meta", messages: 2 }] } });
  const terminal = scriptedTerminal();
  expect(await run(["doctor", "--directory", directory], { terminal, fetch, exitCode: 0 })).toBe(0);
  expect(terminal.stdout()).toContain(
    "warn     dead letters   2 messages on lane-meta-dlq\n" +
      "                          `tracklayer dlq show lane-meta-dlq` says why.\n",
  );
});

test("an erasure that was given up is told with the step it failed at", async () => {
  const reason = "given up at archive: AccessDenied";
  const when = { created_at: NOON, updated_at: NOON };
  const job = { id: "abc", kind: "erase", state: "failed", reason, by: "key:k", step: "archive", counts: {}, ...when };
  const { of } = await doctor({ ...WELL, "GET /privacy/jobs": { items: [job] } });
  expect(of("privacy jobs")).toEqual([
    {
      check: "privacy jobs",
      state: "warn",
      says: "erase abc was given up at archive: AccessDenied",
      todo: "Mend that, then ask for it again: `tracklayer privacy erase <identifier>`.",
    },
  ]);
});

test("a stopped lane is told with its reason and the way on", async () => {
  const window = { from: NOON - 1, to: NOON };
  const health = { type: "meta", name: "Meta", window, outcomes: {}, auth: "ok", test_mode: false };
  const control = { since: NOON, reason: "401" };
  const items = [
    { ...health, lane: "meta", control: { ...control, state: "open" } },
    { ...health, lane: "ga4", control: { ...control, state: "paused" } },
    { ...health, lane: "webhook" },
  ];
  const { exitCode, of } = await doctor({ ...WELL, "GET /destinations": { items } });
  expect(exitCode).toBe(0);
  expect(of("lanes")).toMatchObject([
    { state: "warn", says: "meta is stopped: 401", todo: "`tracklayer failures --lane meta` says what to do." },
    { state: "warn", says: "ga4 is paused: 401", todo: "`tracklayer resume ga4` sends again." },
  ]);
});

test.each([
  [-10 * 60_000, "ahead"],
  [10 * 60_000, "behind"],
])("a clock that is off by %d ms is seen by the API's date", async (offMs, word) => {
  serverNow = NOON + offMs;
  const { of } = await doctor({ ...WELL, "GET /health": { ...HEALTH, clock: serverNow } });
  expect(of("clock")).toMatchObject([
    { state: "warn", says: expect.stringMatching(RegExp(`^this machine's is .* ${word}$`)) },
  ]);
});

test("another deployment than the configuration is told", async () => {
  const destinations = HEALTH.destinations.slice(1);
  const { of } = await doctor({ ...WELL, "GET /health": { ...HEALTH, destinations } });
  expect(of("deployment")).toMatchObject([{ state: "warn", says: "is without meta (meta)" }]);
  const other = await doctor({ ...WELL, "GET /health": { ...HEALTH, environment: "staging" } });
  expect(other.of("deployment")).toMatchObject([{ state: "skipped" }]);
});

test("an incomplete secret fails, and is told apart from one that cannot be read", async () => {
  calls.GetSecretValue = { SecretString: '{"key":"c4nary"}' };
  const { exitCode, checks, of } = await doctor(WELL);
  expect(exitCode).toBe(1);
  expect(of("secrets").map(({ state }) => state)).toEqual(["fail", "fail", "fail", "ok", "ok"]);
  expect(of("secrets")[0]).toMatchObject({ todo: "Fill it in with `tracklayer secrets set meta`." });
  expect(JSON.stringify(checks)).not.toContain("c4nary");
  calls.GetSecretValue = undefined;
  expect((await doctor(WELL)).of("secrets")[0]?.says).toContain("AccessDeniedException");
});

test("without the API the rest is looked at all the same", async () => {
  const { exitCode, of } = await doctor({}, ["--directory", join(directory, "none")]);
  expect(exitCode).toBe(1);
  expect(of("ops api")).toMatchObject([{ state: "fail", says: expect.stringContaining("no local stack is running") }]);
  expect(of("configuration")).toMatchObject([{ state: "ok" }]);
});

describe("platforms' scores, where the configuration wants them", () => {
  const file = () => join(directory, "asked.config.ts");
  const answer = (platform?: object) => ({
    ...WELL,
    "GET /quality": {
      window: { from: NOON - 1, to: NOON },
      destinations: [{ lane: "meta", events: 0, ...(platform === undefined ? {} : { platform }) }],
      presence: {},
      events: [],
    },
  });
  const last = { read_at: NOON, about: "a score", scores: [] };
  beforeEach(() => {
    const text = `{ environment: "development", sources: { web: { kind: "server" } },
      destinations: { meta: { settings: { datasetId: "1234567890123456" }, readBackQuality: true } } }`;
    writeFileSync(file(), `export default ${text};`);
    process.env.TRACKLAYER_CONFIG = file();
  });

  test.each([
    [undefined, { state: "skipped" }],
    [
      { tried_at: NOON, last },
      { state: "ok", says: "read from meta" },
    ],
    [
      { tried_at: NOON, problem: "HTTP 403: no permission; it needs ads_read", last },
      { state: "warn", says: "meta: HTTP 403: no permission; it needs ads_read" },
    ],
  ])("%j", async (platform, expected) => {
    const { of } = await doctor(answer(platform));
    expect(of("platforms' scores")).toMatchObject([expected]);
  });
});

test("a wrong configuration is one finding of several", async () => {
  const file = join(directory, "wrong.config.ts");
  writeFileSync(file, "export default { environment: 'X Y' };");
  process.env.TRACKLAYER_CONFIG = file;
  const { exitCode, of } = await doctor(WELL);
  expect(exitCode).toBe(1);
  expect(of("configuration")).toMatchObject([{ state: "fail", says: expect.stringContaining("environment: ") }]);
  expect(of("ops api")).toMatchObject([{ state: "ok" }]);
  const terminal = scriptedTerminal();
  await run(["doctor", "--directory", directory], { terminal, fetch, exitCode: 0 });
  expect(terminal.stdout()).toMatch(/^fail {5}configuration .*problems?:\n {26,}environment: /m);
  expect(terminal.stdout()).not.toContain("\ufffd");
});

describe("of a deployed stack", () => {
  // The address is this machine's, so that only the name says that it is deployed.
  const deployed = { env: { XDG_CONFIG_HOME: "" } };
  const words = () => ["--stack", "production", "--region", "eu-west-1"];
  beforeEach(async () => {
    deployed.env.XDG_CONFIG_HOME = mkdtempSync(join(directory, "home-"));
    server.answer(WELL);
    const env = { ...deployed.env, TRACKLAYER_OPS_KEY: server.key };
    const login = ["login", "--stack", "production", "--url", server.url];
    expect(await run(login, { terminal: scriptedTerminal({ env }), fetch, exitCode: 0 })).toBe(0);
  });

  test("the account, its region and its concurrency are looked at", async () => {
    const { exitCode, of } = await doctor(WELL, words(), deployed);
    expect(exitCode).toBe(0);
    expect(of("aws")).toMatchObject([
      { state: "ok", says: "account 123456789012, region eu-west-1; the delivery table is ACTIVE" },
    ]);
    expect(of("concurrency")).toMatchObject([{ state: "ok" }]);
  });

  test("a new account's ten λs are a warning, and a right that is missing is said", async () => {
    calls.GetAccountSettings = { AccountLimit: { ConcurrentExecutions: 10 } };
    expect((await doctor(WELL, words(), deployed)).of("concurrency")).toMatchObject([{ state: "warn" }]);
    calls.GetAccountSettings = undefined;
    calls.DescribeTable = undefined;
    const { exitCode, of } = await doctor(WELL, words(), deployed);
    expect(exitCode).toBe(1);
    expect(of("concurrency")).toMatchObject([{ state: "skipped" }]);
    expect(of("aws")).toMatchObject([{ state: "fail", says: expect.stringContaining("AccessDenied") }]);
  });
});
