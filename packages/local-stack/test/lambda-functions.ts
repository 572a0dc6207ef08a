import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionModel } from "../src/model.ts";

/** Writes a function's asset to disk and describes it as the template would. */
export function functionOf(name: string, source: string, changes: Partial<FunctionModel> = {}): FunctionModel {
  const codePath = mkdtempSync(join(tmpdir(), "local-stack-"));
  mkdirSync(codePath, { recursive: true });
  writeFileSync(join(codePath, "index.mjs"), source);
  return {
    logicalId: name,
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    codePath,
    handler: "index.handler",
    environment: {},
    memoryMb: 128,
    timeoutSeconds: 10,
    role: { logicalId: "Role", arn: "arn:aws:iam::000000000000:role/Role", statements: [] },
    logGroupName: `/aws/lambda/${name}`,
    ...changes,
  };
}

/** Collects what a stack part writes: log lines by group and metric values by name. */
export function recorder() {
  const lines: string[] = [];
  const values: { name: string; value: number; dimensions: Readonly<Record<string, string>> }[] = [];
  const awaited: { part: string; resolve: () => void }[] = [];
  const write = (_group: string, line: string): void => {
    lines.push(line);
    for (const { part, resolve } of awaited) if (line.includes(part)) resolve();
  };
  return {
    lines,
    values,
    /** Resolves when a line with this text has been written. */
    line: (part: string) => new Promise<void>((resolve) => void awaited.push({ part, resolve })),
    logSink: { write },
    metrics: {
      record: (_namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number) =>
        void values.push({ name, value, dimensions }),
    },
    sum: (name: string) =>
      values.filter((entry) => entry.name === name).reduce((total, entry) => total + entry.value, 0),
  };
}
