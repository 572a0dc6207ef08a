import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { table } from "./table.ts";

const root = resolve(import.meta.dirname, "..");
const IMPORT_RUNS = 5;

/** The AWS SDK and what only it brings along. */
const SDK = /node_modules\/(@aws-sdk|@smithy|@aws|@aws-crypto|tslib|fast-xml-parser|mnemonist|obliterator)\//;

/** The part of esbuild's metafile that sizes are read from. */
export interface Metafile {
  outputs: Record<string, { bytes: number; inputs: Record<string, { bytesInOutput: number }> }>;
}

/** One λ bundle as the stack ships it; sizes in bytes. */
interface BundleFigures {
  readonly function: string;
  readonly total: number;
  readonly "AWS SDK": number;
  readonly "everything else": number;
  readonly modules: number;
  readonly "import ms": number;
}

/** Sizes, module counts and import times of every λ bundle, as a table. */
export function measureBundles(): string {
  return `Bundles (bytes, minified ES modules; import: median of ${IMPORT_RUNS} cold processes)\n\n${table(bundleFigures().map((bundle) => ({ ...bundle })))}\n`;
}

/** Synthesises the app and measures each bundle. Throws when one cannot be built or imported. */
export function bundleFigures(importRuns = IMPORT_RUNS): readonly BundleFigures[] {
  const outDir = mkdtempSync(join(tmpdir(), "tracklayer-bench-"));
  try {
    execFileSync(process.execPath, ["bin/app.ts"], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: outDir },
      stdio: "pipe",
    });
    return readdirSync(outDir)
      .filter((file) => file.endsWith(".metafile.json"))
      .map((file) => measure(outDir, file, importRuns));
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

function measure(outDir: string, file: string, importRuns: number): BundleFigures {
  const metafile = JSON.parse(readFileSync(join(outDir, file), "utf8")) as Metafile;
  const output = Object.values(metafile.outputs)[0];
  if (output === undefined) throw new Error(`${file} names no output`);
  const inputs = Object.entries(output.inputs);
  const sdk = sdkBytes(metafile);
  return {
    function: file.replace(".metafile.json", ""),
    total: output.bytes,
    "AWS SDK": sdk,
    "everything else": output.bytes - sdk,
    modules: inputs.length,
    "import ms": importMs(bundleOf(outDir, output.bytes), importRuns),
  };
}

/** Bytes of a bundle that are the AWS SDK's, by what esbuild wrote of it. */
export function sdkBytes({ outputs }: Metafile): number {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.reduce((bytes, [path, { bytesInOutput }]) => bytes + (SDK.test(path) ? bytesInOutput : 0), 0);
}

/** The asset whose bundle has this size: CDK names assets by hash only. */
function bundleOf(outDir: string, bytes: number): string {
  const paths = readdirSync(outDir).map((name) => join(outDir, name, "index.mjs"));
  const found = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.size === bytes);
  if (found === undefined) throw new Error(`no asset has a bundle of ${bytes} bytes`);
  return found;
}

/** What the stack would set, so that a bundle can compose itself; nothing is called. */
const ENVIRONMENT = {
  AWS_REGION: "us-east-1",
  DELIVERY_TABLE: "delivery",
  IDENTITY_TABLE: "identity",
  EVENTS_QUEUE_URL: "http://127.0.0.1/events",
  ARCHIVE_STREAM: "events",
  ARCHIVE_BUCKET: "archive",
  CODE_VERSION: "1.0.0",
  EVENTS_QUEUE_ARN: "arn:aws:sqs:us-east-1:000000000000:events",
  LANE_INTAKES: "{}",
  LOG_GROUP: "logs",
};

function importMs(path: string, runs: number): number {
  const env = { ...process.env, ...ENVIRONMENT, LAMBDA_TASK_ROOT: dirname(path) };
  const script = `const t=performance.now();await import(${JSON.stringify(path)});console.log(performance.now()-t)`;
  const times = Array.from({ length: runs }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", env })),
  ).sort((a, b) => a - b);
  return Math.round(times[Math.floor(runs / 2)] ?? 0);
}
