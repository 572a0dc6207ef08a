import { readFileSync } from "node:fs";
import { join } from "node:path";
import { amazonAds } from "../../src/platforms/amazon-ads.ts";
import { createStore } from "../../src/store.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  url: string;
  headers: Record<string, string>;
  body: { events: unknown[] };
}
const URL_OF_EVENTS = "https://advertising-api.amazon.com/adsApi/v1/create/events";
const EUROPE = "https://advertising-api-eu.amazon.com/adsApi/v1/create/events";
const HEADERS = {
  "content-type": "application/json",
  authorization: "Bearer token",
  "amazon-ads-clientid": "client",
  "amazon-ads-accountid": "590500000000000001",
};
const email = { type: "EMAIL", values: [sha("a@example.com")] };
const description = {
  name: "purchase",
  conversionType: "OFF_AMAZON_PURCHASES",
  eventSource: "WEBSITE",
  eventIngestionMethod: "SERVER_TO_SERVER",
  dataSetName: "web_events",
};

const purchase = (changes: Fields = {}): Fields => ({
  eventDescription: description,
  countryCode: "US",
  eventTime: "2026-11-23T11:59:00Z",
  eventId: "purchase.1",
  matchKeys: [email],
  value: 149.85,
  currencyCode: "USD",
  unitsSold: 3,
  consent: { amazonConsent: { amznAdStorage: "GRANTED", amznUserData: "GRANTED" } },
  ...changes,
});
const described = (changes: Fields) => purchase({ eventDescription: { ...description, ...changes } });
const lead = (changes: Fields = {}): Fields => ({
  eventDescription: { ...description, name: "lead", conversionType: "LEAD" },
  countryCode: "US",
  eventTime: "2026-11-23T11:59:00Z",
  matchKeys: [email],
  ...changes,
});
const withKey = (type: string, ...values: unknown[]) => purchase({ matchKeys: [{ type, values }] });
const withData = (...customData: unknown[]) => purchase({ customData });

const send = senderTo(amazonAds, { url: URL_OF_EVENTS, headers: HEADERS, around: (events) => ({ events }) });

describe("worked examples", () => {
  const file = join(import.meta.dirname, "../examples/amazon-ads.json");
  const examples = JSON.parse(readFileSync(file, "utf8")) as Example[];
  test.each(examples)("$name is taken", ({ url, headers, body }) => {
    const { status, answer, judgement } = send(body.events, { url, headers });
    expect(judgement.events.map(({ problems }) => problems)).toEqual([[]]);
    expect({ status, answer }).toEqual({
      status: 207,
      answer: { success: [{ index: 0, event: body.events[0] }], error: [] },
    });
  });
});

describe("the request", () => {
  test.each<[string, Sent, number]>([
    [
      "no token",
      { headers: { ...HEADERS, authorization: "" }, options: { isLiveToken: (token) => token !== "" } },
      401,
    ],
    ["a token that ended", { options: { isLiveToken: () => false } }, 401],
    ["no client id", { headers: without(HEADERS, "amazon-ads-clientid") as Record<string, string> }, 401],
    ["no account", { headers: without(HEADERS, "amazon-ads-accountid") as Record<string, string> }, 403],
    ["the id of an entity", { headers: { ...HEADERS, "amazon-ads-accountid": "ENTITY1ABC" } }, 403],
    ["another path", { url: "https://advertising-api.amazon.com/events/v1" }, 404],
    ["another method", { method: "PUT" }, 405],
    ["a query", { url: `${URL_OF_EVENTS}?test=1` }, 400],
    ["JSON sent as text", { headers: { ...HEADERS, "content-type": "text/plain" } }, 415],
    ["text that is not JSON", { body: "{" }, 400],
    ["no events", { body: '{"events":[]}' }, 400],
    ["501 events", { body: JSON.stringify({ events: Array.from({ length: 501 }, () => lead()) }) }, 400],
    ["an unknown root field", { body: JSON.stringify({ events: [lead()], test: true }) }, 400],
    ["too large a body", { body: JSON.stringify({ events: [lead({ partner: "x".repeat(6_000_000) })] }) }, 413],
  ])("with %s is refused", (_, sent, status) => {
    const found = send([purchase()], sent);
    expect(found.status).toBe(status);
    expect(found.answer).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect(found.judgement.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
  });

  test("tells of each event by itself", () => {
    const { status, answer, judgement } = send([
      purchase(),
      lead({ countryCode: "Germany" }),
      without(lead(), "eventTime"),
    ]);
    expect(status).toBe(207);
    expect(answer.success.map(({ index }: { index: number }) => index)).toEqual([0]);
    expect(answer.error).toEqual([
      {
        index: 1,
        errors: [expect.objectContaining({ code: "FIELD_VALUE_IS_INVALID", fieldLocation: "$.events[1].countryCode" })],
      },
      {
        index: 2,
        errors: [expect.objectContaining({ code: "FIELD_VALUE_IS_NULL", fieldLocation: "$.events[2].eventTime" })],
      },
    ]);
    expect(judgement.events.map(({ taken }) => taken)).toEqual([true, false, false]);
    expect(judgement.target).toBe("590500000000000001");
  });

  test("refuses an event by script", () => {
    const { answer } = send([purchase()], { options: { rejectEventIds: ["purchase.1"] } });
    expect(answer.error).toMatchObject([{ index: 0, errors: [{ message: "is refused by script" }] }]);
  });

  test("scripted failures look like Amazon's", () => {
    expect(amazonAds.failure(429)).toMatchObject({ status: 429, headers: { "retry-after": "2" } });
    expect(JSON.parse(amazonAds.failure(503).body)).toEqual({ code: "INTERNAL_ERROR", message: "scripted failure" });
  });
});

test("of one id it counts one event, whatever their types", () => {
  const store = createStore({ events: 10, ids: 10 });
  const reception = { at: NOW, host: "advertising-api.amazon.com", status: 207, failed: false };
  store.record(send([purchase({ eventId: "10001" })]).judgement, reception);
  store.record(send([lead({ eventId: "10001" })]).judgement, reception);
  store.record(send([lead({ eventId: "lead.10001" })]).judgement, reception);
  expect(store.received().map(({ event_name, verdict }) => [event_name, verdict])).toEqual(
    expect.arrayContaining([
      ["purchase", "counted"],
      ["lead", "duplicate"],
      ["lead", "counted"],
    ]),
  );
});

describe("an event is taken", () => {
  test.each<[string, Fields]>([
    ["without a consent outside Europe", lead()],
    ["with a score below zero", lead({ value: -2.35 })],
    ["with where the person is", lead({ countryCode: "DE", consent: { geo: { ipAddress: "203.0.113.7" } } })],
    ["with ids in clear", withKey("MATCH_ID", "cust_789")],
    ["with a device's id", withKey("MAID", "6d92078a-8246-4ba4-ae5b-76104861e7dc")],
    ["with the ad's tokens", lead({ arefMeasurementTokens: "a.1795184482512|b.1795184482513" })],
    [
      "with attributes",
      withData({ name: "attr1", dataType: "INTEGER", value: "12" }, { name: "brand", value: "Acme_1" }),
    ],
    ["with limited use", lead({ dataProcessingOptions: { options: "LIMITED_DATA_USE" } })],
    ["with a purchase that has no value", without(without(purchase(), "value"), "currencyCode")],
  ])("%s", (_, event) => {
    expect(send([event]).events[0]?.problems).toEqual([]);
  });
});

describe("an event is refused", () => {
  test.each<[string, Fields, string]>([
    ["an unknown field", purchase({ eventType: "x" }), "eventType is not a field"],
    ["no description", without(purchase(), "eventDescription"), "eventDescription is required"],
    ["no name", described({ name: "" }), "eventDescription.name must be a non-empty string"],
    ["an unknown type", described({ conversionType: "PURCHASE" }), "eventDescription.conversionType must be one of"],
    ["an unknown source", described({ eventSource: "website" }), "eventDescription.eventSource must be one of"],
    ["another way in", described({ eventIngestionMethod: "TAG" }), "eventDescription.eventIngestionMethod"],
    [
      "a data set of four letters",
      described({ dataSetName: "data" }),
      "eventDescription.dataSetName must have the form",
    ],
    ["an unknown field of it", described({ tag: "x" }), "eventDescription.tag is not a field"],
    ["no country", without(purchase(), "countryCode"), "countryCode is required"],
    ["a country in small letters", purchase({ countryCode: "us" }), "countryCode must be an ISO 3166-1"],
    ["a time in ms", purchase({ eventTime: NOW }), "eventTime must be an ISO 8601 time"],
    ["a time of eight days ago", purchase({ eventTime: "2026-11-15T11:00:00Z" }), "eventTime is more than 168 hours"],
    ["a time ahead", purchase({ eventTime: "2026-11-23T13:00:00Z" }), "eventTime is in the future"],
    ["no keys", purchase({ matchKeys: [] }), "matchKeys must hold 1 to 15 entries"],
    ["sixteen keys", purchase({ matchKeys: Array.from({ length: 16 }, () => email) }), "matchKeys must hold 1 to 15"],
    ["an unknown key", withKey("GENDER", sha("f")), "matchKeys[0].type must be one of"],
    ["two values of a key", withKey("EMAIL", sha("a"), sha("b")), "matchKeys[0].values must hold 1 to 1"],
    ["an e-mail in clear", withKey("EMAIL", "a@example.com"), "matchKeys[0].values [0] must be a SHA-256 digest"],
    ["the empty text's digest", withKey("PHONE", sha("")), "is the digest of the empty string"],
    ["an e-mail as an id", withKey("MATCH_ID", "a@example.com"), "must not be an e-mail address"],
    ["a device's id that is none", withKey("MAID", "abc"), "must be a UUID"],
    ["a value as text", purchase({ value: "149.85" }), "value must be a number"],
    ["three decimals", purchase({ value: 1.234 }), "value must be a number with at most 2"],
    ["a purchase below zero", purchase({ value: -1 }), "value must not be negative"],
    ["a value without a currency", without(purchase(), "currencyCode"), "currencyCode is required with a value"],
    ["a currency that Amazon lacks", purchase({ currencyCode: "ISK" }), "currencyCode must be one of"],
    ["a lead's currency", lead({ currencyCode: "USD" }), "currencyCode is for OFF_AMAZON_PURCHASES only"],
    ["a lead's pieces", lead({ unitsSold: 1 }), "unitsSold is for OFF_AMAZON_PURCHASES only"],
    ["half a piece", purchase({ unitsSold: 0.5 }), "unitsSold must be an integer"],
    ["two signals of consent", lead({ consent: { tcf: "CP", gpp: "DB" } }), "consent must hold exactly one signal"],
    ["an empty consent", lead({ consent: {} }), "consent must hold exactly one signal"],
    [
      "half of Amazon's consent",
      lead({ consent: { amazonConsent: { amznAdStorage: "GRANTED" } } }),
      "amznUserData is required",
    ],
    [
      "consent in small letters",
      lead({ consent: { amazonConsent: { amznUserData: "granted" } } }),
      "must be one of GRANTED",
    ],
    ["a private address", lead({ consent: { geo: { ipAddress: "10.0.0.1" } } }), "must be a public address"],
    ["no signal from Germany", lead({ countryCode: "DE" }), "consent is required"],
    [
      "limited use as a list",
      lead({ dataProcessingOptions: { options: ["LIMITED_DATA_USE"] } }),
      "options must be one of",
    ],
    ["an attribute with a dash", withData({ name: "attr-1", value: "x" }), "customData[0].name must have the form"],
    ["a value with a dot", withData({ name: "attr1", value: "1.5" }), "customData[0].value must have the form"],
    ["a number that is none", withData({ name: "attr1", dataType: "INTEGER", value: "x" }), "a whole number as text"],
    [
      "one attribute twice",
      withData({ name: "attr1", value: "x" }, { name: "attr1", value: "y" }),
      "customData names attr1 twice",
    ],
    ["an attribute without a value", withData({ name: "attr1" }), "customData[0].value is required"],
    ["an empty device", lead({ deviceInfo: {} }), "deviceInfo must not be empty"],
    ["a long user agent", lead({ deviceInfo: { userAgent: "x".repeat(513) } }), "must have at most 512 characters"],
    ["a token without its time", lead({ arefMeasurementTokens: "abc" }), "arefMeasurementTokens must have the form"],
    ["an e-mail in a name", described({ name: "invite a@example.com" }), "must not hold an e-mail address"],
  ])("with %s", (_, event, problem) => {
    expect(send([event]).events[0]?.problems.join("\n")).toContain(problem);
  });

  test("without a signal of an advertiser in Europe", () => {
    expect(send([lead()], { url: EUROPE }).events[0]?.problems).toEqual(["consent is required"]);
  });

  test("for unknown fields only where it is strict", () => {
    expect(send([purchase({ eventType: "x" })], { options: { strict: false } }).events[0]?.problems).toEqual([]);
  });
});
