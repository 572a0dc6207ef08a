/**
 * `npm run demo`: a shop's afternoon, sent to the running local stack. Browser and server copies of the same purchase,
 * SDK retries, refusals of consent, returning visitors, a broken tag. Ends with what the platforms counted.
 */
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Analytics } from "@segment/analytics-node";
import { loadConfig } from "./load-config.ts";
import { explained, type LocalState, readLocalState } from "./local-state.ts";

const { local, shoppers } = begin();
const browserKey = keyOf("shop-web");
const serverKey = keyOf("shop-server");
const segment = new Analytics({ writeKey: serverKey, host: local.apiUrl, flushAt: 1 });
const tally = { requests: 0, accepted: 0, rejected: 0 };
const purchases = new Set<string>();

/** Reads the command line and finds the running stack. */
function begin(): { local: LocalState; shoppers: number } {
  try {
    const { values } = parseArgs({
      options: { shoppers: { type: "string", default: "12" }, directory: { type: "string" } },
    });
    const shoppers = Number(values.shoppers);
    if (!Number.isInteger(shoppers) || shoppers < 1 || shoppers > 5000) {
      throw new Error(`--shoppers: a whole number from 1 to 5000, got ${values.shoppers}`);
    }
    return { local: readLocalState(values.directory), shoppers };
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

const CATALOGUE = [
  { id: "MUG-BLUE", name: "Blue mug", price: "14.50" },
  { id: "TEA-GREEN", name: "Grüner Tee 🍵", price: "8.90" },
  { id: "KETTLE-1L", name: "Kettle, 1 l", price: "49.00" },
] as const;
const FIRST_NAMES = ["Ana", "Valéry", "Noor", "Mary Jane", "Øystein", "정", "שרה"] as const;
const LAST_NAMES = ["Keller", "O'Connor", "Ben-David", "de la Cruz", "Yılmaz"] as const;
const COUNTRIES = ["US", "US", "DE", "GB", "FR", "CA"] as const;

function pick<T>(list: readonly T[]): T {
  return list[randomInt(list.length)] as T;
}

interface Shopper {
  anonymousId: string;
  email: string;
  firstName: string;
  lastName: string;
  country: string;
  ip: string;
  cookies: Record<string, string>;
  landing: string;
  consent: Record<string, string>;
}

function newShopper(n: number): Shopper {
  const born = Math.floor(Date.now() / 1000) - randomInt(1, 40) * 86_400;
  const country = pick(COUNTRIES);
  const answer = n % 5 === 4 ? "denied" : "granted";
  const firstName = pick(FIRST_NAMES);
  return {
    anonymousId: randomUUID(),
    email: `shopper.${n}.${randomInt(1e6)}@example.com`,
    firstName,
    lastName: pick(LAST_NAMES),
    country,
    ip: `198.51.100.${(n % 250) + 1}`,
    cookies: { _ga: `GA1.1.${randomInt(1e9)}.${born}`, _fbp: `fb.1.${born * 1000}.${randomInt(1e9)}` },
    landing: `https://shop.example.com/?utm_source=meta&fbclid=IwAR${randomUUID().replaceAll("-", "")}`,
    consent: { ad_storage: answer, ad_user_data: answer, ad_personalization: answer, analytics_storage: answer },
  };
}

/** What the shop's page would send with the public key. */
async function fromBrowser(shopper: Shopper, events: readonly Record<string, unknown>[]): Promise<void> {
  await post(
    browserKey,
    events.map((event) => ({
      cookies: shopper.cookies,
      consent: shopper.consent,
      ...event,
      user: { anonymous_id: shopper.anonymousId, country: shopper.country, ...(event.user as object | undefined) },
    })),
    {
      origin: "https://shop.example.com",
      "user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
      "x-forwarded-for": shopper.ip,
    },
  );
}

async function post(key: string, events: readonly unknown[], headers: Record<string, string> = {}): Promise<void> {
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

async function visit(shopper: Shopper, n: number): Promise<void> {
  const product = pick(CATALOGUE);
  const quantity = randomInt(1, 4);
  const value = (Number(product.price) * quantity).toFixed(2);
  const orderId = `D${Date.now().toString(36)}${n}`;
  const items = [{ ...product, quantity }];
  await fromBrowser(shopper, [
    { event_name: "page_view", page: { url: shopper.landing, title: "Shop" } },
    { event_name: "view_item", value: product.price, currency: "EUR", items: [{ ...product, quantity: 1 }] },
    { event_name: "add_to_cart", value, currency: "EUR", items },
    { event_name: "begin_checkout", value, currency: "EUR", items },
  ]);
  if (n % 3 === 2) return; // the cart is abandoned

  const purchase = {
    event_name: "purchase",
    event_id: `purchase-${orderId}`,
    order_id: orderId,
    value,
    currency: "EUR",
    items,
    page: { url: `https://shop.example.com/thanks?order=${orderId}` },
  };
  purchases.add(purchase.event_id);
  await fromBrowser(shopper, [purchase]);
  // The page is reloaded: the browser tag fires again.
  if (n % 4 === 0) await fromBrowser(shopper, [purchase]);

  // The shop's back end knows the person, not the browser. It speaks through Segment's SDK, with the same event id.
  const context = { consent: undefined, traits: { email: shopper.email } };
  segment.identify({
    userId: `customer-${n}`,
    anonymousId: shopper.anonymousId,
    traits: {
      email: shopper.email,
      firstName: shopper.firstName,
      lastName: shopper.lastName,
      address: { country: shopper.country },
    },
  });
  segment.track({
    event: "Order Completed",
    messageId: `purchase-${orderId}`,
    userId: `customer-${n}`,
    anonymousId: shopper.anonymousId,
    properties: {
      order_id: orderId,
      revenue: value,
      currency: "EUR",
      products: [{ product_id: product.id, name: product.name, price: Number(product.price), quantity }],
    },
    context,
  });
}

async function main(): Promise<void> {
  const before = await conversions();
  console.log(`sending ${shoppers} shoppers to ${local.apiUrl}`);
  for (let n = 0; n < shoppers; n += 1) await visit(newShopper(n), n);

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
