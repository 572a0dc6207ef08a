/**
 * `npm run bench`: what the system costs and carries, measured on the local stack. Counts (calls, units, bytes) hold
 * anywhere; times are of this machine and mean something only beside each other.
 *
 *   --events 10000   events of the load run, a fifth of them sent twice at the same time
 *   --graph 25000    identifiers of the graph in which the cost of an event is counted; a million takes some minutes
 *   --only bundles|mapping|identity|load
 */
import { parseArgs } from "node:util";
import { measureBundles } from "./bundles.ts";
import { measureIdentity } from "./identity.ts";
import { measureLoad } from "./load.ts";
import { measureMapping } from "./mapping.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000" },
    graph: { type: "string", default: "25000" },
    only: { type: "string" },
  },
});

const wanted = (part: string): boolean => values.only === undefined || values.only === part;

if (wanted("bundles")) console.log(measureBundles());
if (wanted("mapping")) console.log(await measureMapping());
if (wanted("identity")) console.log(await measureIdentity(Number(values.graph)));
if (wanted("load")) console.log(await measureLoad(Number(values.events)));
