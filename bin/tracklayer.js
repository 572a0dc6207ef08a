#!/usr/bin/env node
// JavaScript, because the node that finds it may be an older one that reads no TypeScript: then the checkout's own takes
// over. Under npx and npm run that one is first in PATH already.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

if (process.features.typescript) {
  const { main } = await import("./cli/main.ts");
  await main();
} else {
  const own = new URL(`../node_modules/node/bin/node${process.platform === "win32" ? ".exe" : ""}`, import.meta.url);
  const script = fileURLToPath(import.meta.url);
  const { status, error } = spawnSync(fileURLToPath(own), [script, ...process.argv.slice(2)], { stdio: "inherit" });
  if (error !== undefined) console.error("the node of this checkout is missing: run `npm ci` in it first");
  process.exitCode = status ?? 1;
}
