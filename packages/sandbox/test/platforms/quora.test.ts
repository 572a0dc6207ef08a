import type { JudgeOptions } from "../../src/model.ts";
import { quora } from "../../src/platforms/quora.ts";
import { type Fields, NOW, type Sent, senderTo, without } from "../support/judging.ts";

const DAY_MS = 86_400_000;
const URL_OF_EVENTS = "https://api.quora.com/ads/v0/conversions";
const HEADERS = { "content-type": "application/json", authorization: "Bearer token" };

const purchase = (conversion: Fields = {}, person: Fields = {}): Fields => ({
  user: {},
  device: { user_agent: "Mozilla/5.0" },
  conversion: {
    event_name: "Purchase",
    timestamp: (NOW - 60_000) * 1000,
    click_id: "click-1|123|0",
    value: 42,
    event_id: "evt-1",
    ...conversion,
  },
  ...person,
});
const withUser = (user: Fields) => purchase({}, { user });
const withDevice = (device: Fields) => purchase({}, { device });

const send = senderTo(quora, {
  url: URL_OF_EVENTS,
  headers: HEADERS,
  around: (data) => ({ account_id: 1234567890, data }),
});

const problemsOf = (event: unknown, options: Partial<JudgeOptions> = {}) =>
  send([event], { options }).judgement.events[0]?.problems;

describe("the request", () => {
  test.each<[string, Sent, number]>([
    ["no token", { headers: { "content-type": "application/json" } }, 401],
    ["a wrong token", { headers: { ...HEADERS, authorization: "Bearer INVALID" } }, 401],
    ["a token of another account", { headers: { ...HEADERS, authorization: "Bearer NOPERM" } }, 403],
    ["the older path", { url: "https://api.quora.com/_/ad/conversion" }, 404],
    ["another method", { method: "PUT" }, 405],
    ["JSON sent as text", { headers: { ...HEADERS, "content-type": "text/plain" } }, 415],
    ["text that is not JSON", { body: "{" }, 400],
    ["an account as text", { body: JSON.stringify({ account_id: "1", data: [purchase()] }) }, 400],
    ["no account", { body: JSON.stringify({ data: [purchase()] }) }, 400],
    ["no events", { body: JSON.stringify({ account_id: 1, data: [] }) }, 400],
    ["1001 events", { body: JSON.stringify({ account_id: 1, data: Array(1001).fill(purchase()) }) }, 400],
    ["an unknown root field", { body: JSON.stringify({ account_id: 1, data: [purchase()], test: true }) }, 400],
  ])("with %s is refused", (_, sent, status) => {
    const found = send([purchase()], sent);
    expect(found.status).toBe(status);
    expect(found.answer.error.message).toEqual(expect.any(String));
    expect(found.judgement.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
  });

  test("is answered 200 with a row for each event, the refused ones too", () => {
    const { status, answer, judgement } = send([purchase(), purchase({ event_name: "purchase" })]);
    expect({ status, answer }).toEqual({
      status: 200,
      answer: {
        events_received: 2,
        events_errored: 1,
        events: [
          { status: "OK", index: 0 },
          {
            status: "ERROR",
            index: 1,
            error_code: "INVALID_EVENT",
            error_message: expect.stringMatching(/^conversion\.event_name must be one of Generic/),
          },
        ],
      },
    });
    expect(judgement.events.map(({ taken }) => taken)).toEqual([true, false]);
    expect(judgement).toMatchObject({ target: "1234567890" });
    expect(judgement.events[0]).toMatchObject({ event_name: "Purchase", dedup_key: "evt-1" });
  });

  test("refuses an event by script", () => {
    expect(problemsOf(purchase(), { rejectEventIds: ["evt-1"] })).toEqual(["conversion.event_id is refused by script"]);
  });
});

test.each<[string, Fields]>([
  ["without a device", without(purchase(), "device")],
  ["without a click", purchase({ click_id: undefined })],
  ["with a value below zero", purchase({ value: -1.5 })],
  ["of the tag's category for views", purchase({ event_name: "ViewContent" })],
  ["of 89 days ago", purchase({ timestamp: (NOW - 89 * DAY_MS) * 1000 })],
  ["with a person in clear", withUser({ email: "a@example.com", phone_number: "+14155550100", country: "US" })],
])("an event %s is taken", (_, event) => {
  expect(problemsOf(event)).toEqual([]);
});

describe("an event is refused", () => {
  test.each<[string, Fields, string]>([
    ["no user", without(purchase(), "user"), "user is required"],
    ["no conversion", without(purchase(), "conversion"), "conversion is required"],
    ["no name", purchase({ event_name: undefined }), "conversion.event_name is required"],
    ["no time", purchase({ timestamp: undefined }), "conversion.timestamp is required"],
    ["a time in ms", purchase({ timestamp: NOW }), "conversion.timestamp must be in microseconds"],
    ["a time as text", purchase({ timestamp: "2026-11-23" }), "conversion.timestamp must be whole microseconds"],
    ["a time ahead", purchase({ timestamp: (NOW + 600_000) * 1000 }), "conversion.timestamp is in the future"],
    ["a time too far back", purchase({ timestamp: (NOW - 91 * DAY_MS) * 1000 }), "conversion.timestamp is more than"],
    ["a value as text", purchase({ value: "42" }), "conversion.value must be a number"],
    ["a currency", purchase({ currency: "USD" }), "conversion.currency is not a field"],
    ["an empty click", purchase({ click_id: "" }), "conversion.click_id must have the form"],
    ["an e-mail as the click", purchase({ click_id: "a@example.com" }), "must not hold an e-mail address"],
    ["a digest as the e-mail", withUser({ email: "a".repeat(64) }), "user.email must be an e-mail address"],
    ["a national phone", withUser({ phone_number: "030 123456" }), "user.phone_number must be a phone number"],
    ["a private address", withUser({ ip: "10.0.0.1" }), "user.ip must be a public address"],
    ["a country's name", withUser({ country: "Germany" }), "user.country must be an ISO 3166-1"],
    ["an e-mail as the name", withUser({ name: "a@example.com" }), "user.name must not hold an e-mail address"],
    ["referer misspelt", withDevice({ referrer: "https://example.com" }), "device.referrer is not a field"],
    ["a device's id that is none", withDevice({ mobile_device_id: "x" }), "device.mobile_device_id must be a UUID"],
    ["a referer of an app", withDevice({ referer: "android-app://com.google" }), "device.referer must be an http"],
    ["an unknown part", purchase({}, { app: {} }), "app is not a field"],
  ])("with %s", (_, event, problem) => {
    expect(problemsOf(event)?.join("\n")).toContain(problem);
  });

  test("for unknown fields only where it is strict", () => {
    expect(problemsOf(purchase({ currency: "USD" }), { strict: false })).toEqual([]);
  });
});
