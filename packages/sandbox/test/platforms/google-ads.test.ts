import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JudgeOptions, judgeOptions } from "../../src/model.ts";
import { platformRequest } from "../../src/platform-request.ts";
import { googleAds } from "../../src/platforms/google-ads.ts";
import { type Fields, NOW, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  body: { events: { eventTimestamp: string }[] };
}

const URL_OF_INGEST = "https://datamanager.googleapis.com/v1/events:ingest";
const EMAIL = { emailAddress: sha("jane@example.com") };
const ADDRESS = { givenName: sha("jane"), familyName: sha("doe"), regionCode: "US", postalCode: "94105" };

const DESTINATION = {
  reference: "ads",
  operatingAccount: { accountType: "GOOGLE_ADS", accountId: "1234567890" },
  productDestinationId: "987",
};

function purchase(changes: Fields = {}): Fields {
  return {
    destinationReferences: ["ads"],
    transactionId: "ORD-1",
    eventTimestamp: "2026-11-23T11:59:00.000Z",
    eventSource: "WEB",
    currency: "EUR",
    conversionValue: 12.5,
    adIdentifiers: { gclid: "Cj0KCQiA-x_1" },
    userData: { userIdentifiers: [EMAIL] },
    ...changes,
  };
}

const withPerson = (...userIdentifiers: Fields[]) => purchase({ userData: { userIdentifiers } });
const withAddress = (changes: Fields) => withPerson({ address: { ...ADDRESS, ...changes } });
const withCart = (changes: Fields) => purchase({ cartData: { merchantId: "1", items: [ITEM], ...changes } });
const ITEM = { merchantProductId: "SKU-1", quantity: 1, unitPrice: 5 };
const root = (changes: Fields = {}): Fields => ({
  destinations: [DESTINATION],
  encoding: "HEX",
  validateOnly: false,
  events: [purchase()],
  ...changes,
});

interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly options?: Partial<JudgeOptions>;
}

function send(body: Fields | string, sent: Sent = {}) {
  const { url = URL_OF_INGEST, method = "POST", options = {} } = sent;
  const { headers = { "content-type": "application/json", authorization: "Bearer token" } } = sent;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const judgement = googleAds.judge(platformRequest({ method, url, headers, body: text }), NOW, judgeOptions(options));
  return { judgement, status: judgement.answer.status, body: JSON.parse(judgement.answer.body) };
}

const sendEvent = (event: Fields) => send(root({ events: [event] }));

describe("worked examples", () => {
  const examples = JSON.parse(readFileSync(join(import.meta.dirname, "../examples/google-ads.json"), "utf8"));
  test.each(examples as Example[])("$name is taken", ({ body }) => {
    const { judgement, status, body: answer } = send(body as unknown as Fields);
    expect(judgement.events.flatMap(({ problems }) => problems)).toEqual([]);
    expect(status).toBe(200);
    expect(answer).toEqual({ requestId: expect.stringMatching(/^t-.{24}$/) });
  });
});

describe("an event that breaks a rule fails the request, with place and reason", () => {
  const at = "events.events[0]";
  test.each<[string, Fields, string, string]>([
    ["no identifier", without(purchase(), "adIdentifiers", "userData"), at, "NO_IDENTIFIERS_PROVIDED"],
    [
      "a device alone",
      { ...without(purchase(), "adIdentifiers", "userData"), eventDeviceInfo: { userAgent: "x" } },
      at,
      "NO_IDENTIFIERS_PROVIDED",
    ],
    ["no time", without(purchase(), "eventTimestamp"), `${at}.event_timestamp`, "REQUIRED_FIELD_MISSING"],
    ["no transaction id", without(purchase(), "transactionId"), `${at}.transaction_id`, "REQUIRED_FIELD_MISSING"],
    ["an empty transaction id", purchase({ transactionId: "" }), `${at}.transaction_id`, "INVALID_FORMAT"],
    [
      "an e-mail as transaction id",
      purchase({ transactionId: "jane@example.com" }),
      `${at}.transaction_id`,
      "INVALID_FORMAT",
    ],
    ["no source", without(purchase(), "eventSource"), `${at}.event_source`, "REQUIRED_FIELD_MISSING"],
    ["a source of another API", purchase({ eventSource: "website" }), `${at}.event_source`, "INVALID_ENUM_VALUE"],
    ["a time in seconds", purchase({ eventTimestamp: 1795185082 }), `${at}.event_timestamp`, "EVENT_TIME_INVALID"],
    [
      "a time without offset",
      purchase({ eventTimestamp: "2026-11-23T11:59:00" }),
      `${at}.event_timestamp`,
      "EVENT_TIME_INVALID",
    ],
    [
      "a time of 91 days ago",
      purchase({ eventTimestamp: "2026-08-24T11:00:00Z" }),
      `${at}.event_timestamp`,
      "EVENT_TIME_INVALID",
    ],
    [
      "a time of tomorrow",
      purchase({ eventTimestamp: "2026-11-24T12:00:00Z" }),
      `${at}.event_timestamp`,
      "EVENT_TIME_INVALID",
    ],
    ["a value as text", purchase({ conversionValue: "12.5" }), `${at}.conversion_value`, "INVALID_FORMAT"],
    ["a negative value", purchase({ conversionValue: -1 }), `${at}.conversion_value`, "INVALID_FORMAT"],
    ["a value without currency", without(purchase(), "currency"), `${at}.currency`, "REQUIRED_FIELD_MISSING"],
    ["a currency that is none", purchase({ currency: "EURO" }), `${at}.currency`, "INVALID_CURRENCY_CODE"],
    ["the field of the other API", { ...purchase(), currencyCode: "EUR" }, `${at}.currency_code`, "INVALID_ARGUMENT"],
    [
      "a reference that no destination has",
      purchase({ destinationReferences: ["other"] }),
      `${at}.destination_references`,
      "INVALID_DESTINATION",
    ],
    [
      "two braids",
      purchase({ adIdentifiers: { gbraid: "a1", wbraid: "b1" }, userData: undefined }),
      `${at}.ad_identifiers`,
      "INVALID_EVENT",
    ],
    [
      "a gclid and a braid",
      purchase({ adIdentifiers: { gclid: "a1", wbraid: "b1" }, userData: undefined }),
      `${at}.ad_identifiers`,
      "INVALID_EVENT",
    ],
    ["a person beside a braid", purchase({ adIdentifiers: { wbraid: "b1" } }), `${at}.user_data`, "INVALID_EVENT"],
    [
      "a click id with blanks",
      purchase({ adIdentifiers: { gclid: "a b" } }),
      `${at}.ad_identifiers.gclid`,
      "INVALID_FORMAT",
    ],
    ["a click id on top", { ...purchase(), gclid: "Cj0" }, `${at}.gclid`, "INVALID_ARGUMENT"],
    ["empty ad identifiers", purchase({ adIdentifiers: {} }), `${at}.ad_identifiers`, "INVALID_FORMAT"],
    [
      "an e-mail in clear",
      withPerson({ emailAddress: "jane@example.com" }),
      `${at}.user_data.user_identifiers[0].email_address`,
      "INVALID_SHA256_FORMAT",
    ],
    [
      "the digest of nothing",
      withPerson({ emailAddress: sha("") }),
      `${at}.user_data.user_identifiers[0].email_address`,
      "INVALID_SHA256_FORMAT",
    ],
    [
      "the name of the other API",
      withPerson({ hashedEmail: sha("a") }),
      `${at}.user_data.user_identifiers[0].hashed_email`,
      "INVALID_ARGUMENT",
    ],
    [
      "two identifiers in one",
      withPerson({ ...EMAIL, phoneNumber: sha("+1") }),
      `${at}.user_data.user_identifiers[0]`,
      "INVALID_ARGUMENT",
    ],
    ["no identifiers in the list", withPerson(), `${at}.user_data.user_identifiers`, "REQUIRED_FIELD_MISSING"],
    [
      "eleven identifiers",
      withPerson(...Array.from({ length: 11 }, () => EMAIL)),
      `${at}.user_data.user_identifiers`,
      "TOO_MANY_USER_IDENTIFIERS",
    ],
    [
      "half an address",
      withPerson({ address: without(ADDRESS, "postalCode") }),
      `${at}.user_data.user_identifiers[0].address.postal_code`,
      "REQUIRED_FIELD_MISSING",
    ],
    [
      "a name in clear",
      withAddress({ givenName: "Jane" }),
      `${at}.user_data.user_identifiers[0].address.given_name`,
      "INVALID_SHA256_FORMAT",
    ],
    [
      "a country's name",
      withAddress({ regionCode: "USA" }),
      `${at}.user_data.user_identifiers[0].address.region_code`,
      "INVALID_REGION_CODE",
    ],
    [
      "a ZIP of four digits",
      withAddress({ postalCode: "9410" }),
      `${at}.user_data.user_identifiers[0].address.postal_code`,
      "INVALID_POSTAL_CODE",
    ],
    ["a city", withAddress({ city: "Berlin" }), `${at}.user_data.user_identifiers[0].address.city`, "INVALID_ARGUMENT"],
    [
      "consent in the words of the other API",
      purchase({ consent: { adUserData: "GRANTED" } }),
      `${at}.consent.ad_user_data`,
      "INVALID_ENUM_VALUE",
    ],
    ["empty consent", purchase({ consent: {} }), `${at}.consent`, "INVALID_FORMAT"],
    [
      "a private IP address",
      purchase({ eventDeviceInfo: { ipAddress: "10.0.0.1" } }),
      `${at}.event_device_info.ip_address`,
      "INVALID_FORMAT",
    ],
    [
      "an IP address from the EEA",
      { ...withAddress({ regionCode: "DE", postalCode: "10115" }), eventDeviceInfo: { ipAddress: "203.0.113.9" } },
      `${at}.event_device_info.ip_address`,
      "INVALID_ARGUMENT",
    ],
    [
      "half a piece in the cart",
      withCart({ items: [{ ...ITEM, quantity: 0.5 }] }),
      `${at}.cart_data.items[0].quantity`,
      "INVALID_FORMAT",
    ],
    ["an empty cart", withCart({ items: [] }), `${at}.cart_data.items`, "INVALID_FORMAT"],
    ["a field of Google Analytics", purchase({ clientId: "1.2" }), `${at}.client_id`, "INVALID_FORMAT"],
  ])("%s", (_, event, field, reason) => {
    const { judgement, status, body } = sendEvent(event);
    expect({ status, error: body.error }).toMatchObject({
      status: 400,
      error: { code: 400, status: "INVALID_ARGUMENT", message: "There was a problem with the request." },
    });
    const [info, request, bad] = body.error.details;
    expect(info).toMatchObject({ reason: "INVALID_ARGUMENT", domain: "datamanager.googleapis.com" });
    expect(request).toEqual({ "@type": expect.any(String), requestId: expect.any(String) });
    expect(bad.fieldViolations).toEqual(expect.arrayContaining([expect.objectContaining({ field, reason })]));
    expect(judgement.events).toMatchObject([{ taken: false }]);
    expect(judgement.events[0]?.problems).not.toEqual([]);
  });

  test("with its neighbours", () => {
    const { judgement, body } = send(root({ events: [purchase(), purchase({ currency: "x" })] }));
    expect(judgement.events.map(({ problems, taken }) => [problems.length, taken])).toEqual([
      [0, false],
      [1, false],
    ]);
    expect(body.error.details[2].fieldViolations).toMatchObject([{ field: "events.events[1].currency" }]);
  });

  test("as a script says, by transaction id", () => {
    const { status, body } = send(root(), { options: { rejectEventIds: ["ORD-1"] } });
    expect([status, body.error.details[2].fieldViolations[0].field]).toEqual([400, "events.events[0]"]);
  });
});

test.each<[string, Fields]>([
  ["a click alone", without(purchase(), "userData")],
  ["a person alone", without(purchase(), "adIdentifiers")],
  ["no value", without(purchase(), "conversionValue", "currency")],
  ["a value of zero", purchase({ conversionValue: 0 })],
  ["no references, for all destinations", without(purchase(), "destinationReferences")],
  ["a braid alone", purchase({ adIdentifiers: { wbraid: "b1" }, userData: undefined })],
  ["ten identifiers", withPerson(...Array.from({ length: 10 }, () => EMAIL))],
  ["a whole address", withAddress({ postalCode: "94105-1234" })],
  ["an address elsewhere", withAddress({ regionCode: "GB", postalCode: "SW1A 1AA" })],
  ["a cart, its int64 as text", withCart({ items: [{ ...ITEM, quantity: "2" }] })],
  ["consent that is not specified", purchase({ consent: { adUserData: "CONSENT_STATUS_UNSPECIFIED" } })],
  ["a device", purchase({ eventDeviceInfo: { userAgent: "Mozilla/5.0", ipAddress: "203.0.113.9" } })],
])("takes %s", (_, event) => {
  const { judgement, status } = sendEvent(event);
  expect(judgement.events.flatMap(({ problems }) => problems)).toEqual([]);
  expect(status).toBe(200);
});

test.each<[string, Fields, string, string]>([
  [
    "an item without product id",
    withCart({ items: [without(ITEM, "merchantProductId")] }),
    "cart_data.items[0].merchant_product_id",
    "CART_DATA_ITEM_MERCHANT_PRODUCT_ID_MISSING",
  ],
  [
    "an item without price",
    withCart({ items: [without(ITEM, "unitPrice")] }),
    "cart_data.items[0].unit_price",
    "CART_DATA_ITEM_UNIT_PRICE_MISSING",
  ],
  [
    "a cart without Merchant Center",
    withCart({ merchantId: undefined }),
    "cart_data.merchant_id",
    "INVALID_MERCHANT_ID",
  ],
  [
    "a cart beside a braid",
    { ...withCart({}), adIdentifiers: { gbraid: "a1" }, userData: undefined },
    "cart_data",
    "CART_DATA_NOT_SUPPORTED_WITH_GBRAID_OR_WBRAID",
  ],
])("takes %s with a warning", (_, event, field, reason) => {
  const { judgement, status, body } = sendEvent(event);
  expect(status).toBe(200);
  expect(body.fieldWarnings).toMatchObject([
    { field: `events.events[0].${field}`, reason: `WARNING_REASON_${reason}` },
  ]);
  expect(judgement.events).toMatchObject([{ taken: true, problems: [expect.any(String)] }]);
});

describe("the request", () => {
  test.each<[string, Fields]>([
    ["no destinations", without(root(), "destinations")],
    ["an empty list of destinations", root({ destinations: [] })],
    [
      "eleven destinations",
      root({ destinations: Array.from({ length: 11 }, (_, n) => ({ ...DESTINATION, reference: `r${n}` })) }),
    ],
    ["two destinations of one reference", root({ destinations: [DESTINATION, DESTINATION] })],
    [
      "a customer id with hyphens",
      root({
        destinations: [{ ...DESTINATION, operatingAccount: { accountType: "GOOGLE_ADS", accountId: "123-456-7890" } }],
      }),
    ],
    [
      "an account type that does not exist",
      root({
        destinations: [
          { ...DESTINATION, operatingAccount: { accountType: "GOOGLE_ADS_ACCOUNT", accountId: "1234567890" } },
        ],
      }),
    ],
    [
      "the deprecated product",
      root({
        destinations: [{ ...DESTINATION, operatingAccount: { product: "GOOGLE_ADS", accountId: "1234567890" } }],
      }),
    ],
    [
      "a resource name",
      root({ destinations: [{ ...DESTINATION, productDestinationId: "customers/1/conversionActions/2" }] }),
    ],
    ["an action as number", root({ destinations: [{ ...DESTINATION, productDestinationId: 987 }] })],
    ["no encoding for user data", without(root(), "encoding")],
    ["an encoding in small letters", root({ encoding: "hex" })],
    ["validateOnly as text", root({ validateOnly: "true" })],
    ["no events", root({ events: [] })],
    ["2001 events", root({ events: Array.from({ length: 2001 }, () => purchase()) })],
    ["a field of another API", root({ partialFailure: true })],
  ])("refuses %s", (_, body) => {
    const { judgement, status, body: answer } = send(body);
    expect([status, answer.error.status]).toEqual([400, "INVALID_ARGUMENT"]);
    expect(judgement.events.every(({ taken, problems }) => !taken && problems.length === 1)).toBe(true);
  });

  test("takes 2000 events, and base64 where it says so", () => {
    expect(send(root({ events: Array.from({ length: 2000 }, () => purchase()) })).status).toBe(200);
    const emailAddress = Buffer.from(sha("a"), "hex").toString("base64");
    const events = [withPerson({ emailAddress })];
    expect(send(root({ encoding: "BASE64", events })).status).toBe(200);
    expect(send(root({ events })).status).toBe(400);
  });

  test("needs JSON, a token that is alive, and its own path", () => {
    const json = { "content-type": "application/json" };
    const bearer = { authorization: "Bearer token" };
    expect(send("{", { headers: { ...json, ...bearer } }).status).toBe(400);
    expect(send(root(), { headers: { "content-type": "text/plain", ...bearer } }).status).toBe(400);
    const none = send(root(), { headers: json });
    expect([none.status, none.body.error.status]).toEqual([401, "UNAUTHENTICATED"]);
    expect(send(root(), { options: { isLiveToken: () => false } }).status).toBe(401);
    expect(send(root(), { url: "https://datamanager.googleapis.com/v1/audienceMembers:ingest" }).status).toBe(404);
    expect(send(root(), { method: "PUT" }).status).toBe(404);
  });

  test("only validates when asked to", () => {
    const { judgement, body } = send(root({ validateOnly: true }));
    expect(judgement.dryRun).toBe(true);
    expect(body.requestId).toMatch(/^v-/);
  });

  test("knows a conversion again by transaction id, in its action", () => {
    const { judgement } = send(root());
    expect(judgement.target).toBe("1234567890/987");
    expect(judgement.events).toMatchObject([{ event_name: "ads", event_id: "ORD-1", dedup_key: "ORD-1" }]);
  });
});

test.each([
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [429, "RESOURCE_EXHAUSTED"],
  [500, "INTERNAL"],
  [503, "UNAVAILABLE"],
  [400, "INVALID_ARGUMENT"],
])("a scripted %d is %s", (status, name) => {
  const { body, ...answer } = googleAds.failure(status);
  expect([answer.status, JSON.parse(body).error.code, JSON.parse(body).error.status]).toEqual([status, status, name]);
});
