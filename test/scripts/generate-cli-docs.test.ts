import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cliPage } from "../../scripts/generate-cli-docs.ts";

const root = join(import.meta.dirname, "../..");
const page = cliPage();

test("docs/cli.md is what the tool says of itself (run npm run docs)", () => {
  expect(readFileSync(join(root, "docs/cli.md"), "utf8")).toBe(page);
});

test("it names every command that can be run, with what can be said to it", () => {
  for (const command of [
    "trace",
    "replay start",
    "dlq purge",
    "secrets set",
    "keys create",
    "audit verify",
    "doctor",
  ]) {
    expect(page).toContain(`### tracklayer ${command}\n`);
  }
  expect(page).toContain("--confirm-double-count");
  expect(page).toContain("serviceAccountKey --stack TrackLayer-production < key.pem");
});
