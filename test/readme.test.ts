import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DESTINATIONS } from "../src/destinations/registry.ts";

const root = resolve(import.meta.dirname, "..");
const DOCUMENTS = [
  "README.md",
  "docs/adding-a-destination.md",
  "docs/architecture.md",
  "docs/cli.md",
  "docs/destinations.md",
  "docs/failures.md",
  "docs/ingest.md",
  "docs/match-quality.md",
  "docs/operations.md",
  "docs/privacy.md",
  "docs/reliability.md",
  "docs/traps.md",
  ...readdirSync(join(root, "docs/destinations")).map((file) => `docs/destinations/${file}`),
];
const read = (path: string): string => readFileSync(join(root, path), "utf8");

test("the README's table names every destination, with its credentials", () => {
  const rows = [...read("README.md").matchAll(/^\| [^|]+ \| `([a-z0-9-]+)` *\| ([^|]+) \|/gm)];
  expect(rows.map(([, id]) => id).sort()).toEqual(Object.keys(DESTINATIONS).sort());
  for (const [, id, credentials] of rows) {
    const { credentials: always = [], credentialSets = [] } = DESTINATIONS[id ?? ""] ?? {};
    for (const field of [...always, ...credentialSets.flat()]) expect(credentials).toContain(`\`${field}\``);
  }
});

test.each(DOCUMENTS)("every npm command in %s exists", (path) => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = [...read(path).matchAll(/\bnpm (?:run )?([a-z:]+)\b/g)].map(([, name]) => name ?? "");
  const ours = named.filter((name) => !["ci", "run", "package", "packages", "install", "and"].includes(name));
  expect(ours.filter((name) => !(name in scripts))).toEqual([]);
});

test.each(DOCUMENTS)("every file that %s links to exists", (path) => {
  const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target ?? "");
  expect(links.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
});
