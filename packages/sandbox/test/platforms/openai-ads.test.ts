import { openaiAds } from "../../src/platforms/openai-ads.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

const DAY_MS = 86_400_000;
const EVENTS = "https://bzr.openai.com/v1/events?pid=KBHCVX1dYePAFy31mpRQgR";
const JSON_TYPE = { "content-type": "application/json" };
const HEADERS = { ...JSON_TYPE, authorization: "Bearer key" };

const order = (changes: Fields = {}): Fields => ({
  id: "order_12345",
  type: "order_created",
  timestamp_ms: NOW - 60_000,
  action_source: "web",
  source_url: "https://shop.example.com/checkout/confirmation",
  oppref: "oppref_abc",
  user: { emails_sha256: [sha("a@example.com")], ip_address: "203.0.113.7", user_agent: "Mozilla/5.0" },
  data: {
    type: "contents",
    amount: 14985,
    currency: "EUR",
    contents: [{ id: "sku-1", quantity: 3, amount: 4995, currency: "EUR" }],
  },
  ...changes,
});
const withUser = (user: Fields) => order({ user });
const withData = (data: Fields) => order({ data: { type: "contents", ...data } });
const lead = (data: Fields) => order({ type: "lead_created", data: { type: "customer_action", ...data } });
const custom = (name: unknown) =>
  order({ type: "custom", ...(name === undefined ? {} : { custom_event_name: name }), data: { type: "custom" } });

const send = senderTo(openaiAds, {
  url: EVENTS,
  headers: HEADERS,
  around: (events) => ({ validate_only: false, events }),
});

describe("the request", () => {
  test.each<[string, Sent, number]>([
    ["no key", { headers: JSON_TYPE }, 401],
    ["a wrong key", { headers: { ...JSON_TYPE, authorization: "Bearer INVALID" } }, 401],
    ["a key of another account", { headers: { ...JSON_TYPE, authorization: "Bearer NOPERM" } }, 403],
    ["no pixel", { url: "https://bzr.openai.com/v1/events" }, 404],
    ["another path", { url: "https://bzr.openai.com/v1/conversions?pid=x" }, 404],
    ["another method", { method: "PUT" }, 405],
    ["JSON sent as text", { headers: { ...HEADERS, "content-type": "text/plain" } }, 415],
    ["text that is not JSON", { body: "{" }, 400],
    ["no events", { body: '{"events":[]}' }, 400],
    ["1001 events", { body: JSON.stringify({ events: Array.from({ length: 1001 }, () => order()) }) }, 400],
    ["an unknown root field", { body: JSON.stringify({ events: [order()], test: true }) }, 400],
    ["a flag as text", { body: JSON.stringify({ events: [order()], validate_only: "true" }) }, 400],
    ["a source with a space", { body: JSON.stringify({ events: [order()], integration_source: "my shop" }) }, 400],
  ])("with %s is refused", (_, sent, status) => {
    const found = send([order()], sent);
    expect(found.status).toBe(status);
    expect(found.answer.error.message).toEqual(expect.any(String));
    expect(found.judgement.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
  });

  test("is counted when every event is right", () => {
    const { judgement, status, answer } = send([order(), lead({}), custom("quote_requested")]);
    expect({ status, answer }).toEqual({ status: 200, answer: { accepted_events: 3 } });
    expect(judgement.events.map(({ taken, problems }) => [taken, problems])).toEqual([
      [true, []],
      [true, []],
      [true, []],
    ]);
    expect(judgement.events[0]).toMatchObject({ event_name: "order_created", dedup_key: "order_12345" });
  });

  test("fails whole over one event, which the answer names", () => {
    const { judgement, status, answer } = send([order(), order({ timestamp_ms: NOW / 1000 })]);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({
      param: "events[1].timestamp_ms",
      errors: [{ param: "events[1].timestamp_ms" }],
    });
    expect(judgement.events.map(({ taken }) => taken)).toEqual([false, false]);
  });

  test("counts nothing when it only validates", () => {
    const body = JSON.stringify({ validate_only: true, integration_source: "tracklayer", events: [order()] });
    const { judgement, status } = send([], { body });
    expect({ status, dryRun: judgement.dryRun }).toEqual({ status: 200, dryRun: true });
  });

  test("refuses the events that a script names", () => {
    expect(send([order()], { options: { rejectEventIds: ["order_12345"] } }).status).toBe(400);
    expect(send([order()], { options: { rejectEventIds: ["other"] } }).status).toBe(200);
  });
});

const REFUSED: [string, unknown][] = [
  ["that is no object", "order_created"],
  ["without an id", without(order(), "id")],
  ["without a type", without(order(), "type")],
  ["of no known type", order({ type: "purchase" })],
  ["without a time", without(order(), "timestamp_ms")],
  ["with a time as text", order({ timestamp_ms: String(NOW) })],
  ["with a time in µs", order({ timestamp_ms: NOW * 1000 })],
  ["older than 7 days", order({ timestamp_ms: NOW - 7 * DAY_MS - 1 })],
  ["more than 10 minutes ahead", order({ timestamp_ms: NOW + 600_001 })],
  ["without a source", without(order(), "action_source")],
  ["with Meta's word for a source", order({ action_source: "website" })],
  ["of the web without its page", without(order(), "source_url")],
  ["with a page that has no host", order({ source_url: "/checkout" })],
  ["with a page's query", order({ source_url: "https://shop.example.com/?order=1" })],
  ["with a page's fragment", order({ source_url: "https://shop.example.com/#done" })],
  ["with an address in the page", order({ source_url: "https://shop.example.com/u/jane%40example.com" })],
  ["with an encoded click", order({ oppref: "op pref" })],
  ["with a consent word for opt_out", order({ opt_out: "denied" })],
  ["with a field OpenAI does not know", order({ event_id: "x" })],
  ["without data", without(order(), "data")],
  ["with data of another type", order({ data: { type: "customer_action" } })],
  ["with a decimal amount", withData({ amount: 149.85, currency: "EUR" })],
  ["with an amount as text", withData({ amount: "14985", currency: "EUR" })],
  ["with a negative amount", withData({ amount: -1, currency: "EUR" })],
  ["with an amount without currency", withData({ amount: 1 })],
  ["with a currency in lower case", withData({ amount: 1, currency: "eur" })],
  ["with an empty list of contents", withData({ contents: [] })],
  ["with a content's amount without currency", withData({ contents: [{ id: "a", amount: 1 }] })],
  ["with half a piece", withData({ contents: [{ id: "a", quantity: 0.5 }] })],
  ["with a content field OpenAI does not know", withData({ contents: [{ id: "a", price: 1 }] })],
  ["with an address in a name", withData({ contents: [{ id: "a", name: "for jane@example.com" }] })],
  ["of a customer with contents", lead({ contents: [{ id: "a" }] })],
  ["of a customer with a plan", lead({ plan_id: "pro" })],
  ["of contents with a plan", withData({ plan_id: "pro" })],
  ["of its own without a name", custom(undefined)],
  ["of its own with a standard name", custom("order_created")],
  ["of its own with a space in the name", custom("quote requested")],
  ["of its own with a name that ends in a dash", custom("quote-")],
  ["of its own with 65 letters", custom("a".repeat(65))],
  ["of a type with a custom name", order({ custom_event_name: "quote" })],
  ["with an empty user", withUser({})],
  ["with the pixel's singular names", withUser({ email_sha256: sha("a@example.com") })],
  ["with one digest that is no list", withUser({ emails_sha256: sha("a@example.com") })],
  ["with four digests", withUser({ emails_sha256: ["a", "b", "c", "d"].map(sha) })],
  ["with an empty list", withUser({ emails_sha256: [] })],
  ["with an e-mail in clear", withUser({ emails_sha256: ["a@example.com"] })],
  ["with the digest of nothing", withUser({ phone_numbers_sha256: [sha("")] })],
  ["with a digest in capitals", withUser({ phone_numbers_sha256: [sha("1").toUpperCase()] })],
  ["with a country by name", withUser({ countries: ["Germany"] })],
  ["with a city in capitals", withUser({ cities: ["Berlin"] })],
  ["with a region that is not trimmed", withUser({ regions: [" be "] })],
  ["with a postal code of other letters", withUser({ postal_codes: ["〒100-0001"] })],
  ["with a private address", withUser({ ip_address: "10.0.0.1" })],
  ["with an address as browser", withUser({ obref: "jane@example.com" })],
  ["with an advertising id in capitals", withUser({ android_advertising_id: "38400000-8CF0-11BD-B23E-10B96E40000D" })],
];

describe("an event", () => {
  test.each(REFUSED)("%s is refused", (_, event) => {
    const { judgement, status } = send([event]);
    expect(status).toBe(400);
    expect(judgement.events[0]?.problems).not.toEqual([]);
  });

  test.each<[string, Fields]>([
    ["a time 7 days back", order({ timestamp_ms: NOW - 7 * DAY_MS })],
    ["a time 10 minutes ahead", order({ timestamp_ms: NOW + 600_000 })],
    ["no page, away from the web", without(order({ action_source: "phone_call" }), "source_url")],
    ["nothing of a person", without(order(), "user")],
    ["an amount of nothing", withData({ amount: 0, currency: "JPY" })],
    ["a value beside a customer's action", lead({ amount: 4000, currency: "EUR" })],
    ["a plan", order({ type: "trial_started", data: { type: "plan_enrollment", plan_id: "pro" } })],
    ["an opt-out", order({ opt_out: true })],
    [
      "places in clear",
      withUser({ countries: ["GB"], cities: ["köln"], regions: ["bayern"], postal_codes: ["SW1A 1AA"] }),
    ],
    ["an Android device's id", withUser({ android_advertising_id: "38400000-8cf0-11bd-b23e-10b96e40000d" })],
    ["an id that is an address, as the pixel may have it", order({ id: "jane@example.com" })],
  ])("may have %s", (_, event) => {
    expect(send([event]).judgement.events[0]?.problems).toEqual([]);
  });

  test("may have unknown fields where the judge is lenient", () => {
    expect(send([order({ event_id: "x" })], { options: { strict: false } }).status).toBe(200);
  });
});
