import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccessOptions, openAccess } from "../../bin/destination-access.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import type { ResolvedDestination } from "../../src/config/resolved-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { SecretError } from "../../src/pipeline/ports.ts";
import defaultConfig from "../../tracklayer.config.ts";
import { type Loopback, serveOnLoopback } from "../support/loopback.ts";

const CONFIG = resolveConfig(defaultConfig, DESTINATIONS);
const OPTIONS: AccessOptions = { deployed: false, realPlatform: false, region: "eu-central-1" };
const SECRET = '{"apiSecret":"s3cret"}';

let directory: string;
let aws: Loopback;
const asked: unknown[] = [];
const before = { ...process.env };

// Stands in for Secrets Manager: answers every name with one secret.
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "access-"));
  aws = await serveOnLoopback((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ SecretString: SECRET }));
    });
  });
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = aws.url;
  process.env.AWS_ACCESS_KEY_ID = "local";
  process.env.AWS_SECRET_ACCESS_KEY = "local";
});
afterAll(async () => {
  process.env = before;
  await aws.close();
  rmSync(directory, { recursive: true });
});

function lane(changes: Partial<ResolvedDestination> = {}): ResolvedDestination {
  const found = CONFIG.destinations.find(({ id }) => id === "ga4");
  if (found === undefined) throw new Error("the default configuration has no ga4");
  return { ...found, ...changes };
}

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

test.each<[string, Partial<AccessOptions>, Partial<ResolvedDestination>, string]>([
  ["the configured environment", { deployed: true }, {}, "tracklayer/development/destination/ga4"],
  ["another stack", { stack: "TrackLayer-production" }, {}, "tracklayer/production/destination/ga4"],
  ["a secret of the config's own naming", { stack: "TrackLayer-production" }, { secretName: "ads/ga" }, "ads/ga"],
])("deployed, the credentials are those of %s", async (_, options, changes, name) => {
  const access = await openAccess(lane(changes), CONFIG, { ...OPTIONS, ...options });
  expect(access).toMatchObject({ secretName: name, where: `the platform, with the secret ${name}` });
  expect(await access.credentials.get(access.secretName)).toEqual({ apiSecret: "s3cret" });
  expect(asked.at(-1)).toEqual({ SecretId: name });
});

test("credentials from a file go before any secret, and say so", async () => {
  const credentials = file("own.json", SECRET);
  const before = asked.length;
  for (const options of [{ deployed: true }, { realPlatform: true }]) {
    const access = await openAccess(lane(), CONFIG, { ...OPTIONS, ...options, credentials });
    expect(access.where).toBe(`the platform, with ${credentials}`);
    expect(await access.credentials.get("any")).toEqual({ apiSecret: "s3cret" });
  }
  expect(asked).toHaveLength(before);
});

test.each([
  ["not JSON", '{"apiSecret": c4nary}', "is not JSON"],
  ["a list", "[1]", "must be an object of texts"],
  ["empty", "{}", "must be an object of texts"],
  ["a number in it", '{"apiSecret":1}', "apiSecret is none"],
])("a file of credentials that is %s is a secret error that quotes none of it", async (_, content, said) => {
  const credentials = file("wrong.json", content);
  const access = await openAccess(lane(), CONFIG, { ...OPTIONS, realPlatform: true, credentials });
  await expect(access.credentials.get("any")).rejects.toThrow(SecretError);
  await expect(access.credentials.get("any")).rejects.toThrow(said);
  await expect(access.credentials.get("any")).rejects.not.toThrow("c4nary");
});

test("made-up credentials do not leave for a platform, from whichever file", async () => {
  const credentials = file("made-up.json", '{"apiSecret":"sandbox-apiSecret-0123"}');
  for (const options of [{ deployed: true }, { realPlatform: true }]) {
    const access = await openAccess(lane(), CONFIG, { ...OPTIONS, ...options, credentials });
    await expect(access.credentials.get("any")).rejects.toThrow("apiSecret in");
  }
});

test("without a running stack there is no way to the sandbox, and none to the platform instead", async () => {
  await expect(openAccess(lane(), CONFIG, { ...OPTIONS, directory })).rejects.toThrow("no local stack is running");
});
