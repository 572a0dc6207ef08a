import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const FOLDERS = [
  "docs/destinations",
  "lambdas/deliver",
  "packages/sandbox/src",
  "src/destinations",
  "src/explanations",
  "src/sources",
  "test/destinations",
];

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

// `npm run new:destination` marks what its author has to find out. A mark that is left would ship as a fact.
test.each(FOLDERS)("nothing in %s is left as the skeleton of a new destination made it", (folder) => {
  const files = filesIn(join(root, folder)).filter((path) => path !== import.meta.filename);
  const left = files.filter((path) => /\bTODO\b/.test(readFileSync(path, "utf8")));
  expect(left.map((path) => relative(root, path))).toEqual([]);
});
