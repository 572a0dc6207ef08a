import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_CENTRE_RANGES, DATA_CENTRES_AS_OF } from "../../src/core/data-centre-ranges.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import { SOUNDNESS_FACTORS } from "../../src/core/identifier-soundness.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import {
  DISPOSABLE_DOMAINS,
  PLACEHOLDER_DOMAINS,
  PLACEHOLDER_MAILBOXES,
  PROGRAM_USER_AGENT,
  RESERVED_TLDS,
  ROLE_MAILBOXES,
} from "../../src/core/unsound-values.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

/** Of weights, factors and lists, by version. Whoever changes one of those raises the version and adds a line. */
const DIGESTS: Readonly<Record<number, string>> = {
  2: "64b52552bf19e1b9",
  3: "5d300eef35df4fae",
};

test("scores of one version are made by the same weights and rules", () => {
  const weights = Object.values(DESTINATIONS).map(({ id, matchKeys }) => [id, Object.entries(matchKeys).sort()]);
  const lists = [DISPOSABLE_DOMAINS, PLACEHOLDER_DOMAINS, PLACEHOLDER_MAILBOXES, RESERVED_TLDS, ROLE_MAILBOXES];
  const rules = [
    weights.sort(),
    SOUNDNESS_FACTORS,
    DATA_CENTRE_RANGES,
    lists.map((it) => [...it].sort()),
    PROGRAM_USER_AGENT.source,
  ];
  expect(sha256Hex(JSON.stringify(rules)).slice(0, 16)).toBe(DIGESTS[MATCH_QUALITY_VERSION]);
});

test("the page about match quality tells this version and every factor", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/match-quality.md"), "utf8");
  const published = new Date(DATA_CENTRES_AS_OF).toLocaleDateString("en", { month: "long", year: "numeric" });
  expect(page).toContain(`as of ${published}`);
  expect(page).toContain(`version ${MATCH_QUALITY_VERSION} of the formula`);
  const soundness = page.split("## Soundness")[1]?.split("\n## ")[0] ?? "";
  const told = [...soundness.matchAll(/\| ([\d.]+) \|$/gm)].map(([, factor]) => Number(factor));
  expect([...new Set(told)].sort()).toEqual([...new Set<number>(Object.values(SOUNDNESS_FACTORS))].sort());
});
