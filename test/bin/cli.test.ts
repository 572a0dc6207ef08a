import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { writeLocalState } from "../../bin/local-state.ts";
import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { KEY, receipt, STORY } from "../support/delivery-store-suite.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";

// Each test starts processes, on a machine that may be busy.
const PROCESS_MS = 60_000;

const CLI = resolve(import.meta.dirname, "../../bin/cli.ts");
let dynalite: Dynalite;
let directory: string;
beforeAll(async () => {
  dynalite = await startDynalite();
  directory = mkdtempSync(join(tmpdir(), "trace-"));
  const table = await dynalite.createTable(DELIVERY_TABLE);
  const store = createDynamoDeliveryStore({
    client: dynalite.client,
    table,
    deliveryDays: 30,
    quarantineDays: 14,
    now: Date.now,
  });
  await store.claim(KEY, "copy-1", STORY);
  await store.writeRecords([receipt()]);
  writeLocalState(
    {
      apiUrl: "",
      gatewayUrl: dynalite.url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      tables: { delivery: table, identity: "" },
      stackOutputs: {},
      keys: {},
      sandboxUrl: "",
    },
    join(directory, ".tracklayer"),
  );
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await dynalite.close();
});

async function run(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [CLI, ...args], { cwd, env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test(
  "trace reads the local stack and prints the story without colours into a pipe",
  async () => {
    const { code, stdout, stderr } = await run(directory, "trace", KEY.event_id, "--scope", "shop");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("purchase  order-100017\n");
    expect(stdout).toContain("  meta  delivered\n");
    expect(stdout).toContain("    means    Nobody has asked this person");
  },
  PROCESS_MS,
);

test(
  "trace --json is machine-readable, from anywhere, also for an id that is unknown",
  async () => {
    const elsewhere = ["--json", "--directory", join(directory, ".tracklayer")];
    const [known, unknown] = await Promise.all([
      run(tmpdir(), "trace", KEY.event_id, "--scope", "shop", ...elsewhere),
      run(tmpdir(), "trace", "nowhere", ...elsewhere),
    ]);
    expect(JSON.parse(known.stdout)).toMatchObject({
      found: true,
      events: [{ copies: 1, deliveries: [{}, { explanation: { said: expect.any(String) } }, {}] }],
    });
    expect(JSON.parse(unknown.stdout)).toEqual({ event_id: "nowhere", found: false, events: [] });
  },
  PROCESS_MS,
);

test(
  "an unknown id is told apart from a story, in words and in the exit code",
  async () => {
    const { code, stdout, stderr } = await run(directory, "trace", "nowhere");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("Nothing is stored about nowhere");
  },
  PROCESS_MS,
);

test(
  "without a local stack it says how to start one, and without an id how it is used",
  async () => {
    const { code, stderr } = await run(tmpdir(), "trace", "x");
    expect([code, stderr]).toEqual([1, "no local stack is running here: start one with `npm start`\n"]);
    expect((await run(directory, "trace")).stderr).toContain("Usage: npm run trace");
  },
  PROCESS_MS,
);
