import { EVENT_NAMES } from "../../src/core/event.ts";
import type { LaneEventRules } from "../../src/core/event-rules.ts";

/** How the any-event test drives a destination: it does not know which settings change what is sent. */
interface DestinationSample {
  /** Every variant that makes the request another one; together they should reach each of its branches. */
  readonly settings: readonly unknown[];
  /**
   * A secret whose fields are all there, with values that the sandbox takes; with `accessToken` too where the pipeline
   * fetches one.
   */
  readonly credentials: Readonly<Record<string, string>>;
  /** Names or rule ids, for platforms that know events only by what an account calls them. */
  readonly events?: LaneEventRules;
  /** True where a request holds one row per person, whatever number of their events. */
  readonly mayFold?: true;
}

/** One entry per destination, in the order of the alphabet; a drift test keeps the ids equal to the registry's. */
export const SAMPLES: Readonly<Record<string, DestinationSample>> = {
  "amazon-ads": {
    settings: [
      {
        region: "NA",
        accountId: "590500000000000001",
        country: "US",
        attributes: { attr1: "coupon_text", brand: "size" },
      },
      { region: "EU", accountId: "amzn1.ads-account.g.abc123", dataSet: "web_events", eventIds: "as_given" },
    ],
    credentials: { clientId: "client", clientSecret: "secret", refreshToken: "refresh", accessToken: "token" },
    events: { events: { subscribe: { name: "OFF_AMAZON_PURCHASES" }, view_item_list: { name: "OTHER" } } },
  },
  braze: {
    settings: [
      { cluster: "US-06" },
      {
        cluster: "EU-01",
        ecommerce: "legacy",
        anonymousAlias: "visitor",
        appId: "11ae5b4b-2445-4440-a04f-bf537764c9ad",
        attributes: ["email", "phone", "name", "date_of_birth", "gender", "address", "google_consent"],
      },
      { cluster: "JP-01", attributes: ["email", "phone"], existingProfilesOnly: true, anonymousAlias: "visitor" },
    ],
    credentials: { apiKey: "braze-key" },
    events: {
      events: {
        page_view: { name: "Viewed Page" },
        view_cart: { name: "ecommerce.cart_updated" },
        contact: { name: "ecommerce.order_cancelled" },
      },
    },
  },
  awin: {
    settings: [
      { advertiserId: "15758", currency: "EUR", valueIncludes: ["tax", "shipping"] },
      {
        advertiserId: "15758",
        channel: "aw",
        channelProperty: "size",
        commissionGroupsByCategory: { Purchase: "A", toString: "B", "@brand": "C" },
        customerTypeProperty: "size",
        customParameters: { "1": "constructor", "2": "size" },
        voucherWithoutClick: false,
      },
    ],
    credentials: { apiKey: "key" },
    events: { events: { lead: { name: "LEAD" }, custom: { name: "*" }, subscribe: { name: "PLAN" } } },
  },
  "customer-io": {
    settings: [
      { region: "us" },
      { region: "eu", identifyBy: ["phone", "anonymous_id", "email", "id"], profiles: "always" },
      { region: "us", identifyBy: ["email", "id"], profiles: "never" },
    ],
    credentials: { siteId: "site", apiKey: "key" },
  },
  ga4: {
    settings: [
      {
        measurementId: "G-ABC1234567",
        clientIdFallback: "anonymous_id",
        userProvidedData: true,
        eventParameters: ["constructor", "coupon_text", "size"],
      },
      { measurementId: "G-ABC1234567" },
    ],
    credentials: { apiSecret: "s" },
  },
  "google-ads": {
    settings: [
      {
        customerId: "123-456-7890",
        loginCustomerId: "9876543210",
        merchantId: "1234567",
        merchantFeedLabel: "US",
        merchantFeedLanguage: "en",
      },
      { customerId: "1234567890", refundRemainingValue: "size", refundPurchaseTime: "purchased_at" },
    ],
    credentials: { serviceAccountEmail: "sa@project.iam.gserviceaccount.com", accessToken: "token" },
    events: {
      events: {
        ...Object.fromEntries(
          EVENT_NAMES.filter((name) => name !== "identify").map((name, index) => [name, { name: `${1000 + index}` }]),
        ),
        purchase: { name: "1" },
        refund: { name: "1" },
      },
    },
  },
  hubspot: {
    settings: [
      {
        properties: { last_order_id: "order_id", last_order_value: "value", plan: "properties.size" },
        lifecycleStage: "customer_on_purchase",
      },
      {
        send: "events",
        portalId: "1234567",
        properties: {
          page_url: "page.url",
          product_names: "items.name",
          search: "search_term",
          plan: "properties.size",
        },
      },
    ],
    credentials: { accessToken: "sandbox-pat-na1" },
    events: { events: { refund: { name: "refund" }, page_view: { name: "page_view" }, search: { name: "search" } } },
    mayFold: true,
  },
  klaviyo: {
    settings: [{}, { metricNames: "klaviyo", orderedProducts: true }],
    credentials: { apiKey: "pk_test" },
    events: { events: { page_view: { name: "Viewed Page" } } },
  },
  linkedin: {
    settings: [{}, { ipAddress: true, titleProperty: "coupon_text", companyProperty: "constructor" }],
    credentials: { accessToken: "token" },
    events: {
      events: Object.fromEntries(
        EVENT_NAMES.filter((name) => name !== "identify").map((name, index) => [
          name,
          { name: String(104000 + index) },
        ]),
      ),
    },
  },
  meta: {
    settings: [
      { datasetId: "1234567890", incompleteWebsite: "skip" },
      { datasetId: "1234567890", incompleteWebsite: "other" },
    ],
    credentials: { accessToken: "EAAtoken" },
    events: { events: { subscribe: { name: "Purchase" } } },
  },
  "microsoft-ads": {
    settings: [{ tagId: "97247724" }, { tagId: "97247724", hashExternalId: false, dataProvider: "acme-capi" }],
    credentials: { apiToken: "token" },
    events: { events: { subscribe: { name: "pageLoad" }, login: { name: "signed in" } } },
  },
  nextdoor: {
    settings: [
      { dataSourceId: "fe411d2f-ce90-47be-a0c0-061dcde0eeb1" },
      { dataSourceId: "fe411d2f-ce90-47be-a0c0-061dcde0eeb1", partnerId: "acme", deliveryOptimization: true },
    ],
    credentials: { accessToken: "token" },
    events: { events: { start_trial: { name: "purchase" }, custom: { name: "custom_conversion_1" } } },
  },
  "openai-ads": {
    settings: [{ pixelId: "KBHCVX1dYePAFy31mpRQgR" }, { pixelId: "px_1", integrationSource: "acme" }],
    credentials: { apiKey: "key" },
    events: { events: { subscribe: { name: "order_created" }, contact: { name: "Loan-Application" } } },
  },
  outbrain: {
    settings: [{}, { sendTime: true }],
    credentials: {},
    events: {
      events: { purchase: { name: "Purchase" }, lead: { name: "Lead" }, custom: { name: "*" }, refund: { name: "no" } },
    },
  },
  pinterest: {
    settings: [{ adAccountId: "549755885175" }],
    credentials: { accessToken: "token-1234" },
    events: { events: { subscribe: { name: "checkout" }, custom: { name: "*" } } },
  },
  quora: {
    settings: [
      { accountId: "1234567890123456", accountCurrency: "USD" },
      { accountId: "1234567890123456", personalData: "all", withoutClick: "send", accountCurrency: "EUR" },
      { accountId: "1234567890123456", personalData: "ip" },
    ],
    credentials: { accessToken: "token" },
    events: { events: { page_view: { name: "Generic" }, login: { name: "Purchase" } } },
  },
  reddit: {
    settings: [{ pixelId: "a2_abc123" }, { pixelId: "a2_abc123", valueForEveryEvent: true }],
    credentials: { accessToken: "token" },
    events: { events: { subscribe: { name: "PURCHASE" }, login: { name: "LEAD" } } },
  },
  snapchat: {
    settings: [
      {
        pixelId: "4a018335-717f-41dd-a66e-58eb2473aa61",
        snapAppId: "5bf81ee1-15b1-4dc1-b636-d7dae49b950e",
        dataProcessingOption: "LDU",
      },
      { pixelId: "4a018335-717f-41dd-a66e-58eb2473aa61" },
      { snapAppId: "5bf81ee1-15b1-4dc1-b636-d7dae49b950e", iosAppId: "429047995" },
    ],
    credentials: { accessToken: "token" },
    events: { events: { subscribe: { name: "PURCHASE" }, custom: { name: "CUSTOM_EVENT_4" } } },
  },
  taboola: {
    settings: [{ accountId: "1234567" }],
    credentials: {},
    events: {
      events: {
        purchase: { name: "make_purchase" },
        lead: { name: "lead" },
        custom: { name: "*" },
        refund: { name: "no" },
      },
    },
  },
  tiktok: {
    settings: [
      { pixelCode: "C4A1B2C3D4E5F6G7H8I9" },
      {
        pixelCode: "C4A1B2C3D4E5F6G7H8I9",
        appId: "7301234567890123456",
        offlineEventSetId: "7302345678901234567",
        crmEventSetId: "7303456789012345678",
        leadEventSource: "salesforce",
        eventSources: { email: "crm", other: "offline" },
      },
    ],
    credentials: { accessToken: "token-1234" },
    events: { events: { subscribe: { name: "CompletePayment" } } },
  },
  webhook: {
    settings: [{ url: "https://hooks.example.com/in" }, { url: "https://hooks.example.com/in", personalData: "raw" }],
    credentials: { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
  },
  x: {
    settings: [{ pixelId: "o8z6j" }, { pixelId: "o8z6j", ipAndUserAgentOnly: "send" }],
    credentials: { pixelToken: "token" },
    events: {
      events: Object.fromEntries(
        EVENT_NAMES.filter((name) => name !== "identify").map((name, index) => [
          name,
          { name: `tw-o8z6j-${800 + index}` },
        ]),
      ),
    },
  },
};
