import fc from "fast-check";
import { CLICK_ID_NAMES } from "../../src/core/click-ids.ts";
import { ACTION_SOURCES, type CanonicalEvent, EVENT_NAMES } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { gppString, tcString } from "./consent-strings.ts";
import { purchaseEvent } from "./events.ts";

/** When every arbitrary event happened, epoch ms. */
export const EVENT_TIME = purchaseEvent().event_time;

const texts = fc.oneof(
  fc.constantFrom(
    "jane@example.com",
    "a b",
    "@brand",
    "jane%2540example.com",
    "ü".repeat(120),
    "session start",
    "Purchase",
    "toString",
    "purchase",
  ),
  fc.string({ minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== ""),
);
const urls = fc.oneof(
  fc.constantFrom(
    "/thanks",
    "android-app://com.google.android.gm/",
    "HTTPS://shop.example.com/a b",
    "https://",
    "https://jane@example.com/?phone=0176123456",
  ),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  texts.map((text) => `https://shop.example.com/?q=${encodeURIComponent(text)}`),
);
const ips = fc.constantFrom("203.0.113.7", "10.0.0.1", "2001:db8::1", "::1");
const amounts = fc.constantFrom("149.85", "-3", "0", "0.1", "1234567.891234", "0.004", "99999999999");
const emails = fc.oneof(
  fc.constantFrom("Jane.Doe+shop@Gmail.com", "ada@lovelace.dev", "a".repeat(64), "jörg@münchen.de", "x@y"),
  texts,
);
const phones = fc.oneof(
  fc.constantFrom("+4915112345678", "0176 123456", "+1 (650) 555-0100", "+44 20 7946 0958", "123"),
  texts,
);
const names = fc.oneof(
  fc.constantFrom("Иван", "李", "O'Brien-Smith", "María José", "van der Berg, Jr.", "José", "- -", "محمد"),
  texts,
);
const cities = fc.oneof(
  fc.constantFrom("東京", "São Paulo", "St. John's", "Köln", "Bad Homburg v. d. H.", "!?"),
  texts,
);
const postalCodes = fc.oneof(
  fc.constantFrom("SW1A 1AA", "ec1v9hq", "K1A 0B1", "h0h0h0", "94025-1234", "94025", "10115", "1-0001"),
  texts,
);

// What a sender calls an id may be anything; the real forms make the branches that use them reachable.
const browserIds = {
  ga_client_id: ["1.2", "1234567890.1700000000"],
  fbp: ["fb.1.1700000000000.1234567890"],
  fbc: ["fb.1.1700000000000.IwAR2F4"],
  ttp: ["94e2a4j9-h3ss-j5tu-a8d5-k9j4h3g2f1d0", "2abcDEFghijKLMnop"],
  scid: ["4c8c0f2b-7f5a-4d8e-9d0c-1b2a3c4d5e6f"],
  rdt_uuid: ["1684189007728.7c73f1d4-2b1c-4d0c-9c57-2c1f0a4d5e6f", "7c73f1d4-2b1c-4d0c-9c57-2c1f0a4d5e6f"],
  uetvid: ["5b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e"],
  hubspotutk: ["a1b2c3d4e5f60718293a4b5c6d7e8f90"],
  obref: ["ob.1.1700000000.AbC-_9"],
};
const clickIdForms = [
  "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
  "dj0yJnU9",
  "a1b2c3d4-e5f6-7081-92a3",
];

const ids = (forms: readonly string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...forms) }, { weight: 1, arbitrary: texts });
const clickIds = fc.record(
  Object.fromEntries(
    CLICK_ID_NAMES.map((name) => [
      name,
      fc.record({
        value: ids(clickIdForms),
        seen_at: fc.integer({ min: EVENT_TIME - 100 * 86_400_000, max: EVENT_TIME }),
      }),
    ]),
  ),
  { requiredKeys: [] },
);
const answers = fc.constantFrom("granted" as const, "denied" as const);
const optional = { requiredKeys: [] };

const anyBrowserIds = fc.record(
  {
    ...Object.fromEntries(Object.entries(browserIds).map(([name, forms]) => [name, ids(forms)])),
    ga_sessions: fc.constantFrom({ "*": "1700000000" }, { ABC1234567: "1700000000" }),
  },
  optional,
);

const changes = fc.record(
  {
    event_name: fc.constantFrom(...EVENT_NAMES.filter((name) => name !== "custom" && name !== "identify")),
    action_source: fc.constantFrom(...ACTION_SOURCES),
    page: fc.record({ url: urls, referrer: urls, title: texts }, optional),
    app: fc.record(
      {
        platform: fc.constantFrom("ios", "android"),
        id: texts,
        store_id: fc.oneof(fc.constant("429047995"), texts),
        name: texts,
        version: texts,
        build: texts,
      },
      { requiredKeys: ["platform"] },
    ),
    device: fc.record(
      {
        os_version: texts,
        model: texts,
        locale: texts,
        timezone: texts,
        timezone_name: texts,
        advertising_id: fc.oneof(fc.constant("6D92078A-8246-4BA4-AE5B-76104861E7DC"), texts),
        vendor_id: fc.oneof(fc.constant("A1B2C3D4-0000-4111-8222-333344445555"), texts),
        advertising_tracking_allowed: fc.boolean(),
        application_tracking_allowed: fc.boolean(),
      },
      optional,
    ),
    user: fc.record(
      {
        user_id: texts,
        anonymous_id: texts,
        ip: ips,
        user_agent: texts,
        email: emails,
        phone: phones,
        email_sha256: fc.constant("a".repeat(64)),
        phone_sha256: fc.constant("b".repeat(64)),
        country: fc.constantFrom("DE", "US", "GB", "CA", "JP"),
        region: fc.oneof(fc.constantFrom("CA", "California", "BY"), texts),
        city: cities,
        postal_code: postalCodes,
        street: texts,
        first_name: names,
        last_name: names,
        gender: fc.constantFrom("m", "f"),
        date_of_birth: fc.constantFrom("1990-02-28", "2004-12-01"),
      },
      optional,
    ),
    browser_ids: anyBrowserIds,
    known: fc.record(
      {
        person_id: fc.constant("Zk2w0n3n4bqzOQk0xv1m5A"),
        user_id: texts,
        anonymous_id: texts,
        hashes: fc.constant(hashVariants({ email: "known@example.com", phone: "+14155550100" }, {}).hashes),
        contacts: fc.record({ email: fc.constant("known@example.com"), phone: fc.constant("+14155550100") }, optional),
        browser_ids: anyBrowserIds,
        click_ids: clickIds,
      },
      { requiredKeys: ["person_id"] },
    ),
    click_ids: clickIds,
    consent: fc.record(
      {
        limited_data_use: fc.boolean(),
        jurisdiction: fc.constantFrom("US-CA", "US-WY", "DE"),
        ad_storage: answers,
        ad_user_data: answers,
        ad_personalization: answers,
        analytics_storage: answers,
        tcf: fc.constantFrom(tcString({ purposes: [1, 3, 4, 7] }), "CPX"),
        gpp: fc.constantFrom(gppString({ 6: "1YYN" }), "DBA"),
        gpp_sid: fc.array(fc.constantFrom(-1, 6, 7), { maxLength: 2 }),
        us_privacy: fc.constantFrom("1YYN", "1YNN"),
      },
      optional,
    ),
    location: fc.record(
      { country: fc.constantFrom("US", "DE"), region: fc.constantFrom("CA", "BE") },
      { requiredKeys: ["country"] },
    ),
    order_id: texts,
    lead_id: fc.oneof(fc.constantFrom("1234567890123456", "L-1"), texts),
    value: amounts,
    currency: fc.constantFrom("EUR", "USD", "JPY", "KWD"),
    tax: amounts,
    shipping: amounts,
    discount: amounts,
    coupon: texts,
    payment_type: texts,
    method: texts,
    properties: fc.record({
      constructor: texts,
      coupon_text: texts,
      size: fc.oneof(texts, fc.integer()),
      cart_id: texts,
      cancel_reason: texts,
      purchased_at: fc.integer({ min: EVENT_TIME - 200 * 86_400_000, max: EVENT_TIME + 86_400_000 }),
    }),
    search_term: texts,
    items: fc.array(
      fc.record(
        {
          id: texts,
          name: texts,
          brand: texts,
          category: texts,
          variant: texts,
          price: amounts,
          quantity: fc.constantFrom(1, 0.5, 0, 1000),
          discount: amounts,
          index: fc.nat(5),
        },
        optional,
      ),
      { maxLength: 3 },
    ),
  },
  optional,
);

/** Events as enrich leaves them, of every name and with anything in every field: what a lane has to cope with. */
export const arbitraryEvents: fc.Arbitrary<CanonicalEvent> = fc
  .tuple(changes, fc.option(texts, { nil: undefined, freq: 6 }), fc.uuid())
  .map(([change, custom, id]) => {
    const event = { ...purchaseEvent(change as Partial<CanonicalEvent>), event_id: id };
    const { hashes, phoneE164 } = hashVariants(event.user, { defaultCountry: "DE" });
    return {
      ...event,
      hashes,
      ...(phoneE164 === undefined ? {} : { phone_e164: phoneE164 }),
      ...(custom === undefined ? {} : { event_name: "custom" as const, custom_name: custom }),
    };
  });
