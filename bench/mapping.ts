import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import type { DeliveryContext, Destination } from "../src/core/destination.ts";
import type { CanonicalEvent } from "../src/core/event.ts";
import { hashVariants } from "../src/core/hash-variants.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";
import { fullPurchase, MAPPING_LANES } from "./mapping-lanes.ts";
import { type SegmentMappers, segmentMappers } from "./rivals/segment.ts";
import { table } from "./table.ts";

const ROUNDS = 15;
/** How long each side runs in a round, ms: long enough for the timer, short enough that both meet the same machine. */
const SLICE_MS = 40;

/**
 * Events a second of mapping, hashing and serialising one purchase with full identity, on one core, beside
 * `@segment/action-destinations` for the same platform and beside the bare SHA-256 digests and `JSON.stringify` of the
 * same body. They take turns in short slices, so that a noisy machine meets all of them; ratios are medians. What Segment is measured at is in `rivals/segment.ts`.
 */
export async function measureMapping(): Promise<string> {
  installRivals();
  const rivals = await segmentMappers();
  const rows: Record<string, string | number>[] = [];
  for (const [id, rival] of Object.entries(rivals)) {
    const destination = DESTINATIONS[id];
    const lane = MAPPING_LANES[id];
    if (destination === undefined || lane === undefined) throw new Error(`no destination ${id} to compare with`);
    rows.push(await compare(id, ourMapping(destination, lane), rival));
  }
  return `Mapping, hashing and serialising a purchase with full identity (one core, medians of ${ROUNDS} rounds)\n\n${table(rows)}\n`;
}

function installRivals(): void {
  const folder = resolve(import.meta.dirname, "rivals");
  if (existsSync(join(folder, "node_modules"))) return;
  console.log("Installing @segment/action-destinations beside the benchmark (once, about 100 MB) ...");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`npm ci in ${folder} failed`);
}

/** What an event costs here: e-mail and phone hashed under every rule, as enrich does, then the platform's request. */
function ourMapping(
  destination: Destination,
  lane: Pick<DeliveryContext<unknown>, "credentials"> & { settings: unknown; events?: object },
) {
  const settings = destination.settings.parse(lane.settings);
  const context: DeliveryContext<unknown> = {
    lane: destination.id,
    testMode: false,
    now: Date.now(),
    ...lane,
    settings,
  };
  return (event: CanonicalEvent): string => {
    const { hashes } = hashVariants(event.user, {});
    const hashed = { ...event, hashes };
    const skip = destination.skipReason(hashed, context);
    if (skip !== undefined) throw new Error(`${destination.id} skips the purchase: ${skip.detail}`);
    return destination.buildRequest([hashed], context).body;
  };
}

async function compare(
  id: string,
  ours: (event: CanonicalEvent) => string,
  rival: SegmentMappers,
): Promise<Record<string, string | number>> {
  const event = fullPurchase(Date.now());
  const body = ours(event);
  const bare = bareCost(body, event);
  const rates: Record<"ours" | "segment" | "performOnly" | "bare", number[]> = {
    ours: [],
    segment: [],
    performOnly: [],
    bare: [],
  };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const measured = {
      ours: rateOf(() => ours(event)),
      segment: await asyncRateOf(rival.whole),
      performOnly: await asyncRateOf(rival.performOnly),
      bare: rateOf(bare),
    };
    // The first round warms all of them up.
    if (round > 0)
      for (const side of ["ours", "segment", "performOnly", "bare"] as const) rates[side].push(measured[side]);
  }
  const ratio = (a: readonly number[], b: readonly number[]) => median(a.map((rate, n) => rate / (b[n] ?? Number.NaN)));
  return {
    destination: id,
    "events/s": Math.round(median(rates.ours)),
    "Segment events/s": Math.round(median(rates.segment)),
    "times Segment": ratio(rates.ours, rates.segment),
    "times its perform alone": ratio(rates.ours, rates.performOnly),
    "cost, times bare digests + JSON": ratio(rates.bare, rates.ours),
    digests: digestsOf(body, event),
  };
}

/** The digests that the event needs, computed from texts of their usual length, and the body serialised: nothing else. */
function bareCost(body: string, event: CanonicalEvent): () => string {
  const texts = Array.from({ length: digestsOf(body, event) }, (_, index) => `person-${index}@example.com`);
  const parsed: unknown = JSON.parse(body);
  return () => {
    for (const text of texts) hash("sha256", text, "hex");
    return JSON.stringify(parsed);
  };
}

/** Digests of e-mail and phone under the rules of all platforms, which are made once for all lanes, and the body's own. */
function digestsOf(body: string, event: CanonicalEvent): number {
  const contacts = Object.values(hashVariants(event.user, {}).hashes);
  return new Set([...contacts, ...(body.match(/[0-9a-f]{64}/g) ?? [])]).size;
}

function rateOf(run: () => unknown): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < SLICE_MS) {
    for (let n = 0; n < 20; n += 1) run();
    count += 20;
  }
  return (count * 1000) / (performance.now() - start);
}

async function asyncRateOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < SLICE_MS) {
    for (let n = 0; n < 20; n += 1) await run();
    count += 20;
  }
  return (count * 1000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
