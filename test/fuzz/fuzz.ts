/** Sends hostile requests to the front door, and hostile messages and answers to the lanes' readers. */
import { readOptions } from "../../bin/script-options.ts";
import { fuzz } from "./run.ts";

const given = readOptions({
  command: "npm run fuzz --",
  about: "Sends hostile requests to the front door, and hostile messages and answers to the lanes' readers.",
  options: {
    requests: { type: "string", default: "200000", value: "N", from: 1, help: "how many" },
    seed: { type: "string", value: "N", from: 0, help: "that run again; else another seed each time" },
    path: { type: "string", value: "PATH", help: "only the failing request of it, as a failure prints it: 17:3:0" },
  },
});
const requests = Number(given.requests);
const seed = given.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given.seed);

const started = performance.now();
const result = await fuzz({ requests, seed, ...(given.path === undefined ? {} : { path: given.path }) });
const seconds = Math.round((performance.now() - started) / 1_000);
const statuses = [...result.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
console.log(
  `${result.requests} requests with ${result.good} good events among them, ${result.laneInputs} lane inputs, ${seconds} s, seed ${seed}`,
);
console.log(
  `${result.accepted} events queued, ${result.quarantined} in quarantine; ${statuses.join(", ")}; heap ${result.heapGrowthMb} MB larger`,
);
if (result.failure !== undefined) {
  console.error(result.failure);
  process.exitCode = 1;
}
