import { readFileSync } from "node:fs";
import { join } from "node:path";
import { snapchat } from "../../src/platforms/snapchat.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  body: { data: { event_time: number }[] };
}
const SECONDS = NOW / 1000;
const DAY = 86_400;
const PIXEL = "4a018335-717f-41dd-a66e-58eb2473aa61";
const EVENTS = `https://tr.snapchat.com/v3/${PIXEL}/events`;
const TOKEN = "?access_token=token";

function purchase(changes: Fields = {}): Fields {
  return {
    event_name: "PURCHASE",
    event_time: SECONDS - 60,
    event_id: "ord-1",
    action_source: "WEB",
    event_source_url: "https://shop.example.com/thanks",
    user_data: { em: [sha("a@example.com")], client_user_agent: "Mozilla/5.0", client_ip_address: "203.0.113.7" },
    custom_data: { value: 12.5, currency: "EUR" },
    ...changes,
  };
}

const withUser = (user: Fields) => purchase({ user_data: { ...(purchase().user_data as Fields), ...user } });
const withCustom = (custom: Fields) => purchase({ custom_data: { value: 12.5, currency: "EUR", ...custom } });
const appData = (changes: Fields = {}) => ({
  advertiser_tracking_enabled: 1,
  extinfo: ["i2", ...Array<string>(15).fill("")],
  ...changes,
});
const appPurchase = (changes: Fields = {}) =>
  without(purchase({ action_source: "MOBILE_APP", app_data: appData(), ...changes }), "event_source_url");

const send = senderTo(snapchat, {
  url: EVENTS + TOKEN,
  headers: { "content-type": "application/json" },
  around: (data) => ({ data }),
});

const examples = JSON.parse(readFileSync(join(import.meta.dirname, "../examples/snapchat.json"), "utf8")) as Example[];

test.each(examples)("the worked example $name is taken", ({ body }) => {
  const { judgement, answer } = send(body.data, { now: (body.data[0]?.event_time ?? 0) * 1000 + 5000 });
  expect(judgement.events.map(({ problems, taken }) => [problems, taken])).toEqual([[[], true]]);
  expect(answer).toEqual({ status: "VALID", reason: "Events have been processed successfully." });
});

describe("the request", () => {
  test.each([
    ["no token", { url: EVENTS }, 401],
    ["an expired token", { url: `${EVENTS}?access_token=EXPIRED` }, 401],
    ["a token of another organisation", { url: `${EVENTS}?access_token=NOPERM` }, 403],
    ["an id that is no asset's", { url: `https://tr.snapchat.com/v3/my-pixel/events${TOKEN}` }, 404],
    ["the old version", { url: `https://tr.snapchat.com/v2/conversion${TOKEN}` }, 404],
    ["another method", { method: "GET" }, 405],
    ["JSON sent as text", { headers: { "content-type": "text/plain" } }, 415],
    ["text that is not JSON", { body: "{" }, 400],
    ["no data", { body: "{}" }, 400],
    ["no events", { body: '{"data":[]}' }, 400],
    ["2001 events", { body: JSON.stringify({ data: Array.from({ length: 2001 }, () => purchase()) }) }, 400],
    ["an unknown root field", { body: JSON.stringify({ data: [purchase()], debug: true }) }, 400],
    ["events of an app and of a website", { body: JSON.stringify({ data: [purchase(), appPurchase()] }) }, 400],
  ])("with %s is refused", (_, sent: Sent, status) => {
    const found = send([purchase()], sent);
    expect({ status: found.status, word: found.answer.status }).toEqual({ status, word: "INVALID" });
    expect(found.judgement.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
  });

  test("takes 2000 events, and a code for the test view", () => {
    const data = Array.from({ length: 2000 }, (_, index) => purchase({ event_id: `e${index}` }));
    expect(send([], { body: JSON.stringify({ data, test_event_code: "t" }) }).status).toBe(200);
  });

  test("one bad event fails all, and the answer names it", () => {
    const { answer, judgement, status } = send([purchase(), purchase({ event_time: "now" })]);
    expect(status).toBe(400);
    expect(answer).toMatchObject({ status: "INVALID", event: 1, errors: { error_msgs: [expect.any(String)] } });
    expect(judgement.events.map(({ taken }) => taken)).toEqual([false, false]);
  });

  test("a validation says it of each event and counts nothing", () => {
    const url = `${EVENTS}/validate${TOKEN}`;
    const { answer, judgement, status } = send([purchase(), withCustom({ value: -1 })], { url });
    expect({ status, dryRun: judgement.dryRun }).toEqual({ status: 200, dryRun: true });
    expect(answer).toMatchObject({ status: "INVALID", test_event: true });
    expect(answer.event_logs).toMatchObject([{ status: "VALID" }, { status: "INVALID" }]);
    expect(send([purchase()], { url }).answer).toMatchObject({ status: "VALID", event_logs: [{ status: "VALID" }] });
  });

  test("refuses the events that a script names", () => {
    expect(send([purchase()], { options: { rejectEventIds: ["ord-1"] } }).status).toBe(400);
    expect(send([purchase()], { options: { rejectEventIds: ["ord-2"] } }).status).toBe(200);
  });
});

const REFUSED: [string, unknown][] = [
  ["that is no object", "PURCHASE"],
  ["without a name", without(purchase(), "event_name")],
  ["with a name that Snapchat does not know", purchase({ event_name: "Purchase" })],
  ["with a sixth slot", purchase({ event_name: "CUSTOM_EVENT_6" })],
  ["without a time", without(purchase(), "event_time")],
  ["with a time as text", purchase({ event_time: String(SECONDS) })],
  ["with a time in µs", purchase({ event_time: NOW * 1000 })],
  ["older than 37 days", purchase({ event_time: SECONDS - 37 * DAY - 1 })],
  ["of the future", purchase({ event_time: SECONDS + 301 })],
  ["with an empty id", purchase({ event_id: "" })],
  ["without a source", without(purchase(), "action_source")],
  ["with an unknown source", purchase({ action_source: "APP" })],
  ["of a website without its URL", without(purchase(), "event_source_url")],
  ["with a URL that is none", purchase({ event_source_url: "shop.example.com" })],
  ["with a field Snapchat does not know", purchase({ eventId: "x" })],
  ["without user_data", without(purchase(), "user_data")],
  ["with an e-mail in clear", withUser({ em: "a@example.com" })],
  ["with a hash in upper case", withUser({ em: sha("x").toUpperCase() })],
  ["with the digest of nothing", withUser({ ph: [sha("")] })],
  ["with an empty list of digests", withUser({ ph: [] })],
  ["with a phone in clear", withUser({ ph: "16505551212" })],
  ["with a name in clear", withUser({ fn: "John" })],
  ["with a hashed IP address", withUser({ client_ip_address: sha("203.0.113.7") })],
  ["with a private IP address", withUser({ client_ip_address: "192.168.1.5" })],
  ["with an advertising id in upper case", withUser({ madid: "6D92078A-8246-4BA4-AE5B-76104861E7DC" })],
  ["with a hashed advertising id", withUser({ madid: sha("x") })],
  ["with a click id that is an address", withUser({ sc_click_id: "jane@example.com" })],
  ["with an external id in clear", withUser({ external_id: "user-1" })],
  ["with an external id that is an address", withUser({ external_id: "jane@example.com" })],
  ["with an unknown user field", withUser({ email: sha("x") })],
  ["with ids alone", purchase({ user_data: { external_id: [sha("1")], sc_click_id: "7f3c0f3a" } })],
  ["with an IP address without user agent", purchase({ user_data: { client_ip_address: "203.0.113.7" } })],
  ["that buys without custom_data", without(purchase(), "custom_data")],
  ["that buys without value", purchase({ custom_data: { currency: "EUR" } })],
  ["that buys without currency", purchase({ custom_data: { value: 1 } })],
  ["with a negative value", withCustom({ value: -1 })],
  ["with a currency in lower case", withCustom({ currency: "eur" })],
  ["with content_ids as text", withCustom({ content_ids: "SKU-1" })],
  ["with contents without id", withCustom({ contents: [{ quantity: 1 }] })],
  ["with a quantity with a fraction", withCustom({ contents: [{ id: "a", quantity: 1.5 }] })],
  ["with a content field Snapchat does not know", withCustom({ contents: [{ id: "a", price: 1 }] })],
  ["with num_items as text", withCustom({ num_items: "2" })],
  ["with an unknown custom field", withCustom({ coupon: "SPRING" })],
  ["with an empty custom_data", purchase({ event_name: "PAGE_VIEW", custom_data: {} })],
  ["with an address in a search", withCustom({ search_string: "orders of jane@example.com" })],
  ["of an app without app_data", without(appPurchase(), "app_data")],
  ["of an app with 15 places", appPurchase({ app_data: appData({ extinfo: ["i2", ...Array<string>(14).fill("")] }) })],
  ["of an app of no platform", appPurchase({ app_data: appData({ extinfo: Array<string>(16).fill("") }) })],
  ["of an app without its tracking answer", appPurchase({ app_data: { extinfo: appData().extinfo } })],
  ["of a website with app_data", purchase({ app_data: appData() })],
  ["with options as text", purchase({ data_processing_options: "LMU" })],
  ["with an unknown option", purchase({ data_processing_options: ["DNT"] })],
  ["with a place without options", purchase({ data_processing_options_country: 1 })],
];

describe("an event", () => {
  test.each(REFUSED)("%s is refused", (_, event) => {
    const { judgement, status } = send([event]);
    expect(status).toBe(400);
    expect(judgement.events[0]?.problems).not.toEqual([]);
  });

  test.each([
    ["its time in ms", purchase({ event_time: NOW - 60_000 })],
    ["37 days behind it", purchase({ event_time: SECONDS - 37 * DAY })],
    ["scalars in place of lists", withUser({ em: sha("a"), external_id: sha("user-1"), fn: [sha("john")] })],
    [
      "amounts as text, as in the documentation's sample",
      withCustom({ value: "10", contents: [{ id: "3", quantity: "1", item_price: "5" }] }),
    ],
    ["a source in Meta's words", purchase({ action_source: "website" })],
    ["no id", without(purchase(), "event_id")],
    ["flags as booleans", appPurchase({ app_data: appData({ advertiser_tracking_enabled: true }) })],
    ["limited use without a place", purchase({ data_processing_options: ["LDU"] })],
    ["an IPv6 address", withUser({ client_ip_address: "2001:db8::7" })],
    ["an event id that is an address, as the pixel may have it", purchase({ event_id: "jane@example.com" })],
  ])("may have %s", (_, event) => {
    expect(send([event]).judgement.events[0]?.problems).toEqual([]);
  });

  test("may have unknown fields where the judge is lenient", () => {
    expect(send([purchase({ eventId: "x" })], { options: { strict: false } }).status).toBe(200);
  });
});
