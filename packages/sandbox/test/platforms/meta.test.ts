import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions, type PlatformRequest } from "../../src/model.ts";
import { meta } from "../../src/platforms/meta.ts";
import { type Fields, NOW, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  body: { data: { event_time: number }[] };
}

const SECONDS = NOW / 1000;

function purchase(changes: Fields = {}): Fields {
  return {
    event_name: "Purchase",
    event_time: SECONDS - 60,
    event_id: "ord-1",
    action_source: "website",
    event_source_url: "https://shop.example.com/thanks",
    user_data: { em: [sha("a@example.com")], client_user_agent: "Mozilla/5.0", client_ip_address: "203.0.113.7" },
    custom_data: { value: 12.5, currency: "EUR" },
    ...changes,
  };
}

const withUser = (user: Fields) => purchase({ user_data: { ...(purchase().user_data as Fields), ...user } });
const withCustom = (custom: Fields) => purchase({ custom_data: { value: 12.5, currency: "EUR", ...custom } });

function request(data: unknown, overrides: Partial<PlatformRequest> = {}): PlatformRequest {
  return {
    method: "POST",
    host: "graph.facebook.com",
    path: "/v26.0/1234567890/events",
    query: new URLSearchParams(),
    headers: { "content-type": "application/json", authorization: "Bearer EAAtoken123" },
    body: JSON.stringify({ data }),
    ...overrides,
  };
}

function send(data: unknown, overrides: Partial<PlatformRequest> = {}, rejectEventIds: string[] = []) {
  const judgement = meta.judge(request(data, overrides), NOW, judgeOptions({ strict: true, rejectEventIds }));
  return { judgement, status: judgement.answer.status, body: JSON.parse(judgement.answer.body) };
}

describe("worked examples", () => {
  const examples = JSON.parse(readFileSync(join(import.meta.dirname, "../examples/meta.json"), "utf8")) as Example[];
  test.each(examples)("$name is taken", ({ body }) => {
    const now = (body.data[0]?.event_time ?? 0) * 1000 + 5000;
    const judgement = meta.judge(request(body.data), now, judgeOptions({ strict: true, rejectEventIds: [] }));
    expect(judgement.events.flatMap((event) => event.problems)).toEqual([]);
    expect(JSON.parse(judgement.answer.body)).toEqual({
      events_received: 1,
      messages: [],
      fbtrace_id: expect.stringMatching(/^A.{21}$/),
    });
  });
});

describe("e-mail addresses in clear", () => {
  test.each([
    ["custom_data.search_string", withCustom({ search_string: "orders of jane@example.com" })],
    ["custom_data.content_ids[1]", withCustom({ content_ids: ["1", "jane@example.com"] })],
    ["event_source_url", purchase({ event_source_url: "https://shop.example.com/?e=jane%40example.com" })],
    ["referrer_url", purchase({ referrer_url: "https://shop.example.com/?e=jane%2540example.com" })],
    ["event_name", purchase({ event_name: "jane@example.com" })],
  ])("in %s are refused", (path, event) => {
    const { status, judgement } = send([event]);
    expect(status).toBe(400);
    expect(judgement.events[0]?.problems).toContain(`${path} must not hold an e-mail address in clear`);
  });

  test.each([
    ["an event id, which must be the pixel's", purchase({ event_id: "jane@example.com-7" })],
    ["a crawler's user agent", withUser({ client_user_agent: "Bot (+mailto:bot@example.com)" })],
    ["a handle or an image name", withCustom({ search_string: "@brand logo@2x 5@3.5" })],
  ])("are no matter in %s", (_, event) => {
    expect(send([event]).judgement.events[0]?.problems).toEqual([]);
  });
});

describe("the request", () => {
  test("takes a form whose data is JSON text, and a token in query or body", () => {
    const form = new URLSearchParams({ data: JSON.stringify([purchase()]), access_token: "EAAtoken123" }).toString();
    expect(send([], { headers: { "content-type": "application/x-www-form-urlencoded" }, body: form }).status).toBe(200);
    const query = new URLSearchParams({ access_token: "EAAtoken123" });
    expect(send([purchase()], { headers: { "content-type": "application/json" }, query }).status).toBe(200);
  });

  test.each([
    ["no token", "", 400, { code: 190 }],
    ["a malformed token", "Bearer two words", 400, { code: 190 }],
    ["an expired token", "Bearer EXPIRED-token", 400, { code: 190, error_subcode: 463 }],
    ["a token without permission", "Bearer NOPERM-token", 403, { code: 200 }],
  ])("refuses %s", (_, authorization, status, error) => {
    const headers = { "content-type": "application/json", authorization };
    const answer = send([purchase()], { headers });
    expect(answer).toMatchObject({
      status,
      body: { error: { type: "OAuthException", is_transient: false, ...error } },
    });
    expect(answer.judgement.events).toMatchObject([{ taken: false }]);
  });

  test.each([
    ["a retired version", "/v20.0/1234567890/events", { code: 2635 }],
    ["an ancient version", "/v16.0/1234567890/events", { code: 2635 }],
    ["a version that does not exist", "/v99.0/1234567890/events", { code: 2500 }],
    ["no version", "/1234567890/events", { code: 2500 }],
    ["another edge", "/v26.0/1234567890/event", { code: 2500 }],
    ["a dataset that is no number", "/v26.0/my-pixel/events", { code: 100, error_subcode: 33 }],
  ])("refuses %s", (_, path, error) => {
    expect(send([purchase()], { path })).toMatchObject({ status: 400, body: { error } });
  });

  test("a version retires on its day", () => {
    const at = (day: string) => {
      const event = purchase({ event_time: Date.parse(day) / 1000 });
      const asked = request([event], { path: "/v21.0/1/events" });
      return meta.judge(asked, Date.parse(day), judgeOptions({ strict: true, rejectEventIds: [] })).answer.status;
    };
    expect([at("2027-01-20"), at("2027-01-21")]).toEqual([200, 400]);
  });

  test.each([
    ["text that is not JSON", "{", "application/json"],
    ["no data", "{}", "application/json"],
    ["data that is no array", '{"data":{}}', "application/json"],
    ["no events", '{"data":[]}', "application/json"],
    ["1001 events", JSON.stringify({ data: Array.from({ length: 1001 }, () => purchase()) }), "application/json"],
    ["an unknown root field", JSON.stringify({ data: [purchase()], debug: true }), "application/json"],
    ["JSON sent as text", JSON.stringify({ data: [purchase()] }), "text/plain"],
  ])("refuses %s", (_, body, contentType) => {
    const headers = { "content-type": contentType, authorization: "Bearer EAAtoken123" };
    expect(send([], { body, headers })).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });

  test("takes 1000 events", () => {
    const events = Array.from({ length: 1000 }, (_, index) => purchase({ event_id: `e${index}` }));
    expect(send(events).body).toMatchObject({ events_received: 1000 });
  });

  test("one bad event fails all, and the answer names it", () => {
    const { status, body, judgement } = send([
      purchase(),
      purchase({ event_id: "bad", event_time: "now" }),
      purchase(),
    ]);
    expect(status).toBe(400);
    expect(body.error.error_user_msg).toContain("data[1].event_time");
    expect(judgement.events.map(({ taken, problems }) => [taken, problems.length > 0])).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ]);
  });

  test("refuses the events that a script names", () => {
    expect(send([purchase()], {}, ["ord-1"])).toMatchObject({ status: 400, body: { error: { code: 100 } } });
    expect(send([purchase()], {}, ["ord-2"]).status).toBe(200);
  });
});

const REFUSED: [string, unknown, number?][] = [
  ["an event that is no object", "Purchase"],
  ["no event_name", without(purchase(), "event_name")],
  ["an empty event_name", purchase({ event_name: "" })],
  ["no event_time", without(purchase(), "event_time")],
  ["event_time in ms", purchase({ event_time: NOW })],
  ["event_time as text", purchase({ event_time: String(SECONDS) })],
  ["event_time with a fraction", purchase({ event_time: SECONDS - 0.5 })],
  ["an event older than 7 days", purchase({ event_time: SECONDS - 7 * 86_400 - 1 }), 2804003],
  ["an event more than a minute ahead", purchase({ event_time: SECONDS + 61 })],
  ["an empty event_id", purchase({ event_id: "" })],
  ["an event_id that is a number", purchase({ event_id: 7 })],
  ["no action_source", without(purchase(), "action_source")],
  ["an unknown action_source", purchase({ action_source: "web" })],
  ["a website event without URL", without(purchase(), "event_source_url")],
  ["a URL without scheme", purchase({ event_source_url: "shop.example.com" })],
  ["a field Meta does not know", purchase({ eventId: "x" })],
  ["no user_data", without(purchase(), "user_data")],
  ["user_data as a list", purchase({ user_data: [] })],
  ["a website event without user agent", purchase({ user_data: { em: [sha("x")] } })],
  ["an unknown user_data field", withUser({ email: sha("x") })],
  ["an e-mail in clear", withUser({ em: "a@example.com" })],
  ["a hash in upper case", withUser({ em: sha("x").toUpperCase() })],
  ["a hash in base64", withUser({ em: createHash("sha256").update("x").digest("base64") })],
  ["an MD5 hash", withUser({ em: createHash("md5").update("x").digest("hex") })],
  ["the digest of nothing", withUser({ ph: [sha("")] })],
  ["one bad hash among good ones", withUser({ ph: [sha("1"), "16505551212"] })],
  ["an empty list of hashes", withUser({ fn: [] })],
  ["an external_id that is an e-mail", withUser({ external_id: "a@example.com" })],
  ["an external_id that is a number", withUser({ external_id: 42 })],
  ["a private address", withUser({ client_ip_address: "192.168.1.5" })],
  ["the loopback address", withUser({ client_ip_address: "::1" })],
  ["an address that is none", withUser({ client_ip_address: "203.0.113.7, 10.0.0.1" })],
  ["an fbc without time", withUser({ fbc: "fb.1.abc" }), 2804001],
  ["a bare fbclid as fbc", withUser({ fbc: "IwAR2x" }), 2804001],
  ["an fbp that is none", withUser({ fbp: "1098115397" })],
  ["a lead_id as text", withUser({ lead_id: "525645896321548" })],
  ["user data too broad", purchase({ action_source: "other", user_data: { ct: sha("a"), ge: sha("f") } }), 2804050],
  ["a user agent alone", purchase({ user_data: { client_user_agent: "Mozilla/5.0" } }), 2804050],
  ["empty user data", purchase({ action_source: "other", user_data: {} }), 2804050],
  ["a purchase without custom_data", without(purchase(), "custom_data"), 2804009],
  ["a purchase without value", purchase({ custom_data: { currency: "EUR" } }), 2804009],
  ["a purchase without currency", purchase({ custom_data: { value: 1 } })],
  ["value as text", withCustom({ value: "12.50" })],
  ["a negative purchase", withCustom({ value: -1 })],
  ["a currency in lower case", withCustom({ currency: "eur" })],
  ["a currency that does not exist", withCustom({ currency: "ABC" })],
  ["content_ids as text", withCustom({ content_ids: "SKU-1" })],
  ["content_ids of numbers", withCustom({ content_ids: [1] })],
  ["contents of text", withCustom({ contents: ["SKU-1"] })],
  ["contents without id", withCustom({ contents: [{ quantity: 1 }] })],
  ["a quantity as text", withCustom({ contents: [{ id: "a", quantity: "1" }] })],
  ["a quantity with a fraction", withCustom({ contents: [{ id: "a", quantity: 1.5 }] })],
  ["an item_price as text", withCustom({ contents: [{ id: "a", item_price: "1.0" }] })],
  ["a content field Meta does not know", withCustom({ contents: [{ id: "a", price: 1 }] })],
  ["an unknown content_type", withCustom({ content_type: "products" })],
  ["num_items with a fraction", withCustom({ num_items: 1.5 })],
  ["a null in custom_data", withCustom({ coupon: null })],
  ["personal data in custom_data", withCustom({ firstName: "Ada" })],
  ["an app event without app_data", purchase({ action_source: "app" })],
  ["limited data use without country", purchase({ data_processing_options: ["LDU"] })],
  ["a country without options", purchase({ data_processing_options_country: 0, data_processing_options_state: 0 })],
];

describe("an event", () => {
  test("is taken when all is right", () => {
    expect(send([purchase()]).status).toBe(200);
  });

  test.each(REFUSED.map(([about, event, subcode]) => ({ about, event, subcode })))(
    "is refused for $about",
    ({ event, subcode }) => {
      const { status, body, judgement } = send([event]);
      expect({ status, code: body.error.code, subcode: body.error.error_subcode }).toEqual({
        status: 400,
        code: 100,
        subcode,
      });
      expect(judgement.events[0]?.problems).not.toEqual([]);
    },
  );

  test.each([
    ["a free key in custom_data", withCustom({ coupon: "SPRING", gift: true })],
    ["scalars in place of lists", withUser({ em: sha("a"), external_id: "user-1" })],
    ["a store event 61 days old", purchase({ action_source: "physical_store", event_time: SECONDS - 61 * 86_400 })],
    ["a clock half a minute ahead", purchase({ event_time: SECONDS + 30 })],
    ["an explicit empty list of options", purchase({ data_processing_options: [] })],
    ["an IPv6 address", withUser({ client_ip_address: "2001:db8::7" })],
    ["no event_id", without(purchase(), "event_id")],
  ])("may have %s", (_, event) => {
    expect(send([event]).judgement.events[0]?.problems).toEqual([]);
  });

  test.each([
    [0, 0, true],
    [1, 1000, true],
    [0, 1000, false],
    [1, 0, false],
    [1, 7, false],
    [2, 1000, false],
  ])("limited data use with country %i and state %i: %s", (country, state, taken) => {
    const options = {
      data_processing_options: ["LDU"],
      data_processing_options_country: country,
      data_processing_options_state: state,
    };
    expect(send([purchase(options)]).status === 200).toBe(taken);
  });

  test("asking Meta to locate the person takes an address", () => {
    const user_data = { em: sha("a"), client_user_agent: "Mozilla/5.0" };
    const options = { data_processing_options_country: 0, data_processing_options_state: 0, user_data };
    expect(send([purchase({ data_processing_options: ["LDU"], ...options })]).status).toBe(400);
  });

  test.each([
    ["15 slots", ["i2", "", "", "", "18.5", ...Array(10).fill("")], false],
    ["another platform", ["w2", "", "", "", "18.5", ...Array(11).fill("")], false],
    ["no OS version", ["a2", "", "", "", "", ...Array(11).fill("")], false],
    ["16 slots", ["a2", "", "", "", "16", ...Array(11).fill("")], true],
  ])("app data with %s", (_, extinfo, taken) => {
    const app_data = { advertiser_tracking_enabled: 1, application_tracking_enabled: 0, extinfo };
    expect(send([purchase({ action_source: "app", app_data })]).status === 200).toBe(taken);
  });

  test("lenient mode ignores what Meta ignores", () => {
    const judgement = meta.judge(request([purchase({ eventId: "x" })]), NOW, judgeOptions({ strict: false }));
    expect(judgement.answer.status).toBe(200);
  });
});

test.each([
  [429, 4, false],
  [500, 2, true],
  [503, 2, true],
  [401, 190, false],
  [403, 200, false],
  [400, 100, false],
])("a scripted %i has Meta's error shape", (status, code, transient) => {
  const answer = meta.failure(status);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code, is_transient: transient } });
});
