import { randomInt, randomUUID } from "node:crypto";
import type { Analytics } from "@segment/analytics-node";

/** Where the demo's shop reports to. Its back end speaks through Segment's SDK, as a shop that has it already would. */
export interface DemoShopPorts {
  /** A request of the shop's page, with the public key. */
  fromBrowser(events: readonly object[], headers: Readonly<Record<string, string>>): Promise<void>;
  readonly backEnd: Pick<Analytics, "identify" | "track">;
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

function newShopper(n: number) {
  const born = Math.floor(Date.now() / 1000) - randomInt(1, 40) * 86_400;
  const answer = n % 5 === 4 ? "denied" : "granted";
  return {
    anonymousId: randomUUID(),
    email: `shopper.${n}.${randomInt(1e6)}@example.com`,
    firstName: pick(FIRST_NAMES),
    lastName: pick(LAST_NAMES),
    country: pick(COUNTRIES),
    ip: `198.51.100.${(n % 250) + 1}`,
    cookies: { _ga: `GA1.1.${randomInt(1e9)}.${born}`, _fbp: `fb.1.${born * 1000}.${randomInt(1e9)}` },
    landing: `https://shop.example.com/?utm_source=meta&fbclid=IwAR${randomUUID().replaceAll("-", "")}`,
    consent: { ad_storage: answer, ad_user_data: answer, ad_personalization: answer, analytics_storage: answer },
  };
}

/**
 * The visit of shopper number `n`: each third one leaves the cart, each fifth one refuses consent, and each fourth
 * reloads the page of thanks. Answers the event id of the purchase; undefined without one.
 */
export async function visitDemoShop(n: number, { backEnd, fromBrowser }: DemoShopPorts): Promise<string | undefined> {
  const shopper = newShopper(n);
  const { anonymousId, consent, cookies, country, email } = shopper;
  const product = pick(CATALOGUE);
  const quantity = randomInt(1, 4);
  const value = (Number(product.price) * quantity).toFixed(2);
  const orderId = `D${Date.now().toString(36)}${n}`;
  const items = [{ ...product, quantity }];
  const report = (...events: readonly object[]) =>
    fromBrowser(
      events.map((event) => ({ cookies, consent, ...event, user: { anonymous_id: anonymousId, country } })),
      {
        origin: "https://shop.example.com",
        "user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
        "x-forwarded-for": shopper.ip,
      },
    );
  await report(
    { event_name: "page_view", page: { url: shopper.landing, title: "Shop" } },
    { event_name: "view_item", value: product.price, currency: "EUR", items: [{ ...product, quantity: 1 }] },
    { event_name: "add_to_cart", value, currency: "EUR", items },
    { event_name: "begin_checkout", value, currency: "EUR", items },
  );
  if (n % 3 === 2) return undefined; // the cart is abandoned

  const purchase = {
    event_name: "purchase",
    event_id: `purchase-${orderId}`,
    order_id: orderId,
    value,
    currency: "EUR",
    items,
    page: { url: `https://shop.example.com/thanks?order=${orderId}` },
  };
  await report(purchase);
  // The page is reloaded: the browser tag fires again.
  if (n % 4 === 0) await report(purchase);

  // The shop's back end knows the person, not the browser: the same event id, and what was typed at the checkout.
  const userId = `customer-${n}`;
  backEnd.identify({
    userId,
    anonymousId,
    traits: { email, firstName: shopper.firstName, lastName: shopper.lastName, address: { country } },
  });
  backEnd.track({
    event: "Order Completed",
    messageId: purchase.event_id,
    userId,
    anonymousId,
    properties: {
      order_id: orderId,
      revenue: value,
      currency: "EUR",
      products: [{ product_id: product.id, name: product.name, price: Number(product.price), quantity }],
    },
    context: { consent: undefined, traits: { email } },
  });
  return purchase.event_id;
}
