import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions, type PlatformRequest } from "../../src/model.ts";
import type { ValidationMessage } from "../../src/platforms/ga4/validation.ts";
import { ga4 } from "../../src/platforms/ga4.ts";
import { type Fields, NOW, sha } from "../support/judging.ts";

interface Example {
  name: string;
  url: string;
  body: { timestamp_micros?: number };
}

const MICROS = NOW * 1000;

function request(body: unknown, overrides: Partial<PlatformRequest> = {}): PlatformRequest {
  return {
    method: "POST",
    host: "www.google-analytics.com",
    path: "/mp/collect",
    query: new URLSearchParams({ measurement_id: "G-ABC1234567", api_secret: "s3cret" }),
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...overrides,
  };
}

function validate(body: unknown): ValidationMessage[] {
  const judgement = ga4.judge(request(body, { path: "/debug/mp/collect" }), NOW, judgeOptions({ rejectEventIds: [] }));
  expect(judgement.answer.status).toBe(200);
  return JSON.parse(judgement.answer.body).validationMessages;
}

const payload = (changes: Fields = {}): Fields => ({
  client_id: "1234567890.1700000000",
  timestamp_micros: MICROS,
  events: [event()],
  ...changes,
});

function event(params: Fields = {}, changes: Fields = {}): Fields {
  return {
    name: "purchase",
    params: { transaction_id: "ORD-1", value: 12.5, currency: "EUR", engagement_time_msec: 1, ...params },
    ...changes,
  };
}

const withParams = (params: Fields) => payload({ events: [event(params)] });

describe("worked examples", () => {
  const examples = JSON.parse(readFileSync(join(import.meta.dirname, "../examples/ga4.json"), "utf8")) as Example[];
  test.each(examples)("$name is valid", ({ url, body }) => {
    const { hostname, pathname, searchParams } = new URL(url);
    const asked = request(body, { host: hostname, path: pathname, query: searchParams });
    const judgement = ga4.judge(
      asked,
      (body.timestamp_micros ?? MICROS) / 1000 + 60_000,
      judgeOptions({ rejectEventIds: [] }),
    );
    expect(judgement.events.map(({ problems, taken }) => ({ problems, taken }))).toEqual([
      { problems: [], taken: true },
    ]);
    if (judgement.dryRun) expect(judgement.answer).toMatchObject({ status: 200, body: '{"validationMessages":[]}' });
    else expect(judgement.answer).toEqual({ status: 204, headers: {}, body: "" });
  });
});

describe("e-mail addresses in clear", () => {
  test.each([
    ["events[0].params.search_term", withParams({ search_term: "orders of jane@example.com" })],
    ["events[0].params.page_title", withParams({ page_title: "Orders of jane@example.com" })],
    [
      "events[0].params.page_location",
      withParams({ page_location: "https://shop.example.com/u/jane%2540example.com" }),
    ],
    [
      "events[0].params.items[0].item_name",
      withParams({ items: [{ item_id: "1", item_name: "for jane@example.com" }] }),
    ],
    ["client_id", payload({ client_id: "jane@example.com" })],
  ])("in %s are flagged", (fieldPath, body) => {
    expect(validate(body)).toContainEqual({
      fieldPath,
      description: "must not hold an e-mail address in clear",
      validationCode: "VALUE_INVALID",
    });
  });

  test("are no matter in a crawler's user agent", () => {
    expect(validate(payload({ user_agent: "Bot (+mailto:bot@example.com)" }))).toEqual([]);
  });
});

describe("collect", () => {
  const collect = (body: unknown, overrides: Partial<PlatformRequest> = {}) =>
    ga4.judge(request(body, overrides), NOW, judgeOptions({ rejectEventIds: [] }));

  test.each([
    ["a bad payload", payload({ client_id: "" }), {}],
    ["text that is not JSON", "{", {}],
    ["no secret", payload(), { query: new URLSearchParams({ measurement_id: "G-ABC1234567" }) }],
    ["no stream", payload(), { query: new URLSearchParams({ api_secret: "x" }) }],
    ["a stream of another form", payload(), { query: new URLSearchParams("measurement_id=UA-1&api_secret=x") }],
  ])("answers 204 to %s and remembers what was wrong", (_, body, overrides) => {
    const judgement = collect(body, overrides);
    expect(judgement.answer.status).toBe(204);
    expect(judgement.events[0]).toMatchObject({ taken: false, problems: [expect.any(String)] });
  });

  test("judges each event by itself", () => {
    const events = [event(), event({}, { name: "session_start" }), event({ transaction_id: "ORD-2" })];
    const judged = collect(payload({ events })).events;
    expect(judged.map(({ taken, event_id }) => [taken, event_id])).toEqual([
      [true, "ORD-1"],
      [false, "ORD-1"],
      [true, "ORD-2"],
    ]);
  });

  test("knows its paths and methods", () => {
    expect(collect(payload(), { path: "/collect" }).answer.status).toBe(404);
    expect(collect(payload(), { method: "GET" }).answer.status).toBe(405);
  });

  test("app streams identify by app_instance_id", () => {
    const query = new URLSearchParams({ firebase_app_id: "1:23:android:45", api_secret: "x" });
    expect(collect(payload(), { query }).events[0]?.problems).toEqual(["app_instance_id is required"]);
    const { client_id: _, ...rest } = payload();
    expect(collect({ ...rest, app_instance_id: "abc" }, { query }).events[0]?.problems).toEqual([]);
  });
});

test("the validation server checks neither stream nor secret", () => {
  const asked = request(payload(), { path: "/debug/mp/collect", query: new URLSearchParams() });
  const judgement = ga4.judge(asked, NOW, judgeOptions({ rejectEventIds: [] }));
  expect(judgement).toMatchObject({ dryRun: true, answer: { body: '{"validationMessages":[]}' } });
});

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 1]));
const address = (changes: Fields) => payload({ user_data: { address: [changes] } });

const INVALID: [string, unknown, string, string][] = [
  ["text that is not JSON", "{", "VALUE_INVALID", ""],
  ["a list", [], "VALUE_INVALID", ""],
  ["no client_id", { ...payload(), client_id: undefined }, "VALUE_REQUIRED", "client_id"],
  ["an empty client_id", payload({ client_id: "" }), "VALUE_INVALID", "client_id"],
  ["a client_id that is a number", payload({ client_id: 1.5 }), "VALUE_INVALID", "client_id"],
  ["an unknown field", payload({ userId: "x" }), "VALUE_INVALID", "userId"],
  ["an e-mail as user_id", payload({ user_id: "a@example.com" }), "VALUE_INVALID", "user_id"],
  ["a user_id of 257", payload({ user_id: "x".repeat(257) }), "VALUE_OUT_OF_BOUNDS", "user_id"],
  ["a time in ms", payload({ timestamp_micros: NOW }), "VALUE_OUT_OF_BOUNDS", "timestamp_micros"],
  ["a time 73 h ago", payload({ timestamp_micros: MICROS - 73 * 3.6e9 }), "VALUE_OUT_OF_BOUNDS", "timestamp_micros"],
  ["a time ahead", payload({ timestamp_micros: MICROS + 2 * 6e7 }), "VALUE_OUT_OF_BOUNDS", "timestamp_micros"],
  ["a time as text", payload({ timestamp_micros: String(MICROS) }), "VALUE_INVALID", "timestamp_micros"],
  ["no events", payload({ events: [] }), "VALUE_REQUIRED", "events"],
  ["26 events", payload({ events: Array(26).fill(event()) }), "EXCEEDED_MAX_ENTITIES", "events"],
  ["130 kB", withParams({ page_location: "x".repeat(130_000) }), "VALUE_OUT_OF_BOUNDS", ""],
  ["consent in lower case", payload({ consent: { ad_user_data: "granted" } }), "VALUE_INVALID", "consent.ad_user_data"],
  ["another consent", payload({ consent: { ad_storage: "GRANTED" } }), "VALUE_INVALID", "consent.ad_storage"],
  [
    "an e-mail in clear",
    payload({ user_data: { sha256_email_address: ["a@example.com"] } }),
    "VALUE_INVALID",
    "user_data.sha256_email_address",
  ],
  [
    "a hash that is not listed",
    payload({ user_data: { sha256_email_address: sha("a") } }),
    "VALUE_INVALID",
    "user_data.sha256_email_address",
  ],
  [
    "the digest of nothing",
    payload({ user_data: { sha256_phone_number: [sha("")] } }),
    "VALUE_INVALID",
    "user_data.sha256_phone_number",
  ],
  ["a name in clear", address({ sha256_first_name: "ada" }), "VALUE_INVALID", "user_data.address[0].sha256_first_name"],
  ["a country name", address({ country: "Germany" }), "VALUE_INVALID", "user_data.address[0].country"],
  ["a private ip_override", payload({ ip_override: "10.0.0.1" }), "VALUE_INVALID", "ip_override"],
  ["26 user properties", payload({ user_properties: many(26) }), "EXCEEDED_MAX_ENTITIES", "user_properties"],
  [
    "a long user property",
    payload({ user_properties: { tier: { value: "x".repeat(37) } } }),
    "VALUE_OUT_OF_BOUNDS",
    "user_properties.tier",
  ],
  [
    "a reserved user property",
    payload({ user_properties: { user_id: { value: "1" } } }),
    "NAME_RESERVED",
    "user_properties.user_id",
  ],
  ["no event name", payload({ events: [{ params: {} }] }), "VALUE_REQUIRED", "events[0].name"],
  ["a reserved event", payload({ events: [{ name: "first_visit" }] }), "NAME_RESERVED", "events[0].name"],
  ["a reserved prefix", payload({ events: [{ name: "ga_thing" }] }), "NAME_RESERVED", "events[0].name"],
  ["a name with a space", payload({ events: [{ name: "Order Done" }] }), "NAME_INVALID", "events[0].name"],
  ["a name of 41", payload({ events: [{ name: "x".repeat(41) }] }), "NAME_INVALID", "events[0].name"],
  ["a name that starts with a digit", payload({ events: [{ name: "1st" }] }), "NAME_INVALID", "events[0].name"],
  [
    "26 parameters",
    payload({ events: [{ name: "x", params: many(26) }] }),
    "EXCEEDED_MAX_ENTITIES",
    "events[0].params",
  ],
  [
    "a reserved parameter",
    withParams({ firebase_conversion: 1 }),
    "NAME_RESERVED",
    "events[0].params.firebase_conversion",
  ],
  ["a long text", withParams({ coupon: "x".repeat(101) }), "VALUE_OUT_OF_BOUNDS", "events[0].params.coupon"],
  ["a long title", withParams({ page_title: "x".repeat(301) }), "VALUE_OUT_OF_BOUNDS", "events[0].params.page_title"],
  ["a null", withParams({ note: null }), "VALUE_INVALID", "events[0].params.note"],
  ["a nested object", withParams({ extra: { a: 1 } }), "VALUE_INVALID", "events[0].params.extra"],
  ["value as text", withParams({ value: "12.5" }), "VALUE_INVALID", "events[0].params.value"],
  ["value without currency", withParams({ currency: undefined }), "VALUE_REQUIRED", "events[0].params.currency"],
  ["a currency in lower case", withParams({ currency: "eur" }), "VALUE_INVALID", "events[0].params.currency"],
  ["a session_id that is a number", withParams({ session_id: 1 }), "VALUE_INVALID", "events[0].params.session_id"],
  ["no transaction_id", withParams({ transaction_id: undefined }), "VALUE_REQUIRED", "events[0].params.transaction_id"],
  ["items that are no list", withParams({ items: {} }), "VALUE_INVALID", "events[0].params.items"],
  ["an item without id", withParams({ items: [{ price: 1 }] }), "VALUE_REQUIRED", "events[0].params.items[0]"],
  [
    "a price as text",
    withParams({ items: [{ item_id: "a", price: "1" }] }),
    "VALUE_INVALID",
    "events[0].params.items[0].price",
  ],
  [
    "half a piece",
    withParams({ items: [{ item_id: "a", quantity: 0.5 }] }),
    "VALUE_INVALID",
    "events[0].params.items[0].quantity",
  ],
  [
    "201 items",
    withParams({ items: Array(201).fill({ item_id: "a" }) }),
    "EXCEEDED_MAX_ENTITIES",
    "events[0].params.items",
  ],
];

describe("the validation server", () => {
  test.each(INVALID)("names %s", (_, body, validationCode, fieldPath) => {
    expect(validate(body)).toContainEqual({ fieldPath, validationCode, description: expect.any(String) });
  });

  test.each([
    ["the longest location", withParams({ page_location: `https://x.example/${"a".repeat(980)}` })],
    ["25 parameters", payload({ events: [{ name: "x", params: many(25) }] })],
    ["25 events", payload({ events: Array(25).fill(event()) })],
    ["a time of its own per event", payload({ events: [event({}, { timestamp_micros: MICROS - 1e6 })] })],
    ["a lone name", payload({ events: [{ name: "contact" }] })],
  ])("takes %s", (_, body) => {
    expect(validate(body)).toEqual([]);
  });
});
