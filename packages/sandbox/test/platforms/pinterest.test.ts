import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pinterest } from "../../src/platforms/pinterest.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  body: { data: { event_time: number }[] };
}

const SECONDS = NOW / 1000;
const DAY = 86_400;
const URL = "https://api.pinterest.com/v5/ad_accounts/549755885175/events";

function checkout(changes: Fields = {}): Fields {
  return {
    event_name: "checkout",
    action_source: "web",
    event_time: SECONDS - 60,
    event_id: "ord-1",
    event_source_url: "https://shop.example.com/thanks",
    opt_out: false,
    user_data: { em: [sha("a@example.com")], client_ip_address: "203.0.113.7", client_user_agent: "Mozilla/5.0" },
    custom_data: { value: "12.50", currency: "EUR" },
    ...changes,
  };
}

const withUser = (user: Fields) => checkout({ user_data: { ...(checkout().user_data as Fields), ...user } });
const withCustom = (custom: Fields) => checkout({ custom_data: { value: "12.50", currency: "EUR", ...custom } });
const withContent = (content: Fields) => withCustom({ contents: [{ id: "1", ...content }] });
const inApp = (changes: Fields = {}) =>
  without(
    checkout({ action_source: "app_ios", user_data: { hashed_maids: [sha("1")] }, ...changes }),
    "event_source_url",
  );

const send = senderTo(pinterest, {
  url: URL,
  headers: { Authorization: "Bearer token-1234" },
  always: { "Content-Type": "application/json" },
});

describe("worked examples", () => {
  const examples = JSON.parse(
    readFileSync(join(import.meta.dirname, "../examples/pinterest.json"), "utf8"),
  ) as Example[];
  test.each(examples)("$name is taken", ({ body }) => {
    const now = (body.data[0]?.event_time ?? 0) * 1000 + 5000;
    const { answer, events } = send(body, { now });
    expect(events.flatMap(({ problems }) => problems)).toEqual([]);
    expect(answer).toEqual({
      num_events_received: 1,
      num_events_processed: 1,
      events: [{ status: "processed", error_message: "", warning_message: "" }],
    });
  });
});

test("a copy is known by its id, but not one of what happened offline", () => {
  const offline = without(checkout({ action_source: "offline" }), "event_source_url");
  const { judgement } = send({ data: [checkout(), offline] });
  expect(judgement.target).toBe("549755885175");
  expect(judgement.events.map(({ dedup_key, taken }) => ({ dedup_key, taken }))).toEqual([
    { dedup_key: "ord-1", taken: true },
    { dedup_key: undefined, taken: true },
  ]);
});

test("a test records nothing", () => {
  expect(send({ data: [checkout()] }, { url: `${URL}?test=true` }).judgement.dryRun).toBe(true);
  expect(send({ data: [checkout()] }, { url: `${URL}?test=false` }).judgement.dryRun).toBeUndefined();
});

describe("one bad event", () => {
  test("fails alone, with a row for each", () => {
    const old = checkout({ event_time: SECONDS - 8 * DAY });
    const { judgement, status, answer } = send({ data: [checkout(), old, checkout()] });
    expect(status).toBe(422);
    expect(answer.details).toMatchObject({ num_events_received: 3, num_events_processed: 2 });
    expect(answer.details.events.map((row: Fields) => row.status)).toEqual(["processed", "failed", "processed"]);
    expect(judgement.events.map(({ taken }) => taken)).toEqual([true, false, true]);
  });

  test("may be one that a script names", () => {
    const { answer } = send(
      { data: [checkout(), checkout({ event_id: "ord-13" })] },
      { options: { rejectEventIds: ["ord-13"] } },
    );
    expect(answer.details.events[1]).toMatchObject({
      status: "failed",
      error_message: "event_id is refused by script",
    });
  });

  test("of the wrong form fails its request, and the answer does not say which", () => {
    const strange = withCustom({ category_name: "Uncategorized" });
    const { judgement, status, answer } = send({ data: [checkout(), strange] });
    expect(status).toBe(400);
    expect(answer).toEqual({
      code: 4196,
      message: "Invalid request: Additional properties are not allowed ('category_name' was unexpected)",
    });
    expect(judgement.events.map(({ taken }) => taken)).toEqual([false, false]);
    expect(judgement.events.map(({ problems }) => problems.length)).toEqual([0, 1]);
  });
});

test.each<[string, unknown]>([
  ["event_name", without(checkout(), "event_name")],
  ["action_source", without(checkout(), "action_source")],
  ["event_time", without(checkout(), "event_time")],
  ["event_id", without(checkout(), "event_id")],
  ["user_data", without(checkout(), "user_data")],
  ["event_name", checkout({ event_name: "" })],
  ["event_name", checkout({ event_name: "a".repeat(101) })],
  ["action_source", checkout({ action_source: "website" })],
  ["event_time", checkout({ event_time: String(SECONDS) })],
  ["event_id", checkout({ event_id: 7 })],
  ["event_source_url", checkout({ event_source_url: "/thanks" })],
  ["opt_out", checkout({ opt_out: 0 })],
  ["partner_name", checkout({ partner_name: "shop" })],
  ["language", checkout({ language: "en_US" })],
  ["advertiser_tracking_enabled", checkout({ advertiser_tracking_enabled: true })],
  ["user_data.em", withUser({ em: sha("a") })],
  ["user_data.em", withUser({ em: [] })],
  ["user_data.em", withUser({ em: ["a@example.com"] })],
  ["user_data.em", withUser({ em: [sha("")] })],
  ["user_data.ph", withUser({ ph: ["4915112345678"] })],
  ["user_data.country", withUser({ country: ["de"] })],
  ["user_data.external_id", withUser({ external_id: ["user-1"] })],
  ["user_data.client_ip_address", withUser({ client_ip_address: "10.0.0.1" })],
  ["user_data.click_id", withUser({ click_id: ["dj0"] })],
  ["user_data.click_id", withUser({ click_id: "jane@example.com" })],
  ["user_data.email", withUser({ email: [sha("a")] })],
  ["user_data", checkout({ user_data: { ph: [sha("1")], external_id: [sha("2")], client_ip_address: "203.0.113.7" } })],
  ["custom_data.value", withCustom({ value: 12.5 })],
  ["custom_data.value", withCustom({ value: "12,50" })],
  ["custom_data.currency", withCustom({ currency: "eur" })],
  ["custom_data.order_id", withCustom({ order_id: 10001 })],
  ["custom_data.content_ids", withCustom({ content_ids: [7] })],
  ["custom_data.num_items", withCustom({ num_items: "3" })],
  ["custom_data.opt_out_type", withCustom({ opt_out_type: true })],
  ["custom_data.contents.0.item_price", withContent({ item_price: 1 })],
  ["custom_data.contents.0.quantity", withContent({ quantity: 0.5 })],
  ["custom_data.contents.0.brand", withContent({ brand: "Acme" })],
  ["app_info.app_id", inApp({ app_info: { app_id: 429047995 } })],
  ["app_info.app_id", inApp({ app_info: { app_id: "a".repeat(201) } })],
  ["app_info.id", inApp({ app_info: { id: "1" } })],
  ["device_info.os_family", inApp({ device_info: { os_family: "iOS" } })],
  ["device_info.screen_width", inApp({ device_info: { screen_width: "402" } })],
  ["device_info.timezone_abbr", inApp({ device_info: { timezone_abbr: "Europe" } })],
  ["", "checkout"],
])("%s of the wrong form fails the request (%#)", (path, event) => {
  const { status, answer, judgement } = send({ data: [event] });
  expect({ status, code: answer.code }).toEqual({ status: 400, code: 4196 });
  expect(judgement.events[0]?.problems.some((problem) => problem.startsWith(path))).toBe(true);
});

test.each<[string, unknown]>([
  ["event_time", checkout({ event_time: NOW })],
  ["event_time", checkout({ event_time: SECONDS + 120 })],
  ["event_time", checkout({ event_time: SECONDS - 7 * DAY - 1 })],
  ["custom_data", checkout({ custom_data: {} })],
  ["custom_data.value", checkout({ custom_data: { value: "1.00" } })],
  ["custom_data.value", withCustom({ value: "-1.00" })],
  ["custom_data.opt_out_type", withCustom({ opt_out_type: "LDP" })],
  ["custom_data.search_string", withCustom({ search_string: "mugs of a@example.com" })],
  ["event_name", checkout({ event_name: "a@example.com" })],
  ["event_source_url", checkout({ event_source_url: "https://shop.example.com/?e=a%40example.com" })],
  ["event_source_url", checkout({ action_source: "offline" })],
  ["app_info", checkout({ app_info: { app_id: "1" } })],
])("%s of the right form and the wrong content fails alone (%#)", (path, event) => {
  const { status, answer, judgement } = send({ data: [event] });
  expect(status).toBe(422);
  expect(answer.details.events[0].status).toBe("failed");
  expect(judgement.events[0]?.problems.some((problem) => problem.startsWith(path))).toBe(true);
});

test.each<[string, unknown]>([
  [
    "an address with its user agent",
    checkout({ user_data: { client_ip_address: "2001:db8::7", client_user_agent: "x" } }),
  ],
  ["an advertising id alone", inApp()],
  ["limited processing with state and country", withUserAndCustom({ st: [sha("ca")], country: [sha("us")] })],
  ["limited processing of who opted out", { ...withCustom({ opt_out_type: "LDP" }), opt_out: true }],
  ["a refund below zero under a name of its own", { ...withCustom({ value: "-1.00" }), event_name: "order_refunded" }],
])("%s is taken", (_, event) => {
  const { status, judgement } = send({ data: [event] });
  expect(judgement.events.flatMap(({ problems }) => problems)).toEqual([]);
  expect(status).toBe(200);
});

function withUserAndCustom(user: Fields): Fields {
  return { ...withUser(user), custom_data: { value: "1.00", currency: "USD", opt_out_type: "LDP" } };
}

describe("the request itself", () => {
  test.each<[string, number, number, unknown, Sent]>([
    ["no token", 401, 2, { data: [checkout()] }, { headers: {} }],
    ["a wrong token", 401, 2, { data: [checkout()] }, { headers: { Authorization: "Bearer INVALID" } }],
    ["a token without permission", 403, 29, { data: [checkout()] }, { headers: { Authorization: "Bearer NOPERM" } }],
    [
      "another content type",
      400,
      1,
      { data: [checkout()] },
      { headers: { Authorization: "Bearer t", "Content-Type": "text/plain" } },
    ],
    ["an ad account that is no number", 400, 1, { data: [checkout()] }, { url: URL.replace("549755885175", "mine") }],
    ["another path", 404, 0, { data: [checkout()] }, { url: `${URL}/more` }],
    ["another method", 404, 0, { data: [checkout()] }, { method: "PUT" }],
    ["another parameter", 400, 1, { data: [checkout()] }, { url: `${URL}?validate=true` }],
    ["no JSON", 400, 4196, "{", {}],
    ["a field of nobody", 400, 4196, { data: [checkout()], test: true }, {}],
    ["no data", 400, 4196, {}, {}],
    ["no events", 400, 4196, { data: [] }, {}],
    ["too many events", 400, 4196, { data: Array.from({ length: 1001 }, () => checkout()) }, {}],
  ])("%s is refused", (_, status, code, body, call) => {
    const result = send(body, call);
    expect({ status: result.status, code: result.answer.code }).toEqual({ status, code });
    expect(result.judgement.events.some(({ taken }) => taken)).toBe(false);
  });
});

test.each([
  [400, 4196],
  [401, 2],
  [403, 29],
  [429, 8],
  [500, 0],
  [503, 4197],
])("a scripted %i has Pinterest's form", (status, code) => {
  const answer = pinterest.failure(status);
  expect({ status: answer.status, code: JSON.parse(answer.body).code }).toEqual({ status, code });
});
