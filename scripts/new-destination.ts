/**
 * `npm run new:destination <id>`: the files of a new destination and its line in every list. It compiles, delivers nothing,
 * and its golden cases fail until they are written.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type DestinationNames,
  declarationText,
  entryText,
  explanationsName,
  explanationsText,
  goldenTexts,
  pageText,
  platformText,
} from "./destination-skeleton.ts";

const LONGEST_ID = 24;
/** Names that no export can have, and a file that is there for another reason. */
const TAKEN = new Set(
  "registry constructor prototype default new class function return this null true false import export".split(" "),
);

/** What is wrong with an id, or undefined. */
export function idProblem(id: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > LONGEST_ID) {
    return `an id is made of lower-case letters, digits and inner hyphens, begins with a letter and has at most ${LONGEST_ID} characters, as in google-ads`;
  }
  return TAKEN.has(id) ? `${id} has a meaning of its own in the code: choose another id` : undefined;
}

/** The id as it is written in the different places. */
export function namesOf(id: string): DestinationNames {
  const words = id.split("-");
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const camel = words.map((word, index) => (index === 0 ? word : capital(word))).join("");
  return { id, camel, title: words.map(capital).join(" ") };
}

/** Files by path with their content: those that are new, and those that get a line. */
interface NewDestination {
  readonly made: Readonly<Record<string, string>>;
  readonly changed: Readonly<Record<string, string>>;
}

/** What a new destination needs. Throws when a list is not where it is looked for. */
export function newDestination(id: string, read: (path: string) => string): NewDestination {
  const names = namesOf(id);
  const { camel, title } = names;
  const key = camel === id ? id : JSON.stringify(id);
  const vendorName = /^\w+$/.test(title) ? title : JSON.stringify(title);
  const goldens = Object.entries(goldenTexts()).map(([name, text]) => [`test/destinations/${id}/${name}.json`, text]);
  const edit = (path: string, ...entries: readonly ListEntry[]): [string, string] => [
    path,
    entries.reduce((text, entry) => withEntry(text, entry, path), read(path)),
  ];
  const made = [
    [`src/destinations/${id}.ts`, declarationText(names)],
    [`lambdas/deliver/${id}.ts`, entryText(names)],
    [`packages/sandbox/src/platforms/${id}.ts`, platformText(names)],
    [`docs/destinations/${id}.md`, pageText(names)],
    [`src/explanations/${id}.ts`, explanationsText(names)],
    ...goldens,
  ];
  const changed = [
    edit(
      "src/destinations/registry.ts",
      { list: "imports", from: "./", entry: `import { ${camel} } from "./${id}.ts";` },
      { list: /^export const DESTINATIONS\b.*\{$/, entry: camel === id ? `  ${id},` : `  ${key}: ${camel},` },
    ),
    edit(
      "src/explanations/registry.ts",
      { list: "imports", from: "./", entry: `import { ${explanationsName(names)} } from "./${id}.ts";` },
      { list: /^export const EXPLANATIONS\b.*\{$/, entry: `  ${key}: ${explanationsName(names)},` },
    ),
    edit(
      "src/config/destination-settings.ts",
      { list: "imports", from: "../destinations/", entry: `import type { ${camel} } from "../destinations/${id}.ts";` },
      {
        list: /^export interface DestinationSettings \{$/,
        entry: `  ${key}: SettingsInput<typeof ${camel}, "accountId">;`,
      },
    ),
    edit("src/config/lane-options.ts", {
      list: /^export interface DestinationConfigs \{$/,
      entry: `  ${key}?: DestinationConfig<"${id}">;`,
    }),
    edit("src/sources/integrations.ts", {
      list: /^const DESTINATION_TYPES\b.*\{$/,
      entry: `  // TODO: the names by which Segment and RudderStack know it.\n  ${vendorName}: "${id}",`,
      at: "end",
    }),
    edit("test/support/destination-samples.ts", {
      list: /^export const SAMPLES\b.*\{$/,
      entry: `  ${key}: {\n    settings: [{ accountId: "1234567890" }],\n    credentials: { accessToken: "token-1234" },\n  },`,
    }),
    edit(
      "packages/sandbox/src/platforms.ts",
      { list: "imports", from: "./platforms/", entry: `import { ${camel} } from "./platforms/${id}.ts";` },
      { list: /^export const PLATFORMS\b.*\[$/, entry: `  ${camel},` },
    ),
  ];
  return { made: Object.fromEntries(made), changed: Object.fromEntries(changed) };
}

/** A line for a list: the imports from one folder, or what follows the line that `list` matches. */
interface ListEntry {
  readonly list: RegExp | "imports";
  /** For imports: the folder, as they write it. */
  readonly from?: string;
  readonly entry: string;
  /** Default: before the first entry that the alphabet puts after it. */
  readonly at?: "end";
}

function withEntry(text: string, { list, from = "", entry, at }: ListEntry, path: string): string {
  const rows = text.split("\n");
  const isImport = (row: string) => row.startsWith("import ") && row.includes(`from "${from}`);
  const start = list === "imports" ? rows.findIndex(isImport) : rows.findIndex((row) => list.test(row)) + 1;
  if (start < 0 || (start === 0 && list !== "imports")) {
    throw new Error(`${path} has no ${list}: this script and that file have parted`);
  }
  const isOver = (row: string) => (list === "imports" ? !row.startsWith("import ") : /^[\]}]|^ {2}\[/.test(row));
  const end = rows.findIndex((row, index) => index >= start && isOver(row));
  const isEntry = list === "imports" ? isImport : (row: string) => /^ {2}["\w]/.test(row);
  const later = rows.findIndex(
    (row, index) => index >= start && index < end && isEntry(row) && sortKey(row) > sortKey(entry),
  );
  const place = later < 0 || at === "end" ? end : later;
  return [...rows.slice(0, place), entry, ...rows.slice(place)].join("\n");
}

/** What a list is ordered by: a file's name in an import, else the key. */
function sortKey(row: string): string {
  const file = /([^"/]+)\.ts";$/.exec(row)?.[1];
  return file ?? /^\s*"?([\w-]+)/.exec(row)?.[1] ?? row;
}

const NEXT = (id: string) => `
${id} compiles, and delivers nothing yet. Next:

  1. Write test/destinations/${id}/*.json from the platform's documentation: settings, request, identifiers, answers.
     Each case fails until it is written.
  2. Declare it in src/destinations/${id}.ts until they pass:
       npm run jest -- test/destinations/contract.test.ts -t ${id}
  3. Teach the sandbox in packages/sandbox/src/platforms/${id}.ts, with a test beside the others of its folder:
       npm run jest -- test/destinations/sandbox.test.ts -t ${id}
  4. Give test/support/destination-samples.ts settings that reach every branch, and src/sources/integrations.ts the
     vendors' names for it.
  5. Explain every refusal of the golden cases in src/explanations/${id}.ts:
       npm run jest -- test/explanations -t ${id}
  6. Write docs/destinations/${id}.md, then npm run docs for the tables.
  7. With npm start running in another terminal, npx tracklayer test ${id} --settings '{...}' --real shows what
     the sandbox says (without --real in the platform's test mode); npm test checks the rest.

docs/adding-a-destination.md explains each member. A test fails while a TODO of the skeleton is left.`;

function main(root: string, id: string | undefined): number {
  const problem = id === undefined ? "Usage: npm run new:destination <id>" : idProblem(id);
  if (id === undefined || problem !== undefined) {
    console.error(problem);
    return id === undefined ? 2 : 1;
  }
  const { made, changed } = newDestination(id, (path) => readFileSync(join(root, path), "utf8"));
  const there = Object.keys(made).filter((path) => existsSync(join(root, path)));
  if (there.length > 0) {
    console.error(`${id} is there already:\n${there.map((path) => `  ${path}`).join("\n")}\nNothing was changed.`);
    return 1;
  }
  for (const [path, content] of Object.entries({ ...made, ...changed })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    console.log(`${path in made ? "new    " : "changed"}  ${path}`);
  }
  console.log(NEXT(id));
  return 0;
}

if (import.meta.main) process.exitCode = main(join(import.meta.dirname, ".."), process.argv[2]);
