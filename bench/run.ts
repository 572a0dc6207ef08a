/**
 * `npm run bench`: what the system costs and carries, measured on the local stack. Counts (calls, units, bytes) hold
 * anywhere; times are of this machine and mean something only beside each other.
 *
 *   --events 10000   events of the load run, a fifth of them sent twice at the same time
 *   --only bundles|load
 */
import { parseArgs } from "node:util";
import { measureBundles } from "./bundles.ts";
import { measureLoad } from "./load.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "10000" }, only: { type: "string" } } });

if (values.only !== "load") console.log(measureBundles());
if (values.only !== "bundles") console.log(await measureLoad(Number(values.events)));
