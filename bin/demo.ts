/**
 * `npm run demo`: a shop's afternoon, sent to the running local stack. Browser and server copies of the same purchase,
 * SDK retries, refusals of consent, returning visitors, a broken tag. Ends with what the platforms counted.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Analytics } from "@segment/analytics-node";
import { type DemoShopPorts, visitDemoShop } from "./demo-shop.ts";
import { loadConfig } from "./load-config.ts";
import { explained, LOCAL_DIRECTORY, type LocalState, readLocalState } from "./local-state.ts";
import { readOptions } from "./script-options.ts";

const { local, shoppers } = begin();
const browserKey = keyOf("shop-web");
const serverKey = keyOf("shop-server");
const segment = new Analytics({ writeKey: serverKey, host: local.apiUrl, flushAt: 1 });
const tally = { requests: 0, accepted: 0, rejected: 0 };
const purchases = new Set<string>();

/** Reads the command line and finds the running stack. */
function begin(): { local: LocalState; shoppers: number } {
  const values = readOptions({
    command: "npm run demo --",
    about: "Sends a shop's afternoon to the running local stack, and tells what the platforms counted.",
    options: {
      shoppers: { type: "string", default: "12", value: "N", from: 1, to: 5_000, help: "visitors, 1 to 5000" },
      directory: { type: "string", default: LOCAL_DIRECTORY, value: "DIR", help: "of the local stack" },
    },
  });
  try {
    return { local: readLocalState(values.directory), shoppers: Number(values.shoppers) };
  } catch (error) {
    return giveUp(error);
  }
}

function giveUp(error: unknown): never {
  console.error(explained(error).message);
  process.exit(1);
}

function keyOf(source: string): string {
  const key = local.keys[source];
  if (key === undefined) giveUp(new Error(`the demo needs a source "${source}" in tracklayer.config.ts`));
  return key;
}

async function post(
  key: string,
  events: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(`${local.apiUrl}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({ events }),
  });
  tally.requests += 1;
  const answer = (await response.json()) as { accepted?: number; rejected?: number; message?: string };
  if (!response.ok) throw new Error(`the stack answered ${response.status}: ${answer.message ?? "no reason given"}`);
  tally.accepted += answer.accepted ?? 0;
  tally.rejected += answer.rejected ?? 0;
}

async function main(): Promise<void> {
  const before = await conversions();
  console.log(`sending ${shoppers} shoppers to ${local.apiUrl}`);
  const shop: DemoShopPorts = { fromBrowser: (events, headers) => post(browserKey, events, headers), backEnd: segment };
  for (let n = 0; n < shoppers; n += 1) {
    const purchase = await visitDemoShop(n, shop);
    if (purchase !== undefined) purchases.add(purchase);
  }

  // A broken tag: one good event between bad ones.
  await post(serverKey, [
    { event_name: "purchase", value: "12,50", currency: "EUR", order_id: "BROKEN-1" },
    {
      event_name: "lead",
      lead_id: `L${Date.now()}`,
      value: 40,
      currency: "EUR",
      user: { email: "lead@example.com", country: "US" },
    },
    { event_name: "purchase", value: "NaN", currency: "EURO" },
  ]);
  await segment.closeAndFlush({ timeout: 10_000 });

  console.log(`${tally.requests} requests of our own: ${tally.accepted} events accepted, ${tally.rejected} rejected`);
  console.log(
    `and the back end's copies through Segment's SDK. ${purchases.size} orders in all. Waiting for the lanes`,
  );
  const after = await settled();
  for (const [platform, count] of Object.entries(after)) {
    console.log(`  ${platform.padEnd(14)} ${count - (before[platform] ?? 0)} events counted`);
  }
  console.log(
    "Refused consent, a missing client id, a broken field or a stopped lane keeps the others away; trace says which:",
  );
  console.log(`  npx tracklayer trace ${[...purchases][0]}`);
}

interface SandboxCounts {
  readonly platforms: Readonly<
    Record<string, { readonly requests: number; readonly events: { readonly counted: number } }>
  >;
}

/** Events that each platform of the sandbox counted so far; most of the platforms hear nothing of this config. */
async function conversions(): Promise<Record<string, number>> {
  const answer = await fetch(`${local.sandboxUrl}/_sandbox/counts`);
  const { platforms } = (await answer.json()) as SandboxCounts;
  const asked = Object.entries(platforms).filter(([, { requests }]) => requests > 0);
  return Object.fromEntries(asked.map(([platform, { events }]) => [platform, events.counted]));
}

/** The counts once they stand still for longer than lanes gather a batch and copies wait for each other, or after a minute more. */
async function settled(): Promise<Record<string, number>> {
  const waitSeconds = (await loadConfig()).merge?.windowSeconds ?? 0;
  let counts = await conversions();
  for (let still = 0, rounds = 0; still < 8 + waitSeconds && rounds < 60 + waitSeconds; rounds += 1) {
    await sleep(1000);
    const now = await conversions();
    still = JSON.stringify(now) === JSON.stringify(counts) ? still + 1 : 0;
    counts = now;
  }
  return counts;
}

await main().catch(giveUp);
