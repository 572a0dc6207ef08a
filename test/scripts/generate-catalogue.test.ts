import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  catalogueDocs,
  catalogueTable,
  deletionTable,
  readmeTable,
  weightTable,
  withGenerated,
} from "../../scripts/generate-catalogue.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { fakeDestination } from "../support/lane-world.ts";
import { MADE_UP } from "../support/lanes.ts";

const read = (path: string): string => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

test.each(Object.entries(catalogueDocs(read, DESTINATIONS)))(
  "the tables of %s are what the declarations say (run npm run docs)",
  (path, content) => {
    expect(read(path)).toBe(content);
  },
);

const fake = fakeDestination({
  id: "fake",
  name: "Fake",
  credentials: ["clientId"],
  credentialSets: [["accessToken"], ["refreshToken", "clientSecret"]],
  catalogue: { ...MADE_UP, status: "beta", dedup: "none", maxAge: "7 | 8 days" },
  matchKeys: { phone: 1, email: 2, click_id: 0 },
  dedupsByEventId: false,
});

test("a row says what signs in, that it is beta, how many events, and that there is no test mode", () => {
  expect(readmeTable({ fake }).split("\n").at(-1)).toBe(
    "| [Fake](docs/destinations/fake.md) | `fake` | `clientId`; `accessToken` or `refreshToken`, `clientSecret` | **beta** | 1 of 21 | none |",
  );
  const [, , ids] = readmeTable({ fake: fakeDestination({ eventNames: { custom: "*" } }) }).split("\n");
  expect(ids).toContain("| by `events`, custom |");
});

test("identifiers are in the order of their weights, and a bar in a text breaks no cell", () => {
  const row = catalogueTable({ fake }).split("\n").at(-1) ?? "";
  expect(row).toContain("| e-mail, phone | 1 of 21 | 100 | none (claimed before each request) | 7 \\| 8 days |");
  expect(row.split(/(?<!\\)\|/)).toHaveLength(11);
  expect(weightTable({ fake }).split("\n").at(-1)).toBe("| `fake` | 2 | 1 |  |  |  |  |  |  |  |  |");
});

test("a row of deletions leads to where the platform says so, and names nobody where nobody is named", () => {
  expect(deletionTable({ fake }).split("\n").at(-1)).toBe(
    "| `fake` | [not documented](https://platform.example) | none | Ask. |",
  );
});

test("what matches nobody has no row of weights", () => {
  expect(weightTable({ fake: fakeDestination({ matchKeys: {} }) }).split("\n")).toHaveLength(2);
});

test("only what is between the marks is replaced, and a document without them is refused", () => {
  expect(withGenerated("a\n<!-- x -->\nold\n<!-- /x -->\nb", "x", "new")).toBe("a\n<!-- x -->\nnew\n<!-- /x -->\nb");
  expect(() => withGenerated("<!-- /x --><!-- x -->", "x", "new")).toThrow("<!-- x -->");
});
