import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { run } from "../../../bin/cli/main.ts";
import { type LocalState, writeLocalState } from "../../../bin/local-state.ts";
import { hashSourceKey } from "../../../src/core/source-key.ts";
import { type Loopback, serveOnLoopback } from "../../support/loopback.ts";
import { type Script, scriptedTerminal } from "../../support/scripted-terminal.ts";

let directory: string;
let aws: Loopback;
const before = { ...process.env };
const stored = new Map<string, string>();

// Stands in for Secrets Manager, of AWS and of the local stack: they speak the same.
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "cli-secrets-"));
  aws = await serveOnLoopback(async (request, response) => {
    const { SecretId = "", SecretString } = (await json(request)) as { SecretId?: string; SecretString?: string };
    const found = stored.get(SecretId);
    if (found === undefined) {
      response.writeHead(400, { "x-amzn-errortype": "ResourceNotFoundException" }).end("{}");
      return;
    }
    if (SecretString !== undefined) stored.set(SecretId, SecretString);
    response.end(JSON.stringify({ SecretString: stored.get(SecretId) }));
  });
  const gatewayUrl = aws.url;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  writeLocalState({ apiUrl: gatewayUrl, gatewayUrl, region: "us-east-1", credentials } as LocalState, directory);
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = gatewayUrl;
  process.env.AWS_ACCESS_KEY_ID = "person";
  process.env.AWS_SECRET_ACCESS_KEY = "person";
});
afterAll(async () => {
  process.env = before;
  await aws.close();
  rmSync(directory, { recursive: true });
});

const META = "tracklayer/development/destination/meta";
const SHOP = "tracklayer/development/source/shop-server";
beforeEach(() => {
  stored.clear();
  for (const id of ["meta", "ga4", "webhook"]) stored.set(`tracklayer/development/destination/${id}`, "{}");
  for (const id of ["shop-web", "shop-server"])
    stored.set(`tracklayer/development/source/${id}`, '{"key":"k3y-c4nary"}');
});

async function secrets(words: readonly string[], script: Script = {}) {
  const terminal = scriptedTerminal(script);
  const exitCode = await run(["secrets", ...words, "--directory", directory], { terminal, fetch, exitCode: 0 });
  return { exitCode, asked: terminal.asked, stdout: terminal.stdout(), stderr: terminal.stderr() };
}
const held = (name: string): unknown => JSON.parse(stored.get(name) ?? "");

test("check says what is missing where, and shows no value", async () => {
  stored.set("tracklayer/development/destination/ga4", '{"apiSecret":"c4nary"}');
  const { exitCode, stdout, stderr } = await secrets(["check"]);
  expect(exitCode).toBe(1);
  expect(stdout.split("\n")).toEqual([
    "problem  meta  secret tracklayer/development/destination/meta lacks accessToken",
    "ok       ga4  tracklayer/development/destination/ga4",
    "problem  webhook  secret tracklayer/development/destination/webhook lacks secret",
    "ok       shop-web  tracklayer/development/source/shop-web",
    "ok       shop-server  tracklayer/development/source/shop-server",
    "",
  ]);
  expect(stdout + stderr).not.toContain("c4nary");
});

test("check of one tells what its destination finds malformed", async () => {
  stored.set(META, '{"accessToken":"c4nary with\\nline ends"}');
  const { exitCode, stdout } = await secrets(["check", "meta", "--json"]);
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    1,
    { items: [{ id: "meta", kind: "lane", secret: META, ok: false, problem: expect.stringContaining("accessToken") }] },
  ]);
  expect(stdout).not.toContain("c4nary");
});

test("set asks a person for each field, keeps what is left empty and what else is there", async () => {
  stored.set(META, '{"accessToken":"old","other":"stays"}');
  const { exitCode, asked, stdout } = await secrets(["set", "meta"], { answers: [" EAAc4nary "] });
  expect(asked).toEqual(["accessToken (empty: leave as it is): "]);
  expect(held(META)).toEqual({ accessToken: "EAAc4nary", other: "stays" });
  const told = `Written to ${META} of the local stack; it holds accessToken, other.\n`;
  const when = "The functions read it within 5 minutes; a stopped lane with its next probe.\n";
  expect([exitCode, stdout]).toEqual([0, told + when]);
});

test("set with no answer writes nothing", async () => {
  const { exitCode, stderr } = await secrets(["set", "meta"], { answers: [""] });
  expect([exitCode, stderr, held(META)]).toEqual([1, "No field was given; nothing was written.\n", {}]);
});

test("standard input is the value of the one named field, line ends within it kept", async () => {
  await secrets(["set", "meta", "accessToken"], { input: "line 1\nline 2\n" });
  expect(held(META)).toEqual({ accessToken: "line 1\nline 2" });
});

test("or a JSON object of fields", async () => {
  const { stdout } = await secrets(["set", "meta"], { input: '{"other":"x"}' });
  expect(held(META)).toEqual({ other: "x" });
  expect(stdout).toContain("not complete  secret tracklayer/development/destination/meta lacks accessToken");
});

test.each([
  ["accessToken: c4nary", "standard input is not JSON"],
  ['{"accessToken":7}', "accessToken is none"],
  ["[]", "must be a JSON object of texts"],
])("what cannot be read as fields (%s) is not written and not quoted", async (input, said) => {
  const { exitCode, stderr } = await secrets(["set", "meta"], { input });
  expect([exitCode, held(META)]).toEqual([1, {}]);
  expect(stderr.toLowerCase()).toContain(said.toLowerCase());
  expect(stderr).not.toContain("c4nary");
});

test("a source's keys become their digests, which go on to be its keys", async () => {
  stored.set(SHOP, '{"key":"new","previousKey":"old"}');
  expect((await secrets(["set", "shop-server", "--hash"])).exitCode).toBe(0);
  expect(held(SHOP)).toEqual({ keySha256: hashSourceKey("new"), previousKeySha256: hashSourceKey("old") });
  expect((await secrets(["check", "shop-server"])).exitCode).toBe(0);
  const { exitCode, stderr } = await secrets(["set", "meta", "--hash"]);
  expect([exitCode, stderr]).toEqual([2, "--hash is for the keys of a source.\n"]);
});

test("another environment's secrets are read with the person's AWS credentials", async () => {
  stored.set("tracklayer/production/destination/meta", '{"accessToken":"EAAx"}');
  const { exitCode, stdout } = await secrets([
    "check",
    "meta",
    "--stack",
    "TrackLayer-production",
    "--region",
    "eu-west-1",
  ]);
  expect([exitCode, stdout]).toEqual([0, "ok       meta  tracklayer/production/destination/meta\n"]);
});

test("a name that nobody has, and a secret that was never made, are told with the way out", async () => {
  const unknown = await secrets(["check", "metta"]);
  expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining("Did you mean meta?")]);
  stored.delete(META);
  const missing = await secrets(["check", "meta"]);
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("Deploy first: the stack makes it.")]);
});

test("values are never taken from the command line", async () => {
  const { exitCode } = await secrets(["set", "meta", "--access-token", "c4nary"]);
  expect([exitCode, held(META)]).toEqual([2, {}]);
  // Not even as a field's name: there would be nothing on standard input for it.
  const named = await secrets(["set", "meta", "accessToken=c4nary"]);
  expect([named.exitCode, held(META)]).toEqual([2, {}]);
  expect(named.stderr).not.toContain("c4nary");
});
