import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { App, Duration, Stack } from "aws-cdk-lib";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { bundleLambda } from "../../lib/constructs/bundle-lambda.ts";
import { LambdaFunction } from "../../lib/constructs/lambda-function.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import defaultConfig from "../../tracklayer.config.ts";

const config = resolveConfig(defaultConfig, DESTINATIONS);
const directory = mkdtempSync(join(tmpdir(), "tracklayer-bundle-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes an entry file that imports a neighbour and calls `require`, as some dependencies do. */
function writeEntry(answer: string): string {
  const entry = join(directory, `${answer}.ts`);
  writeFileSync(join(directory, `${answer}-part.ts`), `export const answer: string = ${JSON.stringify(answer)};`);
  writeFileSync(
    entry,
    `import { answer } from "./${answer}-part.ts";
     const load = (name: string) => require(name);
     export const handler = async () => answer + load("node:os").EOL.length;`,
  );
  return entry;
}

test("makes one ES module that runs, with the configuration beside it", async () => {
  const out = join(directory, "asset");
  mkdirSync(out);
  bundleLambda({ name: "small", entry: writeEntry("bundled"), config }, out);
  expect(readdirSync(out).sort()).toEqual(["config.json", "index.mjs"]);
  expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toEqual(config);
  const { inputs } = JSON.parse(readFileSync(join(directory, "small.metafile.json"), "utf8"));
  expect(Object.keys(inputs)).toHaveLength(2);
  const { handler } = await import(pathToFileURL(join(out, "index.mjs")).href);
  await expect(handler()).resolves.toBe("bundled1");
});

test("holds the destinations that are configured, and no other", () => {
  const out = join(directory, "enrich-asset");
  mkdirSync(out);
  const entry = join(directory, "with-destinations.ts");
  writeFileSync(
    entry,
    'import { DESTINATIONS } from "#destinations"; export const handler = () => Object.keys(DESTINATIONS);',
  );
  const lanes = ["google-ads", "meta"].map((type) => ({ ...config.destinations[0], id: type, type }));
  bundleLambda({ name: "with", entry, config: { ...config, destinations: lanes as typeof config.destinations } }, out);
  const { inputs } = JSON.parse(readFileSync(join(directory, "with.metafile.json"), "utf8"));
  const files = Object.keys(inputs).filter((path) => /src\/destinations\/[^/]+$/.test(path));
  expect(files.sort()).toEqual(["src/destinations/google-ads.ts", "src/destinations/meta.ts"]);
  expect(readdirSync(directory).filter((name) => name.endsWith(".destinations.ts"))).toEqual([]);
});

test("reads no secret for contacts where no lane takes them in clear", () => {
  const readsSecrets = [undefined, "tracklayer/test/contacts"].map((contactsSecretName, index) => {
    const out = join(directory, `contacts-${index}`);
    mkdirSync(out);
    const keeps = contactsSecretName === undefined ? {} : { contactsSecretName };
    bundleLambda({ name: `contacts-${index}`, entry: "lambdas/enrich.ts", config: { ...config, ...keeps } }, out);
    return readFileSync(join(out, "index.mjs"), "utf8").includes("GetSecretValue");
  });
  expect(readsSecrets).toEqual([false, true]);
});

function addFunction(stack: Stack, name: string, entry: string, logGroup: LogGroup): LambdaFunction {
  const sizes = { memoryMb: 128, timeout: Duration.seconds(3) };
  return new LambdaFunction(stack, name, { name, description: name, entry, config, logGroup, ...sizes });
}

test("functions of one stack get each their own code", () => {
  const app = new App({ outdir: join(directory, "assembly") });
  const stack = new Stack(app, "Bundled");
  const logGroup = new LogGroup(stack, "Logs");
  addFunction(stack, "first", writeEntry("first"), logGroup);
  addFunction(stack, "second", writeEntry("second"), logGroup);
  const assembly = app.synth();
  const assets = readdirSync(assembly.directory).filter((name) => name.startsWith("asset."));
  const code = assets.map((name) => readFileSync(join(assembly.directory, name, "index.mjs"), "utf8"));
  expect(code.map((text) => /"(first|second)"/.exec(text)?.[1]).sort()).toEqual(["first", "second"]);
});

test("a missing entry file fails while the app is built, by name", () => {
  const stack = new Stack(new App(), "Missing");
  const logGroup = new LogGroup(stack, "Logs");
  expect(() => addFunction(stack, "nothing", "lambdas/nothing.ts", logGroup)).toThrow(
    'The function "nothing" has no entry file: lambdas/nothing.ts does not exist',
  );
});
