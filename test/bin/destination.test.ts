import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalState, writeLocalState } from "../../bin/local-state.ts";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/server.ts";
import { LAUNCHER, runNode } from "../support/node-process.ts";

// Each test starts processes, on a machine that may be busy.
const PROCESS_MS = 60_000;

const META = '{"datasetId":"1234567890","testEventCode":"TEST12345"}';
let sandbox: Sandbox;
let directory: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  directory = mkdtempSync(join(tmpdir(), "destination-"));
  writeLocalState(
    {
      apiUrl: "",
      gatewayUrl: "",
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      tables: { delivery: "", identity: "" },
      stackOutputs: {},
      keys: {},
      sandboxUrl: sandbox.url,
    },
    join(directory, ".tracklayer"),
  );
  writeFileSync(
    join(directory, "lead.json"),
    JSON.stringify({ event_name: "lead", event_id: "lead-1", user: { email: "ana@example.com", country: "US" } }),
  );
  writeFileSync(join(directory, "broken.json"), '{"event_name":"purchase","value":"12,50"}');
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(directory, { recursive: true });
});

const run = (cwd: string, ...words: string[]) => runNode([LAUNCHER, ...words], { cwd });

/** Every credential that the local secrets file holds by now. */
function secrets(): string[] {
  const file = JSON.parse(readFileSync(join(directory, ".tracklayer/secrets.json"), "utf8")) as Record<string, string>;
  return Object.values(file).flatMap((text) => Object.values(JSON.parse(text) as Record<string, string>));
}

test(
  "preview shows the decision and the request, as text and as JSON, and needs no running stack",
  async () => {
    const [text, json] = await Promise.all([
      run(tmpdir(), "preview", "meta", join(directory, "lead.json")),
      run(directory, "preview", "meta", "lead.json", "--json", "--settings", '{"datasetId":"99999"}'),
    ]);
    expect([text.code, text.stderr]).toEqual([0, ""]);
    expect(text.stdout).toContain("lead  lead-1  to meta (Meta)\n  decision   would be sent as Lead\n");
    expect(JSON.parse(json.stdout)).toMatchObject({
      decision: { send: true },
      request: { url: expect.stringContaining("/99999/events"), body: { data: [{ event_name: "Lead" }] } },
    });
    expect(sandbox.received()).toEqual([]);
  },
  PROCESS_MS,
);

test(
  "what is wrong is said in a sentence, with the exit code 1",
  async () => {
    const secret = '{"url":"https://h.example/","apiToken":"c4nary"}';
    const [broken, unknown, settings, file, stack, name, masked, none] = await Promise.all([
      run(directory, "preview", "meta", "broken.json"),
      run(directory, "preview", "metta", "lead.json"),
      run(directory, "preview", "ga4", "lead.json", "--settings", '{"measurementId":"UA-1"}'),
      run(directory, "preview", "meta", "nowhere.json"),
      run(tmpdir(), "test", "ga4"),
      run(directory, "preview", "google-ads", "lead.json", "--settings", '{"customerId":"1234567890"}', "--as", "x y"),
      run(directory, "preview", "webhook", "lead.json", "--settings", secret),
      run(directory, "preview", "tiktok", "lead.json"),
    ]);
    const codes = [broken, unknown, settings, file, stack, name, masked, none].map(({ code }) => code);
    expect(codes).toEqual([1, 1, 1, 1, 3, 1, 1, 1]);
    expect(none.stderr).toContain("pixelCode, ");
    expect(none.stderr).toContain("at least one of these is needed (got none of them)");
    expect(masked.stderr).toContain("apiToken: is no setting (got a masked text of 6 characters)");
    expect(name.stderr).toMatch(/^--as: .* \(got "x y"\)\n$/);
    expect(broken.stderr).toContain("error    value: ");
    expect(unknown.stderr).toContain("Did you mean meta?");
    expect(settings.stderr).toContain('measurementId: must look like G-ABC1234567 (got "UA-1")');
    expect(file.stderr).toBe("the event: there is no file nowhere.json\n");
    expect(stack.stderr).toBe("no local stack is running here: start one with `npm start`\n");
  },
  PROCESS_MS,
);

test(
  "test sends to the sandbox in the platform's test mode, with local credentials that are never shown",
  async () => {
    const { code, stdout, stderr } = await run(directory, "test", "meta", "--settings", META);
    expect([code, stderr]).toEqual([0, expect.stringContaining("the sandbox of the running local stack")]);
    expect(stdout).toContain("delivered  the platform answered with its success");
    expect(sandbox.received({ platform: "meta" })).toMatchObject([
      { event_name: "Purchase", valid: true, problems: [] },
    ]);
    for (const secret of secrets()) expect(stdout + stderr).not.toContain(secret);
  },
  PROCESS_MS,
);

test(
  "a secret in the address is hidden too, and a given event is sent as a test",
  async () => {
    const { code, stdout } = await run(directory, "test", "meta", "lead.json", "--json", "--settings", META);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ event_id: "lead-1", state: "delivered", testMode: true });
    const ga4 = await run(directory, "test", "ga4");
    expect(ga4.stdout).toContain("api_secret=[secret]");
    for (const secret of secrets()) expect(ga4.stdout + ga4.stderr).not.toContain(secret);
  },
  PROCESS_MS,
);

test(
  "a stack that was killed is as good as none",
  async () => {
    const killed = mkdtempSync(join(tmpdir(), "killed-"));
    const gone = await startSandbox();
    await gone.stop();
    writeLocalState({ ...readLocalState(join(directory, ".tracklayer")), sandboxUrl: gone.url }, killed);
    const { code, stderr } = await run(directory, "test", "ga4", "--directory", killed);
    expect([code, stderr]).toEqual([3, "no local stack is running here: start one with `npm start`\n"]);
    rmSync(killed, { recursive: true });
  },
  PROCESS_MS,
);

test(
  "what would be skipped says so, opens no way to the platform and needs none",
  async () => {
    const { code, stdout, stderr } = await run(tmpdir(), "test", "meta");
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("skipped  it was not sent: not_configured: test mode needs settings.testEventCode");
    expect(stdout).toMatch(
      /\n {2}means {4}The event says that it is a test, .*\n {2}do {7}Take the code from the platform's page/,
    );
  },
  PROCESS_MS,
);

test(
  "an event gets the platform's own name, and a token is fetched on the way",
  async () => {
    const settings = '{"customerId":"1234567890"}';
    const named = ["google-ads", "--settings", settings, "--as", "987654321", "--json"];
    const { code, stdout } = await run(directory, "test", ...named);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { state: "delivered", exchanges: [{ response: { status: 200, body: { access_token: "[secret]" } } }, {}] },
    ]);
    expect(stdout).toContain("987654321");
    for (const secret of secrets()) expect(stdout).not.toContain(JSON.stringify(secret).slice(1, -1));
  },
  PROCESS_MS,
);

test(
  "without a test mode nothing is sent, unless a real event is asked for",
  async () => {
    const [refused, real] = await Promise.all([
      run(directory, "test", "webhook"),
      run(directory, "test", "webhook", "--real"),
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("has no test mode");
    expect(real).toMatchObject({ code: 0, stderr: expect.stringContaining("as a real event, which counts there") });
    const received = sandbox.received({ platform: "webhook" });
    expect(received).toHaveLength(1);
    expect(received).toMatchObject([{ valid: true, verdict: "counted" }]);
  },
  PROCESS_MS,
);

test(
  "credentials that were made for the sandbox never go to a platform",
  async () => {
    await run(directory, "test", "meta", "--settings", META);
    const { code, stdout } = await run(directory, "test", "meta", "--settings", META, "--real-platform", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      state: "unauthorized",
      reason: expect.stringContaining("was made for the sandbox"),
      explanation: { todo: expect.stringContaining("Write the platform's own credentials into that file") },
      exchanges: [],
    });
  },
  PROCESS_MS,
);

test(
  "a wrong command line is told from a test that failed",
  async () => {
    for (const args of [
      ["preview", "meta"],
      ["send", "meta"],
      ["test", "a", "b", "c"],
      ["test", "meta", "--reel"],
    ]) {
      const { code, stdout, stderr } = await run(directory, ...args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^error: .*\n(\(Did you mean --real\?\)\n)?Add --help to see how it is used\.\n$/);
    }
  },
  PROCESS_MS,
);
