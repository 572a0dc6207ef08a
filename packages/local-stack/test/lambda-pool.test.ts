import { createServer } from "node:http";
import { LambdaPool, type LambdaPoolOptions } from "../src/lambda-pool.ts";
import type { FunctionModel } from "../src/model.ts";
import { functionOf, recorder } from "./lambda-functions.ts";

const open: LambdaPool[] = [];

function poolOf(models: readonly FunctionModel[], changes: Partial<LambdaPoolOptions> = {}) {
  const seen = recorder();
  const pool = new LambdaPool({
    model: { functions: models, region: "us-east-1" },
    gatewayUrl: "http://127.0.0.1:1",
    credentialsFor: (arn) => ({ accessKeyId: `key-of-${arn.split(":").at(-1)}`, secretAccessKey: "secret" }),
    logSink: seen.logSink,
    metrics: seen.metrics,
    ...changes,
  });
  open.push(pool);
  return { pool, ...seen };
}

afterEach(async () => {
  for (const pool of open.splice(0)) await pool.stop();
});

test("a function sees the template's variables and Lambda's, and nothing of the shell", async () => {
  process.env.SHELL_ONLY = "leak";
  const fn = functionOf("env", "export const handler = async () => process.env;", { environment: { TABLE: "t1" } });
  const { pool } = poolOf([fn]);
  const result = await pool.invoke(fn.arn, {});
  delete process.env.SHELL_ONLY;
  expect(result).toMatchObject({
    ok: true,
    payload: {
      TABLE: "t1",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "env",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_ACCESS_KEY_ID: "key-of-env",
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      LAMBDA_TASK_ROOT: fn.codePath,
      _HANDLER: "index.handler",
      TZ: ":UTC",
    },
  });
  expect(result.ok && Object.keys(result.payload as object)).not.toContain("SHELL_ONLY");
});

test("payloads cross as JSON: dates become text, undefined disappears, no result is null", async () => {
  const source = `export const handler = async (event) => event.none ? undefined : { date: new Date(0), gone: undefined, event };`;
  const fn = functionOf("json", source);
  const { pool } = poolOf([fn]);
  expect(await pool.invoke(fn.arn, { at: new Date(0), skip: undefined })).toEqual({
    ok: true,
    payload: { date: "1970-01-01T00:00:00.000Z", event: { at: "1970-01-01T00:00:00.000Z" } },
  });
  expect(await pool.invoke(fn.arn, { none: true })).toEqual({ ok: true, payload: null });
});

test("the context names the function, the request and the time left", async () => {
  const source = `export const handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`;
  const fn = functionOf("context", source, { timeoutSeconds: 5 });
  const { pool } = poolOf([fn]);
  const result = await pool.invoke(fn.arn, {});
  expect(result).toMatchObject({
    ok: true,
    payload: { functionName: "context", invokedFunctionArn: fn.arn, memoryLimitInMB: "128" },
  });
  const payload = (result.ok ? result.payload : {}) as { left: number; awsRequestId: string };
  expect(payload.left).toBeGreaterThan(0);
  expect(payload.left).toBeLessThanOrEqual(5000);
  expect(payload.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
});

test("a warm environment is reused and only the cold start reports an init", async () => {
  const fn = functionOf("warm", "let n = 0; export const handler = async () => ++n;");
  const { pool, lines, sum } = poolOf([fn]);
  expect(await pool.invoke(fn.arn, {})).toEqual({ ok: true, payload: 1 });
  expect(await pool.invoke(fn.arn, {})).toEqual({ ok: true, payload: 2 });
  const reports = lines.filter((line) => line.startsWith("REPORT RequestId: "));
  expect(reports.map((line) => line.includes("Init Duration: "))).toEqual([true, false]);
  expect([sum("Invocations"), sum("Errors"), sum("Throttles")]).toEqual([2, 0, 0]);
});

test("every line of every stream reaches the sink whole, before the invocation's REPORT", async () => {
  const source = `export const handler = async () => {
    console.log("one %d", 1);
    process.stdout.write("two ");
    console.error("three");
    process.stdout.write("parts\\n" + "x".repeat(200_000) + "\\nno newline");
  };`;
  const fn = functionOf("logs", source);
  const { pool, lines } = poolOf([fn]);
  await pool.invoke(fn.arn, {});
  expect(lines.slice(0, -1)).toEqual(["one 1", "three", "two parts", "x".repeat(200_000), "no newline"]);
  expect(lines.at(-1)).toMatch(/^REPORT /);
});

test("a thrown error is reported with its type and message, and the environment lives on", async () => {
  const source = `let n = 0; export const handler = async () => { n += 1; if (n === 1) throw new RangeError("too far"); return n; };`;
  const fn = functionOf("throws", source);
  const { pool, sum, lines } = poolOf([fn]);
  expect(await pool.invoke(fn.arn, {})).toEqual({ ok: false, error: "handler_error", message: "RangeError: too far" });
  expect(await pool.invoke(fn.arn, {})).toEqual({ ok: true, payload: 2 });
  expect(sum("Errors")).toBe(1);
  expect(lines.some((line) => line.startsWith("ERROR Invoke Error") && line.includes("too far"))).toBe(true);
});

test("a run past the timeout is killed in mid-loop, and the next one starts cold", async () => {
  const source = `let n = 0; export const handler = async (event) => { n += 1; if (event.spin) { console.log("spinning"); for (;;); } return n; };`;
  const fn = functionOf("spins", source, { timeoutSeconds: 1 });
  const { pool, lines } = poolOf([fn]);
  await pool.invoke(fn.arn, {});
  expect(await pool.invoke(fn.arn, { spin: true })).toMatchObject({
    ok: false,
    error: "timeout",
    message: expect.stringContaining("Task timed out after 1.00 seconds"),
  });
  expect(lines).toContain("spinning");
  expect(lines.at(-1)).toContain("Status: timeout");
  expect(await pool.invoke(fn.arn, {})).toEqual({ ok: true, payload: 1 });
});

test.each([
  ["process.exit", `export const handler = async () => process.exit(3);`, "handler_error", "exit status 3"],
  [
    "an uncaught error",
    `export const handler = () => new Promise(() => setTimeout(() => { throw new Error("late"); }));`,
    "handler_error",
    "late",
  ],
  [
    "too much memory",
    `export const handler = async () => { const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length)); };`,
    "out_of_memory",
    "memory",
  ],
  ["a module that throws", `throw new Error("no config"); export const handler = 1;`, "init_error", "no config"],
  ["a missing export", `export const other = 1;`, "init_error", "not exported"],
])("%s ends the environment with the reason", async (_name, source, error, message) => {
  const fn = functionOf("dies", source, { memoryMb: 32 });
  const { pool } = poolOf([fn]);
  expect(await pool.invoke(fn.arn, {})).toMatchObject({ ok: false, error, message: expect.stringContaining(message) });
  expect(pool.environments(fn.arn)).toEqual({ idle: 0, busy: 0 });
});

test("an init phase that takes too long begins anew within the invocation, and nothing fails", async () => {
  const fn = functionOf("slow", `export const handler = async (event) => event;`);
  // No thread is up within a millisecond: every first init phase takes too long.
  const { pool, lines } = poolOf([fn], { initLimitMs: 1 });
  expect(await pool.invoke(fn.arn, { order: 1 })).toEqual({ ok: true, payload: { order: 1 } });
  expect(lines).toContain("INIT_REPORT Init Duration: 1.00 ms\tPhase: init\tStatus: timeout");
  expect(pool.environments(fn.arn)).toEqual({ idle: 1, busy: 0 });
});

test("one that takes longer than the function may run ends as its timeout", async () => {
  const source = `await new Promise(() => setInterval(() => {}, 60_000)); export const handler = async () => 1;`;
  const fn = functionOf("stuck", source, { timeoutSeconds: 1 });
  const { pool } = poolOf([fn], { initLimitMs: 1 });
  expect(await pool.invoke(fn.arn, {})).toMatchObject({ ok: false, error: "timeout" });
  expect(pool.environments(fn.arn)).toEqual({ idle: 0, busy: 0 });
});

test("payloads over the synchronous limits are errors, both ways", async () => {
  const fn = functionOf("big", `export const handler = async () => "x".repeat(6_400_000);`);
  const { pool } = poolOf([fn]);
  expect(await pool.invoke(fn.arn, {})).toMatchObject({ message: expect.stringContaining("ResponseSizeTooLarge") });
  expect(await pool.invoke(fn.arn, "x".repeat(6_400_000))).toMatchObject({
    message: expect.stringContaining("TooLarge"),
  });
});

const COUNT_TOGETHER = `
  export const handler = async (event) => {
    const response = await fetch(event.gate);
    return response.text();
  };`;

test("one invocation per environment: the next ones wait up to the cap, and the rest queue", async () => {
  const held: (() => void)[] = [];
  let sawFour: () => void = () => {};
  const four = new Promise<void>((resolve) => {
    sawFour = resolve;
  });
  const gate = createServer((_request, response) => {
    held.push(() => response.end("ok"));
    if (held.length === 4) sawFour();
    if (held.length > 4) held.at(-1)?.();
  });
  await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
  const address = gate.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const fn = functionOf("together", COUNT_TOGETHER);
  const { pool } = poolOf([fn]);
  const results = Array.from({ length: 6 }, () => pool.invoke(fn.arn, { gate: `http://127.0.0.1:${port}/` }));
  await four;
  expect(pool.environments(fn.arn).busy).toBe(4);
  for (const answer of held.slice()) answer();
  expect((await Promise.all(results)).every((result) => result.ok)).toBe(true);
  await pool.stop();
  await new Promise((resolve) => gate.close(resolve));
});

test("reserved concurrency refuses what it has no room for", async () => {
  const fn = functionOf("none", "export const handler = async () => 1;", { reservedConcurrency: 1 });
  const { pool, sum } = poolOf([fn]);
  const results = await Promise.all([pool.invoke(fn.arn, {}), pool.invoke(fn.arn, {})]);
  expect(results).toMatchObject([{ ok: true }, { ok: false, error: "throttled" }]);
  expect(sum("Throttles")).toBe(1);
});

test("idle environments end after a minute, and kill takes a running one", async () => {
  let now = 0;
  const source = `export const handler = (event) => {
    if (event.hang) return new Promise(() => { console.log("hanging"); setTimeout(() => {}, 1e6); });
  };`;
  const fn = functionOf("idle", source);
  const { pool, line } = poolOf([fn], { now: () => now });
  await pool.invoke(fn.arn, {});
  expect(pool.environments(fn.arn)).toEqual({ idle: 1, busy: 0 });
  now = 61_000;
  await pool.reapIdle();
  expect(pool.environments(fn.arn)).toEqual({ idle: 0, busy: 0 });
  expect(pool.kill("idle")).toBeUndefined();
  const running = line("hanging");
  const hanging = pool.invoke(fn.arn, { hang: true });
  await running;
  expect(pool.kill("idle")).toBe("idle");
  expect(await hanging).toMatchObject({ ok: false, message: expect.stringContaining("signal: killed") });
});
