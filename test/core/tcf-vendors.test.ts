import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TCF_VENDORS } from "../../src/core/tcf-vendors.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

const DOCS = readFileSync(join(import.meta.dirname, "../../docs/consent.md"), "utf8");

test("the documentation lists the destinations that need consent as a vendor, each with its number", () => {
  const declared = Map.groupBy(
    Object.values(DESTINATIONS).filter(({ tcfVendorId }) => tcfVendorId !== undefined),
    ({ tcfVendorId }) => tcfVendorId,
  );
  const told = [...DOCS.matchAll(/^\| ((?:`[a-z0-9-]+`(?:, )?)+) \| (\d+) \|$/gm)];
  expect(told.map(([, ids, vendor]) => `${ids} ${vendor}`).sort()).toEqual(
    [...declared]
      .map(
        ([vendor, them]) =>
          `${them
            .map(({ id }) => `\`${id}\``)
            .sort()
            .join(", ")} ${vendor}`,
      )
      .sort(),
  );
  expect(new Set(declared.keys())).toEqual(new Set(Object.values(TCF_VENDORS)));
});
