import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions } from "../../src/model.ts";
import { platformRequest } from "../../src/platform-request.ts";
import { microsoftAds } from "../../src/platforms/microsoft-ads.ts";
import { type Fields, NOW, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  url: string;
  headers: Record<string, string>;
  body: Fields;
}
const SECONDS = NOW / 1000;
const TAG_URL = "https://capi.uet.microsoft.com/v1/97247724/events";
const GUID = "dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab";

function event(changes: Fields = {}): Fields {
  return {
    eventType: "custom",
    eventName: "purchase",
    eventId: "ord-1",
    eventTime: SECONDS - 60,
    adStorageConsent: "G",
    userData: { em: sha("a@example.com") },
    customData: { value: 12.5, currency: "EUR", pageType: "purchase" },
    ...changes,
  };
}

const pageLoad = (changes: Fields = {}) => ({
  eventType: "pageLoad",
  eventId: "pv-1",
  eventTime: SECONDS - 60,
  eventSourceUrl: "https://shop.example.com/",
  userData: { msclkid: GUID },
  ...changes,
});
const withUser = (user: Fields) => event({ userData: { em: sha("a@example.com"), ...user } });
const withCustom = (custom: Fields) => event({ customData: { value: 12.5, currency: "EUR", ...custom } });

interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly continueOnValidationError?: boolean;
  readonly rejectEventIds?: string[];
  readonly strict?: boolean;
}

function send(data: unknown, sent: Sent = {}) {
  const { url = TAG_URL, method = "POST", rejectEventIds = [], strict = true, continueOnValidationError = true } = sent;
  const headers = { "content-type": "application/json", authorization: "Bearer token", ...sent.headers };
  const content = sent.body ?? { data, dataProvider: "tracklayer", continueOnValidationError };
  const body = typeof content === "string" ? content : JSON.stringify(content);
  const request = platformRequest({ method, url, headers, body });
  const { answer, events, target } = microsoftAds.judge(request, NOW, judgeOptions({ strict, rejectEventIds }));
  return { status: answer.status, body: JSON.parse(answer.body), events, target };
}

describe("worked examples", () => {
  const file = join(import.meta.dirname, "../examples/microsoft-ads.json");
  const examples = JSON.parse(readFileSync(file, "utf8")) as readonly Example[];
  test.each(examples)("$name is taken", ({ url, headers, body }) => {
    const { status, events } = send(undefined, { url, headers, body });
    expect(events.map(({ problems, taken }) => ({ problems, taken }))).toEqual([{ problems: [], taken: true }]);
    expect(status).toBe(200);
  });
});

test("counts what it received, and knows copies by tag, name and event id", () => {
  const { body, events, target } = send([event(), pageLoad()]);
  expect(body).toMatchObject({ eventsReceived: 2 });
  expect(target).toBe("97247724");
  expect(events.map(({ event_name, dedup_key }) => [event_name, dedup_key])).toEqual([
    ["purchase", "ord-1"],
    ["pageLoad", "pv-1"],
  ]);
});

test("one bad event is refused alone where the request asks for that", () => {
  const { status, body, events } = send([event(), event({ eventTime: NOW })]);
  expect(status).toBe(200);
  expect(body.eventsReceived).toBe(1);
  expect(body.error.details).toEqual([
    { index: 1, propertyName: "eventTime", errorMessage: "must be in seconds", isWarning: false },
  ]);
  expect(events.map(({ taken }) => taken)).toEqual([true, false]);
});

test("and costs all of them where it does not", () => {
  const { status, body, events } = send([event(), event({ eventTime: NOW })], { continueOnValidationError: false });
  expect({ status, received: body.eventsReceived }).toEqual({ status: 400, received: 0 });
  expect(events.map(({ taken }) => taken)).toEqual([false, false]);
});

test("refuses by script", () => {
  expect(send([event()], { rejectEventIds: ["ord-1"] }).body.eventsReceived).toBe(0);
});

describe("refuses an event", () => {
  const cases: [string, string, Fields][] = [
    ["of an unknown type", "eventType ", event({ eventType: "purchase" })],
    ["without a name", "eventName ", without(event(), "eventName")],
    ["of a page load with a name", "eventName ", pageLoad({ eventName: "page_view" })],
    ["of a page load without its address", "eventSourceUrl ", without(pageLoad(), "eventSourceUrl")],
    ["without a time", "eventTime ", without(event(), "eventTime")],
    ["with a time in ms", "eventTime ", event({ eventTime: NOW })],
    ["older than seven days", "eventTime ", event({ eventTime: SECONDS - 7 * 86_400 - 1 })],
    ["of the future", "eventTime ", event({ eventTime: SECONDS + 600 })],
    ["with an address that is a path", "eventSourceUrl ", event({ eventSourceUrl: "/thanks" })],
    [
      "with an e-mail in the address",
      "eventSourceUrl ",
      event({ eventSourceUrl: "https://x.example/?e=a@example.com" }),
    ],
    ["with a consent in words", "adStorageConsent ", event({ adStorageConsent: "granted" })],
    ["without user data", "userData ", without(event(), "userData")],
    ["of nobody", "userData ", event({ userData: { clientIpAddress: "203.0.113.7", clientUserAgent: "Mozilla/5.0" } })],
    ["with an e-mail in clear", "userData.em ", withUser({ em: "a@example.com" })],
    ["with the digest of nothing", "userData.em ", withUser({ em: sha("") })],
    ["with a phone in clear", "userData.ph ", withUser({ ph: "+14155550100" })],
    ["with a user id that is an address", "userData.externalId ", withUser({ externalId: "a@example.com" })],
    ["with a click id without dashes", "userData.msclkid ", withUser({ msclkid: GUID.replaceAll("-", "") })],
    ["with a click id in capitals", "userData.msclkid ", withUser({ msclkid: GUID.toUpperCase() })],
    ["with a click id of another platform", "userData.msclkid ", withUser({ msclkid: "IwAR2F4" })],
    ["with a visitor id of another tag", "userData.anonymousId ", withUser({ anonymousId: "1.2" })],
    ["with a private address", "userData.clientIpAddress ", withUser({ clientIpAddress: "10.0.0.1" })],
    ["with a digest for a device", "userData.gaid ", withUser({ gaid: sha("gaid") })],
    ["with the person in it though consent is denied", "userData.em ", event({ adStorageConsent: "D" })],
    ["with a value as text", "customData.value ", withCustom({ value: "12.50" })],
    ["with a negative value", "customData.value ", withCustom({ value: -1 })],
    ["with a value without currency", "customData.currency ", event({ customData: { value: 1 } })],
    ["with an unknown page type", "customData.pageType ", withCustom({ pageType: "checkout" })],
    ["with no items in the list", "customData.items ", withCustom({ items: [] })],
    ["with no ids in the list", "customData.itemIds ", withCustom({ itemIds: [] })],
    ["with a price as text", "customData.items[0].price ", withCustom({ items: [{ id: "a", price: "1" }] })],
    ["with half an item", "customData.items[0].quantity ", withCustom({ items: [{ id: "a", quantity: 0.5 }] })],
    ["with an e-mail in a text", "customData.searchTerm ", withCustom({ searchTerm: "a@example.com" })],
    ["with a field that it does not know", "event_name ", event({ event_name: "purchase" })],
  ];
  test.each(cases)("%s", (_, field, one) => {
    const { body, events } = send([one]);
    expect(body.eventsReceived).toBe(0);
    expect(events.flatMap(({ problems }) => problems.filter((problem) => problem.startsWith(field)))).not.toEqual([]);
  });
});

test("takes a click id where consent is denied, and unknown fields when it is not strict", () => {
  expect(send([event({ adStorageConsent: "D", userData: { msclkid: GUID } })]).body.eventsReceived).toBe(1);
  expect(send([event({ event_name: "purchase" })], { strict: false }).body.eventsReceived).toBe(1);
});

describe("refuses a request", () => {
  const cases: [string, number, string, Sent][] = [
    ["to no tag", 404, "NotFound", { url: "https://capi.uet.microsoft.com/v1/shop/events" }],
    ["by GET", 404, "NotFound", { method: "GET" }],
    ["without a token", 401, "Unauthorized", { headers: { authorization: "" } }],
    ["with a dead token", 401, "Unauthorized", { headers: { authorization: "Bearer INVALID" } }],
    ["without access", 403, "Forbidden", { headers: { authorization: "Bearer NOPERM" } }],
    ["that is no JSON", 415, "UnsupportedMediaType", { headers: { "content-type": "text/plain" } }],
    ["with a broken body", 400, "InvalidArgument", { body: "{" }],
    ["without events, as a probe of the token", 400, "InvalidArgument", { body: { data: [] } }],
    ["of more than 1,000", 400, "InvalidArgument", { body: { data: Array(1001).fill(event()) } }],
    ["with a flag as text", 400, "InvalidArgument", { body: { data: [event()], continueOnValidationError: "true" } }],
  ];
  test.each(cases)("%s", (_, status, code, sent) => {
    const answered = send([event()], sent);
    expect({ status: answered.status, code: answered.body.error.code }).toEqual({ status, code });
    expect(answered.events.every(({ taken }) => !taken)).toBe(true);
  });
});
