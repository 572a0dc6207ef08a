import type { CanonicalEvent } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { GRANTED } from "./consent-answers.ts";

const AT = Date.UTC(2026, 10, 23, 12);

/** A browser purchase as ingest puts it on the queue; `changes` replaces whole top-level fields. */
export function purchaseEvent(changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return {
    schema_version: 1,
    event_id: "order-100017",
    event_id_origin: "order_id",
    event_name: "purchase",
    event_time: AT,
    received_at: AT + 400,
    source: {
      id: "web",
      kind: "browser",
      dialect: "segment",
      dedup_scope: "shop",
      library: "analytics.js/next-1.77.0",
    },
    action_source: "website",
    page: { url: "https://shop.example.com/thanks" },
    user: {
      user_id: "u-1",
      anonymous_id: "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a",
      email: "ada@lovelace.dev",
      phone: "+4915112345678",
      country: "DE",
      ip: "203.0.113.7",
      user_agent: "Mozilla/5.0",
    },
    browser_ids: { fbp: "fb.1.1700000000000.1234567890", ga_client_id: "123456.1700000000" },
    consent: { ...GRANTED },
    order_id: "100017",
    value: "149.85",
    currency: "EUR",
    items: [{ id: "sku-1", price: "49.95", quantity: 3 }],
    ...changes,
  };
}

/** The same with `hashes`, as the identity graph takes it. */
export function hashedEvent(changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const event = purchaseEvent(changes);
  return { ...event, hashes: hashVariants(event.user, { defaultCountry: "DE" }).hashes };
}
