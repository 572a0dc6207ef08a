import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions } from "../../src/model.ts";
import { platformRequest } from "../../src/platform-request.ts";
import { x } from "../../src/platforms/x.ts";
import { type Fields, NOW, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  url: string;
  headers: Record<string, string>;
  body: { conversions: unknown[] };
}
const DAY_MS = 86_400_000;
const PIXEL_URL = "https://ads-api.x.com/12/measurement/conversions/o8z6j";
const ago = (ms: number) => new Date(NOW - ms).toISOString();

function conversion(changes: Fields = {}): Fields {
  return {
    conversion_time: ago(60_000),
    event_id: "tw-o8z6j-o87ne",
    conversion_id: "ord-1",
    identifiers: [{ hashed_email: sha("a@example.com") }],
    value: "12.50",
    price_currency: "EUR",
    number_items: 1,
    contents: [{ content_id: "SKU-1", content_price: 12.5, num_items: 1 }],
    ...changes,
  };
}

const withIdentifiers = (...identifiers: Fields[]) => conversion({ identifiers });
const withContent = (content: Fields) => conversion({ contents: [{ content_id: "SKU-1", ...content }] });

interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly rejectEventIds?: string[];
  readonly strict?: boolean;
}

function send(conversions: unknown, sent: Sent = {}) {
  const { url = PIXEL_URL, method = "POST", rejectEventIds = [], strict = true } = sent;
  const headers = { "content-type": "application/json", "x-pixel-token": "token", ...sent.headers };
  const body = sent.body ?? JSON.stringify({ conversions });
  const request = platformRequest({ method, url, headers, body });
  const { answer, events, target } = x.judge(request, NOW, judgeOptions({ strict, rejectEventIds }));
  return { status: answer.status, body: JSON.parse(answer.body), events, target };
}

describe("worked examples", () => {
  const examples = JSON.parse(
    readFileSync(join(import.meta.dirname, "../examples/x.json"), "utf8"),
  ) as readonly Example[];
  test.each(examples)("$name is taken", ({ url, headers, body }) => {
    const { status, events } = send(body.conversions, { url, headers });
    expect(events.map(({ problems, taken }) => ({ problems, taken }))).toEqual([{ problems: [], taken: true }]);
    expect(status).toBe(200);
  });
});

test("counts what it processed, and knows copies by pixel, event id and conversion id", () => {
  const { body, events, target } = send([conversion(), conversion({ conversion_id: "ord-2" })]);
  expect(body.data.conversions_processed).toBe(2);
  expect(target).toBe("o8z6j");
  expect(events[1]).toMatchObject({ event_name: "tw-o8z6j-o87ne", dedup_key: "ord-2" });
});

test("one bad conversion costs all of the request", () => {
  const { status, body, events } = send([conversion(), conversion({ value: "12" })]);
  expect(status).toBe(400);
  expect(body.errors).toMatchObject([{ code: "INVALID_PARAMETER", parameter: "value" }]);
  expect(events.map(({ taken, problems }) => ({ taken, count: problems.length }))).toEqual([
    { taken: false, count: 0 },
    { taken: false, count: 1 },
  ]);
});

test("refuses by script", () => {
  expect(send([conversion()], { rejectEventIds: ["ord-1"] }).status).toBe(400);
});

describe("refuses a conversion", () => {
  const cases: [string, string, Fields][] = [
    ["without a time", "conversion_time ", without(conversion(), "conversion_time")],
    ["with a time in ms", "conversion_time ", conversion({ conversion_time: NOW })],
    ["older than seven days", "conversion_time ", conversion({ conversion_time: ago(7 * DAY_MS + 1) })],
    ["of the future", "conversion_time ", conversion({ conversion_time: ago(-600_000) })],
    ["with an event's name", "event_id ", conversion({ event_id: "Purchase" })],
    ["of another pixel", "event_id ", conversion({ event_id: "tw-zzzzz-o87ne" })],
    ["without identifiers", "identifiers ", without(conversion(), "identifiers")],
    ["with an empty list of them", "identifiers ", conversion({ identifiers: [] })],
    ["with an empty one", "identifiers[0] ", withIdentifiers({})],
    ["with an address alone", "identifiers[0].ip_address ", withIdentifiers({ ip_address: "203.0.113.7" })],
    ["with a user agent alone", "identifiers[0].user_agent ", withIdentifiers({ user_agent: "Mozilla/5.0" })],
    [
      "with IPv6",
      "identifiers[0].ip_address ",
      withIdentifiers({ ip_address: "2001:db8::1", user_agent: "Mozilla/5.0" }),
    ],
    [
      "with a private address",
      "identifiers[0].ip_address ",
      withIdentifiers({ ip_address: "10.0.0.1", user_agent: "Mozilla/5.0" }),
    ],
    ["with an e-mail in clear", "identifiers[0].hashed_email ", withIdentifiers({ hashed_email: "a@example.com" })],
    ["with the digest of nothing", "identifiers[0].hashed_email ", withIdentifiers({ hashed_email: sha("") })],
    ["with a phone in clear", "identifiers[0].hashed_phone_number ", withIdentifiers({ hashed_phone_number: "+1415" })],
    ["with an unknown identifier", "identifiers[0].external_id ", withIdentifiers({ external_id: "1" })],
    ["with a value that is a number", "value ", conversion({ value: 12.5 })],
    ["with a value without decimals", "value ", conversion({ value: "12" })],
    ["with a negative value", "value ", conversion({ value: "-12.50" })],
    ["with a value without currency", "price_currency ", without(conversion(), "price_currency")],
    ["with a currency in small letters", "price_currency ", conversion({ price_currency: "eur" })],
    ["with half an item", "number_items ", conversion({ number_items: 0.5 })],
    ["with an empty list of contents", "contents ", conversion({ contents: [] })],
    ["with a price as text", "contents[0].content_price ", withContent({ content_price: "12.50" })],
    ["with none of an item", "contents[0].num_items ", withContent({ num_items: 0 })],
    ["with an address in a text", "search_string ", conversion({ search_string: "a@example.com" })],
    ["with an address in a name", "contents[0].content_name ", withContent({ content_name: "for a@example.com" })],
    ["with a field that it does not know", "currency ", conversion({ currency: "EUR" })],
  ];
  test.each(cases)("%s", (_, field, event) => {
    const { status, events } = send([event]);
    expect(status).toBe(400);
    expect(events.flatMap(({ problems }) => problems.filter((problem) => problem.startsWith(field)))).not.toEqual([]);
  });
});

test("takes an address and a user agent in one object, and either beside another identifier", () => {
  const [ip_address, user_agent, hashed_email] = ["203.0.113.7", "Mozilla/5.0", sha("a@example.com")];
  expect(send([withIdentifiers({ ip_address, user_agent })]).status).toBe(200);
  expect(send([withIdentifiers({ ip_address, hashed_email })]).status).toBe(200);
});

test("takes unknown fields when it is not strict", () => {
  expect(send([conversion({ currency: "EUR" })], { strict: false }).status).toBe(200);
});

describe("refuses a request", () => {
  const cases: [string, number, string, Sent][] = [
    ["to another version", 404, "ROUTE_NOT_FOUND", { url: PIXEL_URL.replace("/12/", "/11/") }],
    ["by GET", 404, "ROUTE_NOT_FOUND", { method: "GET" }],
    ["that is no JSON", 400, "INVALID_PARAMETER", { headers: { "content-type": "text/plain" } }],
    ["without a token", 401, "UNAUTHORIZED_ACCESS", { headers: { "x-pixel-token": "" } }],
    ["with a dead token", 401, "UNAUTHORIZED_ACCESS", { headers: { "x-pixel-token": "INVALID" } }],
    ["without access", 403, "UNAUTHORIZED_CLIENT_APPLICATION", { headers: { "x-pixel-token": "NOPERM" } }],
    ["without conversions", 400, "MISSING_PARAMETER", { body: "{}" }],
    ["with a broken body", 400, "MISSING_PARAMETER", { body: "{" }],
    [
      "with a field beside them",
      400,
      "INVALID_PARAMETER",
      { body: JSON.stringify({ conversions: [conversion()], id: 1 }) },
    ],
    [
      "of more than 500",
      400,
      "INVALID_PARAMETER",
      { body: JSON.stringify({ conversions: Array(501).fill(conversion()) }) },
    ],
  ];
  test.each(cases)("%s", (_, status, code, sent) => {
    const answered = send([conversion()], sent);
    expect({ status: answered.status, code: answered.body.errors[0].code }).toEqual({ status, code });
    expect(answered.events.every(({ taken }) => !taken)).toBe(true);
  });
});
