import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reddit } from "../../src/platforms/reddit.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  body: { data: { events: { event_at: number }[] } };
}
const DAY = 86_400_000;
const EVENTS = "https://ads-api.reddit.com/api/v3/pixels/a2_abc123/conversion_events";
const HEADERS = { "content-type": "application/json", authorization: "Bearer token" };

function purchase(changes: Fields = {}): Fields {
  return {
    event_at: NOW - 60_000,
    action_source: "WEBSITE",
    event_source_url: "https://shop.example.com/thanks",
    type: { tracking_type: "PURCHASE" },
    click_id: "6123456789012345678",
    user: { email: sha("a@example.com"), ip_address: "203.0.113.7", user_agent: "Mozilla/5.0" },
    metadata: { conversion_id: "ord-1", currency: "EUR", value: 12.5, item_count: 1 },
    ...changes,
  };
}

const withUser = (user: Fields) => purchase({ user: { ...(purchase().user as Fields), ...user } });
const withMetadata = (metadata: Fields) => purchase({ metadata: { ...(purchase().metadata as Fields), ...metadata } });
const storePurchase = (changes: Fields = {}) =>
  without(
    purchase({ action_source: "PHYSICAL_STORE", user: { email: sha("a@example.com") }, ...changes }),
    "event_source_url",
    ...("click_id" in changes ? [] : ["click_id"]),
  );

const send = senderTo(reddit, { url: EVENTS, headers: HEADERS, around: (events) => ({ data: { events } }) });

const examples = JSON.parse(readFileSync(join(import.meta.dirname, "../examples/reddit.json"), "utf8")) as Example[];

test.each(examples)("the worked example $name is taken", ({ body }) => {
  const { judgement, answer } = send([], { body, now: (body.data.events[0]?.event_at ?? 0) + 5000 });
  expect(judgement.events.map(({ problems, taken }) => [problems, taken])).toEqual([[[], true]]);
  expect(answer).toEqual({ data: { message: "Successfully processed 1 conversion events." } });
  expect(judgement.dryRun === true).toBe("test_id" in body.data);
});

describe("the request", () => {
  const authorization = (token: string) => ({ headers: { ...HEADERS, authorization: token } });
  test.each([
    ["no token", { headers: { "content-type": "application/json" } }, 401],
    ["a wrong token", authorization("Bearer INVALID"), 401],
    ["a token of another business", authorization("Bearer NOPERM"), 403],
    [
      "the token in the address",
      { url: `${EVENTS}?access_token=x`, headers: { "content-type": "application/json" } },
      401,
    ],
    ["the old version", { url: "https://ads-api.reddit.com/api/v2.0/conversions/events/a2_abc123" }, 404],
    ["another method", { method: "PUT" }, 405],
    ["JSON sent as text", { headers: { ...HEADERS, "content-type": "text/plain" } }, 415],
    ["text that is not JSON", { body: "{" }, 400],
    ["the old root", { body: { events: [purchase()] } }, 400],
    ["no events", { body: { data: { events: [] } } }, 400],
    ["1001 events", { body: { data: { events: Array.from({ length: 1001 }, () => purchase()) } } }, 400],
    ["the old test mode", { body: { data: { events: [purchase()], test_mode: true } } }, 400],
    ["a test id beside data", { body: { data: { events: [purchase()] }, test_id: "t" } }, 400],
  ])("with %s is refused", (_, sent: Sent, status) => {
    const found = send([purchase()], sent);
    expect(found.status).toBe(status);
    expect(found.answer.error).toBeDefined();
    expect(found.judgement.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
  });

  test("takes 1000 events", () => {
    const events = Array.from({ length: 1000 }, (_, index) => withMetadata({ conversion_id: `e${index}` }));
    expect(send(events).answer).toEqual({ data: { message: "Successfully processed 1000 conversion events." } });
  });

  test("one bad event fails all, and the answer names its field", () => {
    const { answer, judgement, status } = send([purchase(), purchase({ event_at: "now" }), purchase()]);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({
      message: "There were 1 invalid conversion events. None were processed.",
      fields: [{ field: "data.events[1].event_at" }],
    });
    expect(judgement.events.map(({ taken }) => taken)).toEqual([false, false, false]);
  });

  test("refuses the events that a script names", () => {
    expect(send([purchase()], { options: { rejectEventIds: ["ord-1"] } }).status).toBe(400);
    expect(send([purchase()], { options: { rejectEventIds: ["ord-2"] } }).status).toBe(200);
  });

  test("copies are told by type and conversion id", () => {
    const custom = { tracking_type: "CUSTOM", custom_event_name: "Refund" };
    const [one, other] = send([purchase(), purchase({ type: custom })]).judgement.events;
    expect([one, other]).toMatchObject([
      { event_name: "PURCHASE", dedup_key: "ord-1" },
      { event_name: "Refund", dedup_key: "ord-1" },
    ]);
  });
});

const REFUSED: [string, unknown][] = [
  ["that is no object", "PURCHASE"],
  ["without a time", without(purchase(), "event_at")],
  ["with a time in seconds", purchase({ event_at: NOW / 1000 })],
  ["with a time as text", purchase({ event_at: "2026-11-23T11:59:00Z" })],
  ["older than 168 hours", purchase({ event_at: NOW - 7 * DAY - 1 })],
  ["more than five minutes ahead", purchase({ event_at: NOW + 300_001 })],
  ["without a source", without(purchase(), "action_source")],
  ["with a source in lower case", purchase({ action_source: "website" })],
  ["with an unknown source", purchase({ action_source: "OFFLINE" })],
  ["without a type", without(purchase(), "type")],
  ["with a type as text", purchase({ type: "PURCHASE" })],
  ["with a type of v2", purchase({ type: { tracking_type: "Purchase" } })],
  ["that is custom and nameless", purchase({ type: { tracking_type: "CUSTOM" } })],
  ["with a name beside a standard type", purchase({ type: { tracking_type: "LEAD", custom_event_name: "x" } })],
  ["with a name of 65 characters", purchase({ type: { tracking_type: "CUSTOM", custom_event_name: "x".repeat(65) } })],
  ["with an address for a name", purchase({ type: { tracking_type: "CUSTOM", custom_event_name: "a@example.com" } })],
  ["with a test id inside", purchase({ test_id: "t" })],
  ["with the metadata of v2", purchase({ event_metadata: {} })],
  ["of an app with a URL", purchase({ action_source: "APP" })],
  ["with a URL that is none", purchase({ event_source_url: "shop.example.com" })],
  ["with an address in its URL", purchase({ event_source_url: "https://shop.example.com/?e=jane%40example.com" })],
  ["with the macro for a click id", purchase({ click_id: "{{CLICK_ID}}" })],
  ["with a click id that is a number", purchase({ click_id: 6123456789 })],
  ["with an empty user", purchase({ user: {} })],
  ["with digests in a list", withUser({ email: [sha("a@example.com")] })],
  ["with a digest in upper case", withUser({ email: sha("x").toUpperCase() })],
  ["with the digest of nothing", withUser({ phone_number: sha("") })],
  ["with an address in another spelling", withUser({ email: "Al.ice@example.com" })],
  ["with a phone without plus", withUser({ phone_number: "15554441234" })],
  ["with an IDFA in lower case", withUser({ idfa: "6d92078a-8246-4ba4-ae5b-76104861e7dc" })],
  ["with an AAID in upper case", withUser({ aaid: "38400000-8CF0-11BD-B23E-10B96E40000D" })],
  ["with a private IP address", withUser({ ip_address: "192.168.1.5" })],
  ["with a uuid that is none", withUser({ uuid: "1786000000000" })],
  ["with an external id that is an address", withUser({ external_id: "jane@example.com" })],
  ["with an opt-out of v2", withUser({ opt_out: true })],
  ["with a screen as text", withUser({ screen_dimensions: { width: "402", height: "874" } })],
  ["with options without modes", withUser({ data_processing_options: { country: "US" } })],
  ["with an unknown mode", withUser({ data_processing_options: { modes: ["LMU"] } })],
  ["with a country in lower case", withUser({ data_processing_options: { modes: ["LDU"], country: "us" } })],
  ["with options beside the user", purchase({ data_processing_options: { modes: ["LDU"] } })],
  ["that nobody is found by", without(purchase({ user: { ip_address: "203.0.113.7", user_agent: "x" } }), "click_id")],
  ["with a value as text", withMetadata({ value: "12.50" })],
  ["with a negative value", withMetadata({ value: -1 })],
  ["with a value of v2", withMetadata({ value_decimal: 1 })],
  ["with a value without currency", purchase({ metadata: { conversion_id: "1", value: 1 } })],
  ["with a currency in lower case", withMetadata({ currency: "eur" })],
  ["with an order id of 101 characters", withMetadata({ order_id: "1".repeat(101) })],
  ["with a fraction for item_count", withMetadata({ item_count: 1.5 })],
  ["with an empty product", withMetadata({ products: [{}] })],
  ["with an empty list of products", withMetadata({ products: [] })],
  ["with a product field Reddit does not know", withMetadata({ products: [{ id: "1", price: 1 }] })],
  ["with an address in a product", withMetadata({ products: [{ id: "1", name: "for jane@example.com" }] })],
  ["of a store with a URL", { ...storePurchase(), event_source_url: "https://shop.example.com/" }],
  ["of a store with a click", storePurchase({ click_id: "6123456789" })],
  ["of a store with a device id", storePurchase({ user: { email: sha("a"), idfa: sha("x") } })],
];

describe("an event", () => {
  test.each(REFUSED)("%s is refused", (_, event) => {
    const { judgement, status } = send([event]);
    expect(status).toBe(400);
    expect(judgement.events[0]?.problems).not.toEqual([]);
  });

  test.each([
    ["match keys in clear", withUser({ email: "alice@example.com", phone_number: "+15554441234", external_id: "c-1" })],
    ["device ids in clear", withUser({ idfa: "6D92078A-8246-4BA4-AE5B-76104861E7DC" })],
    ["the pixel's cookie as it is", withUser({ uuid: "1677712978045.b8f7eb7d-b357-437b-8bd3-e1c8166c7132" })],
    ["a hashed IP address", withUser({ ip_address: sha("203.0.113.7") })],
    ["the size of the screen", withUser({ screen_dimensions: { width: 1920, height: 1080 } })],
    ["a region without its country", withUser({ data_processing_options: { modes: ["LDU"], region: "CA" } })],
    ["a referrer", purchase({ referrer_url: "https://www.reddit.com/" })],
    ["no metadata", without(purchase(), "metadata")],
    ["a name of 64 characters", purchase({ type: { tracking_type: "CUSTOM", custom_event_name: "ü".repeat(64) } })],
    ["a store's contact data", storePurchase()],
    ["168 hours behind it", purchase({ event_at: NOW - 7 * DAY })],
  ])("may have %s", (_, event) => {
    expect(send([event]).judgement.events[0]?.problems).toEqual([]);
  });
});
