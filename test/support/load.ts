import type { Platform } from "../../packages/sandbox/src/model.ts";
import { eventually, type RunningApp } from "./running-app.ts";
import { sandboxControl } from "./sandbox-control.ts";

/** A run of purchases at full speed. */
export interface Load {
  events: number;
  /** Share of the events that a second, concurrent request carries again, 0 to 1. */
  duplicateShare: number;
  eventsPerRequest: number;
  concurrency: number;
  /** How long to wait for the last delivery, ms. */
  withinMs: number;
  /** Told now and then how far it is. */
  onProgress?: (delivered: Readonly<Record<string, number>>) => void;
}

/** What became of it. Ids are event ids. */
export interface LoadResult {
  accepted: number;
  /** Per platform: ids that never arrived, and ids that counted more than once. */
  missing: Record<string, string[]>;
  doubled: Record<string, string[]>;
  /** From the first request to the last answer of ingest, and to the last delivery, ms. */
  ingestMs: number;
  totalMs: number;
  /** Resident memory of the process, MB: before, at most, and after. */
  memoryMb: { before: number; peak: number; after: number };
}

const PLATFORMS: readonly Platform[] = ["meta", "ga4", "webhook"];
let runs = 0;

/** Sends the load, waits until each platform has every event, and compares by id. */
export async function runLoad(app: RunningApp, load: Load): Promise<LoadResult> {
  runs += 1;
  const run = `load-${process.pid}-${runs}`;
  const ids = Array.from({ length: load.events }, (_, n) => `${run}-${n}`);
  const repeated = ids.slice(0, Math.round(load.events * load.duplicateShare));
  const requests = shuffledTogether(chunk(ids, load.eventsPerRequest), chunk(repeated, load.eventsPerRequest));

  const sandbox = sandboxControl(app.sandboxUrl);
  const countedBefore = await sandbox.counted();
  const before = await app.memoryMb();
  let peak = before;
  const started = performance.now();
  let accepted = 0;
  await inParallel(requests, load.concurrency, async (batch) => {
    const { status, body } = await app.post(batch.map(purchase));
    if (status !== 202) throw new Error(`ingest answered ${status}: ${JSON.stringify(body)}`);
    accepted += body.accepted ?? 0;
    peak = Math.max(peak, await app.memoryMb());
  });
  const ingestMs = performance.now() - started;

  const count = async (platform: Platform) => {
    const all = await sandbox.deliveries(platform);
    return new Map(all.filter((one) => one.event_id.startsWith(`${run}-`)).map((one) => [one.event_id, one.counted]));
  };
  await eventually(
    `${load.events} events at each of ${PLATFORMS.join(", ")}`,
    async (tell) => {
      const counted = await sandbox.counted();
      const delivered = PLATFORMS.map((platform) => (counted[platform] ?? 0) - (countedBefore[platform] ?? 0));
      tell(delivered.join(", "));
      peak = Math.max(peak, await app.memoryMb());
      load.onProgress?.(Object.fromEntries(PLATFORMS.map((platform, n) => [platform, delivered[n] ?? 0])));
      return delivered.every((events) => events >= load.events);
    },
    load.withinMs,
  ).catch((error: unknown) => error); // the result says what is missing, by id
  const totalMs = performance.now() - started;

  const result: LoadResult = {
    accepted,
    missing: {},
    doubled: {},
    ingestMs,
    totalMs,
    memoryMb: { before, peak, after: await app.memoryMb() },
  };
  for (const platform of PLATFORMS) {
    const counted = await count(platform);
    result.missing[platform] = ids.filter((id) => !counted.has(id));
    result.doubled[platform] = ids.filter((id) => (counted.get(id) ?? 0) > 1);
  }
  return result;
}

/** A purchase with everything the three platforms ask for; ten orders a person, by the number at the end of the id. */
export function purchase(id: string): Record<string, unknown> {
  const n = Number(id.slice(id.lastIndexOf("-") + 1));
  const person = Math.floor(n / 10);
  return {
    event_name: "purchase",
    event_id: id,
    order_id: id,
    value: "49.90",
    currency: "EUR",
    page: { url: `https://shop.example.com/thanks?order=${id}` },
    browser_ids: { ga_client_id: `${1_000_000 + person}.1700000000`, fbp: `fb.1.1700000000000.${1_000_000 + person}` },
    user: {
      user_id: `customer-${person}`,
      email: `customer-${person}@example.com`,
      country: "US",
      ip: "198.51.100.7",
      user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    },
    items: [{ id: "MUG-BLUE", name: "Blue mug", price: "24.95", quantity: 2 }],
  };
}

function chunk<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
}

/** The repeats right behind their originals, so that both are on the way at the same time. */
function shuffledTogether<T>(originals: readonly T[], repeats: readonly T[]): T[] {
  return originals.flatMap((original, n) => {
    const repeat = repeats[n];
    return repeat === undefined ? [original] : [original, repeat];
  });
}

async function inParallel<T>(list: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = list[next++]; item !== undefined; item = list[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
