import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaveFolder, type RunningStack, takeFolder, tellUrl } from "../../bin/running-stack.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

let folder: string;
let file: string;
let other: ChildProcess;
let server: Server;
let url: string;

beforeAll(async () => {
  other = spawn(process.execPath, ["--eval", "process.stdin.resume()"], {
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(other, "spawn");
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(async () => {
  other.kill();
  server.close();
  await once(server, "close");
});

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "running-stack-")), "deeper");
  file = join(folder, "running.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Leaves what a stack of another process left. */
async function leftBy(stack: Partial<RunningStack>): Promise<void> {
  await takeFolder(folder, NOW);
  writeFileSync(file, JSON.stringify(stack));
}

test("a folder that nobody has is taken, and given back", async () => {
  expect(await takeFolder(folder, NOW)).toBeUndefined();
  tellUrl(folder, url, NOW);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ pid: process.pid, started_at: NOW, url });
  leaveFolder(folder);
  expect(existsSync(file)).toBe(false);
  expect(() => leaveFolder(folder)).not.toThrow();
});

test("one that a running stack has is not, and stays its own", async () => {
  const running = { pid: other.pid ?? 0, started_at: NOW - 60 * MINUTE_MS, url };
  await leftBy(running);
  expect(await takeFolder(folder, NOW)).toEqual(running);
  leaveFolder(folder);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(running);
});

test("a stack that still starts has its folder, for as long as a start may take", async () => {
  await leftBy({ pid: other.pid ?? 0, started_at: NOW });
  expect(await takeFolder(folder, NOW + MINUTE_MS)).toMatchObject({ pid: other.pid });
  expect(await takeFolder(folder, NOW + 10 * MINUTE_MS)).toBeUndefined();
});

test("of two that took at once what a dead one left, the one that wrote first sees the other when it looks again", async () => {
  await takeFolder(folder, NOW);
  expect(await takeFolder(folder, NOW)).toBeUndefined();
  writeFileSync(file, JSON.stringify({ pid: other.pid, started_at: NOW }));
  expect(await takeFolder(folder, NOW)).toEqual({ pid: other.pid, started_at: NOW });
});

describe("what a stack left that runs no longer blocks nobody", () => {
  test("its process is gone", async () => {
    const gone = spawn(process.execPath, ["--version"], { env: {}, stdio: "ignore" });
    await once(gone, "exit");
    await leftBy({ pid: gone.pid ?? 0, started_at: NOW, url });
    expect(await takeFolder(folder, NOW)).toBeUndefined();
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid });
  });

  test("another program has its process id, and its port is silent", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    silent.close();
    await once(silent, "close");
    await leftBy({ pid: other.pid ?? 0, started_at: NOW, url: `http://127.0.0.1:${port}` });
    expect(await takeFolder(folder, NOW)).toBeUndefined();
  });

  test.each([
    ["half a file", '{"pid": 1'],
    ["no process id", '{"started_at": 1}'],
    ["a process id that would be a whole group", '{"pid": -1, "started_at": 1}'],
    ["no address", `{"pid": ${process.ppid}, "started_at": 1, "url": "here"}`],
  ])("the file holds %s", async (_, text) => {
    await takeFolder(folder, NOW);
    writeFileSync(file, text);
    expect(await takeFolder(folder, NOW)).toBeUndefined();
  });
});
