import type { CanonicalEvent } from "../src/core/event.ts";
import type { LaneEventRules } from "../src/core/event-rules.ts";

/** A lane of each platform that is compared: enough settings for a purchase to go out. */
export const MAPPING_LANES: Readonly<
  Record<string, LaneEventRules & { settings: unknown; credentials: Readonly<Record<string, string>> }>
> = {
  meta: { settings: { datasetId: "1234567890" }, credentials: { accessToken: "token" } },
  ga4: { settings: { measurementId: "G-ABC1234567" }, credentials: { apiSecret: "secret" } },
  tiktok: { settings: { pixelCode: "C4ABCDEFGH1234567890" }, credentials: { accessToken: "token" } },
  pinterest: {
    settings: { adAccountId: "549755885175" },
    credentials: { conversionToken: "token", accessToken: "token" },
  },
  snapchat: { settings: { pixelId: "11111111-2222-3333-4444-555555555555" }, credentials: { accessToken: "token" } },
  linkedin: {
    settings: {},
    credentials: { accessToken: "token" },
    events: { purchase: { name: "789123" } },
  },
  reddit: { settings: { pixelId: "a2_abcdefgh" }, credentials: { accessToken: "token" } },
};

/** A web purchase with everything that the browser's and the shop's side know of a person. */
export function fullPurchase(now: number): CanonicalEvent {
  return {
    schema_version: 1,
    event_id: "ord-10001",
    event_id_origin: "given",
    event_name: "purchase",
    event_time: now - 5000,
    received_at: now - 4000,
    source: { id: "web", kind: "browser", dialect: "tracklayer", dedup_scope: "shop" },
    action_source: "website",
    page: {
      url: "https://shop.example.com/thank-you?order=10001",
      referrer: "https://shop.example.com/checkout",
      title: "Thank you",
    },
    click_ids: {
      fbclid: { value: "IwAR2x_AbC-123dEf", seen_at: now - 100_000 },
      ttclid: { value: "E.C.P.AbC123dEf456", seen_at: now - 100_000 },
      epik: { value: "dj0yJnU9AbC123", seen_at: now - 100_000 },
      ScCid: { value: "e4b1c1f2-AbC", seen_at: now - 100_000 },
      rdt_cid: { value: "3184742045291813272", seen_at: now - 100_000 },
      li_fat_id: { value: "71ed0e38-28e4-4a68-8cc1-cf5ecbaa4f7f", seen_at: now - 100_000 },
    },
    browser_ids: { fbp: "fb.1.1786000000000.1098115397", ga_client_id: "1234567890.1700000000" },
    user: {
      user_id: "user-00042",
      email: "Val.OConnor+Shop@Gmail.com",
      phone: "+1 (650) 555-1212",
      first_name: "Valéry",
      last_name: "O'Connor",
      gender: "f",
      date_of_birth: "1990-07-04",
      city: "San Francisco",
      region: "CA",
      postal_code: "94103",
      country: "US",
      ip: "203.0.113.7",
      user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0",
    },
    consent: { ad_storage: "granted", ad_user_data: "granted", analytics_storage: "granted" },
    order_id: "10001",
    value: "129.9",
    currency: "USD",
    items: [
      { id: "SKU-1", name: "Blue Mug", category: "Kitchen", brand: "Acme", price: "49.95", quantity: 2 },
      { id: "SKU-2", name: "Tea Towel", category: "Kitchen", brand: "Acme", price: "30", quantity: 1 },
    ],
  };
}
