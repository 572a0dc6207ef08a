import { readFileSync } from "node:fs";
import { join } from "node:path";
import { failuresDocs, failuresPage } from "../../scripts/generate-failures.ts";
import type { ExplanationEntry } from "../../src/explanations/entry.ts";

const root = join(import.meta.dirname, "../..");

test.each(Object.entries(failuresDocs()))("%s is what the explanations say (run npm run docs)", (path, content) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(content);
});

const entry: ExplanationEntry = {
  of: ["rejected", "retry"],
  when: /^7\b/,
  shown: "7 | 8",
  means: "The platform is closed on Sundays.",
  todo: "Wait.",
};

test("a line has states, words, meaning and remedy, and a bar in a text breaks no cell", () => {
  const page = failuresPage({ fake: { entries: [entry] } }, { fake: { name: "Fake" } });
  expect(page).toContain("## `fake`: Fake\n\n[Settings and answers](destinations/fake.md).\n\n| State |");
  expect(page).toContain("\n| `rejected`, `retry` | 7 \\| 8 | The platform is closed on Sundays. | Wait. |\n");
});

test("links lead to the platform's page, and a line's own to that", () => {
  const docs = "https://platform.example/errors";
  const page = failuresPage({ fake: { docs, entries: [{ ...entry, docs: `${docs}/7` }] } }, {});
  expect(page).toContain(
    `## \`fake\`: fake\n\n[Settings and answers](destinations/fake.md); [the platform's own page](${docs}).`,
  );
  expect(page).toContain(`Wait. [More](${docs}/7) |`);
});
