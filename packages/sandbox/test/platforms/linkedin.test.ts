import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions } from "../../src/model.ts";
import { platformRequest } from "../../src/platform-request.ts";
import { linkedin } from "../../src/platforms/linkedin.ts";
import { type Fields, NOW, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
}
const DAY_MS = 86_400_000;
const URL_OF_EVENTS = "https://api.linkedin.com/rest/conversionEvents";
const HEADERS = {
  "content-type": "application/json",
  authorization: "Bearer token",
  "linkedin-version": "202608",
  "x-restli-protocol-version": "2.0.0",
};
const email = { idType: "SHA256_EMAIL", idValue: sha("a@example.com") };

function conversion(changes: Fields = {}): Fields {
  return {
    conversion: "urn:lla:llaPartnerConversion:104012",
    conversionHappenedAt: NOW - 60_000,
    conversionValue: { currencyCode: "EUR", amount: "12.5" },
    eventId: "ord-1",
    user: { userIds: [email] },
    ...changes,
  };
}

const withUser = (user: Fields) => conversion({ user: { userIds: [email], ...user } });
const withId = (id: Fields) => conversion({ user: { userIds: [id] } });

interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly now?: number;
  readonly rejectEventIds?: string[];
  readonly strict?: boolean;
  readonly isLiveToken?: boolean;
}

function send(body: unknown, sent: Sent = {}) {
  const { url = URL_OF_EVENTS, method = "POST", headers = {}, now = NOW, rejectEventIds = [], strict = true } = sent;
  const request = platformRequest({
    method,
    url,
    headers: { ...HEADERS, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const options = { strict, rejectEventIds, isLiveToken: () => sent.isLiveToken ?? true };
  const { answer, events } = linkedin.judge(request, now, judgeOptions(options));
  return { status: answer.status, body: answer.body === "" ? "" : JSON.parse(answer.body), events };
}

const batch = (elements: unknown[], sent: Sent = {}) =>
  send({ elements }, { ...sent, headers: { "x-restli-method": "BATCH_CREATE", ...sent.headers } });

describe("worked examples", () => {
  const file = join(import.meta.dirname, "../examples/linkedin.json");
  const examples = JSON.parse(readFileSync(file, "utf8")) as Example[];
  test.each(examples)("$name is taken", ({ url, headers, body }) => {
    const { status, events } = send(body, { url, headers });
    expect(events.every(({ problems, taken }) => problems.length === 0 && taken)).toBe(true);
    expect(status).toBe("elements" in (body as Fields) ? 200 : 201);
  });
});

test("one event is answered 201 without a body, several 200 with a status each", () => {
  expect(send(conversion())).toMatchObject({ status: 201, body: "" });
  expect(batch([conversion(), conversion({ eventId: "ord-2" })])).toMatchObject({
    status: 200,
    body: { elements: [{ status: 201 }, { status: 201 }] },
  });
});

test("a rule that does not exist fails its batch, in words that speak of accounts", () => {
  const unknown = conversion({ conversion: "urn:lla:llaPartnerConversion:404" });
  const { status, body, events } = batch([conversion(), unknown]);
  expect({ status, body }).toEqual({ status: 403, body: { message: "No ad accounts found", status: 403 } });
  expect(events.map(({ taken }) => taken)).toEqual([false, false]);
});

test("Google's advertising id is known since version 202605", () => {
  const event = withId({ idType: "GOOGLE_AID", idValue: "38400000-8cf0-11bd-b23e-10b96e40000d" });
  expect(send(event).status).toBe(201);
  expect(send(event, { headers: { "linkedin-version": "202604" } })).toMatchObject({
    status: 422,
    body: { message: "ERROR :: /user/userIds :: [0] GOOGLE_AID is not an enum symbol\n" },
  });
});

test("copies are known by the rule and the event id", () => {
  const [event] = send(conversion()).events;
  expect(event).toMatchObject({ event_name: "urn:lla:llaPartnerConversion:104012", dedup_key: "ord-1" });
});

test("one bad element fails its batch, and all mistakes are named by index", () => {
  const bad = conversion({ conversionValue: { currencyCode: "EUR", amount: 12.5 }, user: {} });
  const { status, body, events } = batch([conversion(), bad]);
  expect(status).toBe(422);
  expect(body.message).toBe(
    [
      "Index: 1, ERROR :: /conversionValue/amount :: must be a decimal number as text\n",
      "Index: 1, ERROR :: /user/userIds :: is required\n",
      "Index: 1, ERROR :: /user :: needs an id, a name, an external id or a lead\n",
    ].join(""),
  );
  expect(events.map(({ taken, problems }) => ({ taken, count: problems.length }))).toEqual([
    { taken: false, count: 0 },
    { taken: false, count: 3 },
  ]);
});

test("a mistake in an event alone has no index", () => {
  expect(send(conversion({ conversion: "104012" })).body.message).toMatch(/^ERROR :: \/conversion :: /);
});

test("takes an event refused by script for nothing else", () => {
  expect(send(conversion(), { rejectEventIds: ["ord-1"] })).toMatchObject({ status: 422 });
});

describe("refuses an event", () => {
  const cases: [string, string, Fields][] = [
    ["a rule id without its URN", "/conversion ", conversion({ conversion: "104012" })],
    ["no rule", "/conversion ", without(conversion(), "conversion")],
    ["a time in seconds", "/conversionHappenedAt ", conversion({ conversionHappenedAt: Math.floor(NOW / 1000) })],
    ["a time as text", "/conversionHappenedAt ", conversion({ conversionHappenedAt: String(NOW) })],
    ["older than 90 days", "/conversionHappenedAt ", conversion({ conversionHappenedAt: NOW - 90 * DAY_MS - 1 })],
    ["of the future", "/conversionHappenedAt ", conversion({ conversionHappenedAt: NOW + 600_000 })],
    ["an amount without currency", "/conversionValue/currencyCode ", conversion({ conversionValue: { amount: "1" } })],
    [
      "a negative amount",
      "/conversionValue/amount ",
      conversion({ conversionValue: { currencyCode: "EUR", amount: "-1" } }),
    ],
    [
      "a currency in small letters",
      "/conversionValue/currencyCode ",
      conversion({ conversionValue: { currencyCode: "eur", amount: "1" } }),
    ],
    ["an event id that is a number", "/eventId ", conversion({ eventId: 7 })],
    ["no user", "/user ", without(conversion(), "user")],
    [
      "no list of ids beside a name",
      "/user/userIds ",
      conversion({ user: { userInfo: { firstName: "A", lastName: "B" } } }),
    ],
    ["nobody", "/user ", conversion({ user: { userIds: [] } })],
    ["an e-mail in clear", "/user/userIds ", withId({ ...email, idValue: "a@example.com" })],
    ["a digest in capitals", "/user/userIds ", withId({ ...email, idValue: sha("a@example.com").toUpperCase() })],
    ["the digest of nothing", "/user/userIds ", withId({ ...email, idValue: sha("") })],
    ["a phone", "/user/userIds ", withId({ idType: "SHA256_PHONE", idValue: sha("+14155550100") })],
    ["two ids of one type", "/user/userIds ", withUser({ userIds: [email, email] })],
    ["an IPv6 address", "/user/userIds ", withId({ idType: "PLAINTEXT_IP_ADDRESS", idValue: "2001:db8::1" })],
    ["a private address", "/user/userIds ", withId({ idType: "PLAINTEXT_IP_ADDRESS", idValue: "10.0.0.1" })],
    [
      "an advertising id of zeros",
      "/user/userIds ",
      withId({ idType: "GOOGLE_AID", idValue: "00000000-0000-0000-0000-000000000000" }),
    ],
    ["a first name alone", "/user/userInfo/lastName ", withUser({ userInfo: { firstName: "Jane" } })],
    ["a hashed name", "/user/userInfo/firstName ", withUser({ userInfo: { firstName: sha("jane"), lastName: "Doe" } })],
    [
      "a country in small letters",
      "/user/userInfo/countryCode ",
      withUser({ userInfo: { firstName: "Jane", lastName: "Doe", countryCode: "us" } }),
    ],
    ["two external ids", "/user/externalIds ", withUser({ externalIds: ["a", "b"] })],
    ["an external id that is an address", "/user/externalIds ", withUser({ externalIds: ["a@example.com"] })],
    ["a lead id of another system", "/user/lead ", withUser({ lead: "LEAD-1" })],
    ["a field that it does not know", "/order_id ", conversion({ order_id: "1" })],
  ];
  test.each(cases)("%s", (_, field, event) => {
    const { status, events } = send(event);
    expect(status).toBe(422);
    expect(events.flatMap(({ problems }) => problems.filter((problem) => problem.startsWith(field)))).not.toEqual([]);
  });
});

test("takes unknown fields when it is not strict", () => {
  expect(send(conversion({ order_id: "1" }), { strict: false }).status).toBe(201);
});

describe("refuses a request", () => {
  const cases: [string, number, string, Sent][] = [
    ["to another path", 404, "RESOURCE_NOT_FOUND", { url: "https://api.linkedin.com/rest/conversions" }],
    ["by GET", 405, "", { method: "GET" }],
    ["without a version", 400, "VERSION_MISSING", { headers: { "linkedin-version": "" } }],
    ["of a version that never was", 426, "NONEXISTENT_VERSION", { headers: { "linkedin-version": "202512" } }],
    ["of a version that is retired", 426, "NONEXISTENT_VERSION", { headers: { "linkedin-version": "202511" } }],
    ["of a version to come", 426, "NONEXISTENT_VERSION", { headers: { "linkedin-version": "202712" } }],
    ["of a version that ended since", 426, "NONEXISTENT_VERSION", { now: Date.parse("2027-09-01T00:00:00Z") }],
    ["without the protocol's version", 400, "", { headers: { "x-restli-protocol-version": "1.0.0" } }],
    ["that is no JSON", 415, "", { headers: { "content-type": "text/plain" } }],
    ["without a token", 401, "EMPTY_ACCESS_TOKEN", { headers: { authorization: "" } }],
    ["with a dead token", 401, "INVALID_ACCESS_TOKEN", { isLiveToken: false }],
    ["with a revoked token", 401, "REVOKED_ACCESS_TOKEN", { headers: { authorization: "Bearer REVOKED" } }],
    ["without permission", 403, "ACCESS_DENIED", { headers: { authorization: "Bearer NOPERM" } }],
    ["that says it is a batch and is none", 400, "", { headers: { "x-restli-method": "BATCH_CREATE" } }],
  ];
  test.each(cases)("%s", (_, status, code, sent) => {
    const answered = send(conversion(), sent);
    expect({ status: answered.status, code: answered.body.code ?? "" }).toEqual({ status, code });
    expect(answered.events.every(({ taken }) => !taken)).toBe(true);
  });

  test("a batch that does not say so, an empty one, one of more than 5,000, and none at all", () => {
    expect(send({ elements: [conversion()] }).status).toBe(400);
    expect(batch([]).status).toBe(400);
    expect(batch(Array.from({ length: 5001 }, () => conversion())).status).toBe(400);
    expect(send("{").status).toBe(400);
  });
});
