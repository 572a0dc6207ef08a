import fc from "fast-check";
import { judgeGa4 } from "../../packages/sandbox/src/ga4.ts";
import { judgeMeta } from "../../packages/sandbox/src/meta.ts";
import type { PlatformRequest } from "../../packages/sandbox/src/model.ts";
import type { DeliveryContext, Destination } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { ga4 } from "../../src/destinations/ga4.ts";
import { meta } from "../../src/destinations/meta.ts";
import { hashedEvent } from "../support/events.ts";

// What a lane does not skip, its platform takes: one refused event fails a whole request at Meta, and at GA4 is lost
// without a word.

const AT = hashedEvent().event_time;

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

const changes = fc.record(
  {
    event_name: fc.constantFrom("purchase", "refund", "search", "lead", "subscribe", "page_view"),
    action_source: fc.constantFrom("website", "app", "system_generated", "physical_store"),
    page: fc.record({ url: urls, referrer: urls, title: texts }, { requiredKeys: [] }),
    app: fc.record({ platform: fc.constantFrom("ios", "android") }),
    device: fc.record({ os_version: texts, model: texts }, { requiredKeys: [] }),
    user: fc.record(
      {
        user_id: texts,
        anonymous_id: texts,
        ip: ips,
        user_agent: texts,
        email: texts,
        phone: texts,
        country: fc.constantFrom("DE", "US"),
        region: texts,
        city: texts,
        first_name: texts,
      },
      { requiredKeys: [] },
    ),
    browser_ids: fc.record({ ga_client_id: fc.constant("1.2"), fbp: texts, fbc: texts }, { requiredKeys: [] }),
    consent: fc.record(
      {
        limited_data_use: fc.boolean(),
        jurisdiction: fc.constantFrom("US-CA", "US-WY", "DE"),
        ad_user_data: fc.constantFrom("granted", "denied"),
      },
      { requiredKeys: [] },
    ),
    order_id: texts,
    value: fc.constantFrom("149.85", "-3", "0"),
    currency: fc.constantFrom("EUR", "JPY"),
    coupon: texts,
    properties: fc.record({ constructor: texts, coupon_text: texts, size: fc.oneof(texts, fc.integer()) }),
    search_term: texts,
    items: fc.array(
      fc.record(
        { id: texts, name: texts, price: fc.constantFrom("1.5", "0"), quantity: fc.constantFrom(1, 0.5) },
        { requiredKeys: [] },
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);
const events = fc.tuple(changes, fc.option(texts, { nil: undefined })).map(([change, custom]) => {
  const event = hashedEvent(change as Partial<CanonicalEvent>);
  return custom === undefined ? event : { ...event, event_name: "custom" as const, custom_name: custom };
});

function context(settings: unknown): DeliveryContext<unknown> {
  return {
    lane: "lane",
    settings,
    credentials: { accessToken: "EAAtoken", apiSecret: "s" },
    now: AT + 60_000,
    testMode: false,
    eventNames: { subscribe: "Purchase" },
  };
}

function sent(destination: Destination, event: CanonicalEvent, settings: unknown): PlatformRequest | undefined {
  const lane = context(destination.settings.parse(settings));
  if (destination.skipReason(event, lane) !== undefined) return undefined;
  const { method, url, headers, body } = destination.buildRequest([event], lane);
  const { hostname, pathname, searchParams } = new URL(url);
  return { method, host: hostname, path: pathname, query: searchParams, headers, body };
}

test.each(["skip", "other"])("Meta takes whatever its lane sends, incompleteWebsite %s", (incompleteWebsite) => {
  fc.assert(
    fc.property(events, (event) => {
      const request = sent(meta as Destination, event, { datasetId: "1234567890", incompleteWebsite });
      if (request === undefined) return;
      const { problems } = judgeMeta(request, AT + 60_000, { strict: true, rejectEventIds: [] }).events[0] ?? {};
      expect(problems).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("GA4 keeps whatever its lane sends", () => {
  fc.assert(
    fc.property(events, (event) => {
      const settings = {
        measurementId: "G-ABC1234567",
        clientIdFallback: "anonymous_id",
        userProvidedData: true,
        eventParameters: ["constructor", "coupon_text", "size"],
      };
      const request = sent(ga4 as Destination, event, settings);
      if (request === undefined) return;
      const { problems } = judgeGa4(request, AT + 60_000, { rejectEventIds: [] }).events[0] ?? {};
      expect(problems).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
