/**
 * `npm run bench`: what the system costs and carries, measured on the local stack. Counts (calls, units, bytes) hold
 * anywhere; times are of this machine and mean something only beside each other.
 */
import { readOptions } from "../bin/script-options.ts";
import { measureBundles } from "./bundles.ts";
import { measureIdentity } from "./identity.ts";
import { measureLoad } from "./load.ts";
import { measureMapping } from "./mapping.ts";

const PARTS = ["bundles", "mapping", "identity", "load"] as const;

const values = readOptions({
  command: "npm run bench --",
  about: "Measures what the system costs and carries, on the local stack.",
  options: {
    events: {
      type: "string",
      default: "10000",
      value: "N",
      from: 1,
      help: "of the load run; a fifth are sent twice at the same time",
    },
    graph: {
      type: "string",
      default: "25000",
      value: "N",
      from: 1,
      help: "identifiers of the graph in which the cost of an event is counted; a million takes some minutes",
    },
    only: { type: "string", value: "PART", help: PARTS.join(", ") },
  },
});
if (values.only !== undefined && !(PARTS as readonly string[]).includes(values.only)) {
  console.error(`--only: ${PARTS.join(", ")}, got ${values.only}`);
  process.exit(1);
}

const wanted = (part: (typeof PARTS)[number]): boolean => values.only === undefined || values.only === part;

if (wanted("bundles")) console.log(measureBundles());
if (wanted("mapping")) console.log(await measureMapping());
if (wanted("identity")) console.log(await measureIdentity(Number(values.graph)));
if (wanted("load")) console.log(await measureLoad(Number(values.events)));
