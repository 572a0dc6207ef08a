import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { type DoorCounts, openDoor } from "./door.ts";
import { type HostileRequest, hostileRequest } from "./hostile-requests.ts";
import { checkLaneInput, laneInput } from "./lane-side.ts";

/** Lane inputs for each request. */
const LANE_SHARE = 0.5;
/** The heap may be this much larger at the end than after the first tenth of the requests. */
const HEAP_GROWTH_BYTES = 32 * 1024 * 1024;

/** What a run came to; `failure` is the smallest input that fails, with the way to see it again. */
export interface FuzzResult extends DoorCounts {
  readonly laneInputs: number;
  readonly heapGrowthMb: number;
  readonly failure?: string;
}

/** Sends this many hostile requests to one door, and half as many inputs to the lanes' readers. */
export async function fuzz({
  requests,
  seed,
  path,
}: {
  requests: number;
  seed: number;
  path?: string;
}): Promise<FuzzResult> {
  const door = await openDoor();
  const laneInputs = Math.ceil(requests * LANE_SHARE);
  const replay = path === undefined ? {} : { path };
  let early = 0;
  const atDoor = await fc.check(
    fc.asyncProperty(hostileRequest, async (request) => {
      await door.send(request);
      if (door.counts.requests === Math.ceil(requests / 10)) early = heapBytes();
    }),
    { seed, numRuns: requests, ...replay },
  );
  const heapGrowthMb = (heapBytes() - early) / 2 ** 20;
  const atLanes = fc.check(fc.property(laneInput, checkLaneInput), { seed, numRuns: laneInputs });
  const result = { ...door.counts, laneInputs, heapGrowthMb: Math.round(heapGrowthMb) };
  const failure = atDoor.failed
    ? told("at the door", atDoor, requests, (request: HostileRequest) => shown(request))
    : atLanes.failed
      ? told("at the lanes", atLanes, requests, (input) => JSON.stringify(input))
      : heapGrowthMb * 2 ** 20 > HEAP_GROWTH_BYTES
        ? `the heap grew by ${Math.round(heapGrowthMb)} MB; again: ${command(seed, requests)}`
        : undefined;
  return failure === undefined ? result : { ...result, failure };
}

function told<T>(
  where: string,
  { counterexample, counterexamplePath, errorInstance, seed }: fc.RunDetails<[T]>,
  requests: number,
  show: (input: T) => string,
): string {
  const [input] = counterexample ?? [];
  const path = where === "at the door" && counterexamplePath !== null ? ` --path ${counterexamplePath}` : "";
  return [
    `${where}: ${errorInstance instanceof Error ? errorInstance.stack : String(errorInstance)}`,
    input === undefined ? "" : show(input).slice(0, 2_000),
    `again: ${command(seed, requests)}${path}`,
  ].join("\n");
}

function command(seed: number, requests: number): string {
  return `npm run fuzz -- --requests ${requests} --seed ${seed}`;
}

function shown({ body, ...request }: HostileRequest): string {
  return JSON.stringify({ ...request, body: Buffer.from(body.subarray(0, 1_500)).toString("latin1") });
}

/** Bytes in use after a collection; what nobody holds any more does not count. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
