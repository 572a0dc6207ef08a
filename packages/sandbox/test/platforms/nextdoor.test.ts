import { nextdoor } from "../../src/platforms/nextdoor.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

const DAY_S = 86_400;
const TRACK = "https://ads.nextdoor.com/v2/api/conversions/track";
const HEADERS = { "content-type": "application/json", authorization: "Bearer token" };
const email = sha("a@example.com");

const purchase = (changes: Fields = {}): Fields => ({
  event_name: "purchase",
  event_id: "order_123",
  event_time_epoch: NOW / 1000 - 60,
  data_source_id: "fe411d2f-ce90-47be-a0c0-061dcde0eeb1",
  action_source: "website",
  action_source_url: "https://shop.example.com/thank-you",
  customer: { email, click_id: "nd-123" },
  custom: {
    order_value: "USD99.99",
    order_id: "123",
    delivery_category: "home_delivery",
    product_context: [{ id: "ABC123", quantity: 2, item_price: 5.99 }],
  },
  ...changes,
});
const withCustomer = (customer: Fields) => purchase({ customer: { email, ...customer } });
const withCustom = (custom: Fields) => purchase({ custom: { order_value: "USD1.00", ...custom } });
const withProduct = (product: Fields) => withCustom({ product_context: [{ id: "a", ...product }] });
const APP = { app_id: "429047995", app_tracking_enabled: false, platform: "ios", app_version: "2.1" };

const post = senderTo(nextdoor, { url: TRACK, headers: HEADERS });
function send(event: unknown, sent: Sent = {}) {
  const { events, judgement, status } = post(event, sent);
  return { judgement, status, problems: events[0]?.problems ?? [] };
}

test.each<[string, Sent, number]>([
  ["no token", { headers: { "content-type": "application/json" } }, 401],
  ["a wrong token", { headers: { ...HEADERS, authorization: "Bearer INVALID" } }, 401],
  ["a token of another account", { headers: { ...HEADERS, authorization: "Bearer NOPERM" } }, 403],
  ["another path", { url: "https://ads.nextdoor.com/v2/api/me" }, 404],
  ["another method", { method: "GET", body: "" }, 405],
  ["JSON sent as text", { headers: { ...HEADERS, "content-type": "text/plain" } }, 415],
  ["text that is not JSON", { body: "{" }, 400],
  ["several events", { body: JSON.stringify([purchase(), purchase()]) }, 400],
])("a request with %s is refused", (_, sent, status) => {
  const found = send(purchase(), sent);
  expect(found.status).toBe(status);
  expect(found.judgement.events).toMatchObject([{ taken: false, problems: [expect.any(String)] }]);
});

test("a purchase is counted once by its name and id, for its data source", () => {
  const { judgement, status } = send(purchase());
  expect(status).toBe(200);
  expect(judgement).toMatchObject({ target: "fe411d2f-ce90-47be-a0c0-061dcde0eeb1" });
  expect(judgement.events).toMatchObject([
    { event_name: "purchase", dedup_key: "order_123", taken: true, problems: [] },
  ]);
  expect(judgement.dryRun).toBeUndefined();
});

test("a test is taken and not counted", () => {
  expect(send(purchase({ test_event: "true" })).judgement).toMatchObject({ dryRun: true, answer: { status: 200 } });
  expect(send(purchase({ test_event: "false" })).judgement.dryRun).toBeUndefined();
});

test("an event may be refused by script, and unknown fields be taken where it is not strict", () => {
  expect(send(purchase(), { options: { rejectEventIds: ["order_123"] } })).toMatchObject({ status: 400 });
  expect(send(purchase({ event_timezone: "UTC" }), { options: { strict: false } }).status).toBe(200);
});

test.each<[string, Fields]>([
  ["a lead without anything sold", without(purchase({ event_name: "lead" }), "custom")],
  ["one of the ten custom conversions", purchase({ event_name: "custom_conversion_10" })],
  ["an app event", without(purchase({ action_source: "app", app: APP }), "action_source_url")],
  ["a call", without(purchase({ action_source: "phone_call" }), "action_source_url")],
  ["money without decimals", withCustom({ order_value: "JPY1500" })],
  ["money with three", withCustom({ order_value: "KWD1.235" })],
  [
    "restricted use in California",
    purchase({ restricted_data_usage: 1, restricted_data_usage_country: 1, restricted_data_usage_state: 1000 }),
  ],
  ["restricted use of nobody knows where", purchase({ restricted_data_usage: 1, delivery_optimization: false })],
])("%s is taken", (_, event) => {
  expect(send(event)).toMatchObject({ status: 200, problems: [] });
});

test.each<[string, Fields, string]>([
  ["an unknown field", purchase({ event_timezone: "UTC" }), "event_timezone is not a field"],
  ["the old time", purchase({ event_time: "2026-11-23T11:59:00Z" }), "event_time is not a field"],
  ["the old account", purchase({ client_id: "5316447586" }), "client_id is not a field"],
  ["no name", without(purchase(), "event_name"), "event_name is required"],
  ["an unknown name", purchase({ event_name: "conversion" }), "event_name must be one of"],
  ["an eleventh conversion", purchase({ event_name: "custom_conversion_11" }), "event_name must be one of"],
  ["no id", without(purchase(), "event_id"), "event_id is required"],
  ["a time in ms", purchase({ event_time_epoch: NOW }), "event_time_epoch must be in seconds"],
  ["a time of 31 days ago", purchase({ event_time_epoch: NOW / 1000 - 31 * DAY_S }), "event_time_epoch is more than"],
  ["a time ahead", purchase({ event_time_epoch: NOW / 1000 + 600 }), "event_time_epoch is in the future"],
  ["no data source", without(purchase(), "data_source_id"), "data_source_id is required"],
  ["an unknown source", purchase({ action_source: "web" }), "action_source must be one of"],
  ["no page of a website", without(purchase(), "action_source_url"), "action_source_url is required"],
  ["a path", purchase({ action_source_url: "/thanks" }), "action_source_url must be an http"],
  [
    "an address in the page",
    purchase({ action_source_url: "https://x.example/?e=a@example.com" }),
    "must not hold an e-mail",
  ],
  ["a flag as text", purchase({ delivery_optimization: "true" }), "delivery_optimization must be true or false"],
  ["the test as a flag", purchase({ test_event: true }), "test_event must be one of true, false"],
  [
    "a state without a country",
    purchase({ restricted_data_usage: 1, restricted_data_usage_state: 1000 }),
    "restricted_data_usage_country is required",
  ],
  ["a country without a restriction", purchase({ restricted_data_usage_country: 1 }), "says nothing without"],
  ["an unknown state", purchase({ restricted_data_usage_state: 999 }), "restricted_data_usage_state must be one of"],
  ["no customer", without(purchase(), "customer"), "customer is required"],
  ["nobody", purchase({ customer: { external_id: sha("u") } }), "customer needs email, phone_number or click_id"],
  ["an empty customer", purchase({ customer: {} }), "customer must not be empty"],
  ["an e-mail in clear", purchase({ customer: { email: "a@example.com" } }), "customer.email must be a SHA-256 digest"],
  ["the empty text's digest", withCustomer({ city: sha("") }), "customer.city is the digest of the empty string"],
  ["a pixel in the customer", withCustomer({ pixel_id: "x" }), "customer.pixel_id is not a field"],
  ["a private address", withCustomer({ client_ip_address: "10.0.0.1" }), "client_ip_address must be a public"],
  ["a purchase without money", without(purchase(), "custom"), "custom.order_value is required"],
  ["money as a number", withCustom({ order_value: 99.99 }), "custom.order_value must have the form USD99.99"],
  ["money without its currency", withCustom({ order_value: "99.99" }), "custom.order_value must have the form"],
  ["an unknown currency", withCustom({ order_value: "XYZ99.99" }), "custom.order_value must have the form"],
  ["money below zero", withCustom({ order_value: "USD-1.00" }), "custom.order_value must have the form"],
  ["yen with decimals", withCustom({ order_value: "JPY15.00" }), "custom.order_value must have the decimals of JPY"],
  ["an unknown delivery", withCustom({ delivery_category: "not_specified" }), "delivery_category must be one of"],
  ["no products in the list", withCustom({ product_context: [] }), "custom.product_context must not be empty"],
  ["a product without an id", withCustom({ product_context: [{ quantity: 1 }] }), "product_context[0].id is required"],
  ["a price as text", withProduct({ item_price: "5.99" }), "product_context[0].item_price must be a number"],
  ["half a piece", withProduct({ quantity: 0.5 }), "product_context[0].quantity must be an integer"],
  [
    "a store's purchase without its order",
    without(purchase({ action_source: "physical_store", custom: { order_value: "USD1.00" } }), "action_source_url"),
    "custom.order_id is required",
  ],
  ["an app event without the app", without(purchase({ action_source: "app" }), "action_source_url"), "app is required"],
  ["an app of another platform", purchase({ app: { ...APP, platform: "web" } }), "app.platform must be one of"],
])("an event with %s is refused", (_, event, problem) => {
  const found = send(event);
  expect(found.status).toBe(400);
  expect(found.problems.join("\n")).toContain(problem);
  expect(JSON.parse(found.judgement.answer.body).message).toContain(problem);
});
