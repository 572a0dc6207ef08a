import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tiktok } from "../../src/platforms/tiktok.ts";
import { type Fields, NOW, type Sent, senderTo, sha, without } from "../support/judging.ts";

interface Example {
  name: string;
  body: { data: { event_time: number }[] };
}

const SECONDS = NOW / 1000;
const DAY = 86_400;
const PIXEL = "C4A1B2C3D4E5F6G7H8I9";
const SET = "7302345678901234567";
const URL = "https://business-api.tiktok.com/open_api/v1.3/event/track/";

function purchase(changes: Fields = {}): Fields {
  return {
    event: "Purchase",
    event_time: SECONDS - 60,
    event_id: "ord-1",
    user: { email: [sha("a@example.com")], ip: "203.0.113.7", user_agent: "Mozilla/5.0" },
    properties: { value: 12.5, currency: "EUR" },
    page: { url: "https://shop.example.com/thanks" },
    limited_data_use: false,
    ...changes,
  };
}

const withUser = (user: Fields) => purchase({ user: { ...(purchase().user as Fields), ...user } });
const withProperties = (properties: Fields) =>
  purchase({ properties: { value: 12.5, currency: "EUR", ...properties } });
const withContent = (content: Fields) => withProperties({ contents: [{ content_id: "1", ...content }] });
const web = (...data: unknown[]) => ({ event_source: "web", event_source_id: PIXEL, data });
const offline = (...data: unknown[]) => ({ event_source: "offline", event_source_id: SET, data });
const crm = (...data: unknown[]) => ({ event_source: "crm", event_source_id: SET, data });
const app = (...data: unknown[]) => ({ event_source: "app", event_source_id: SET, data });
const inApp = (changes: Fields = {}) =>
  without(purchase({ app: { app_id: "com.example.shop" }, user: { gaid: sha("38400000") }, ...changes }), "page");

const send = senderTo(tiktok, {
  url: URL,
  headers: { "Access-Token": "token-1234" },
  always: { "Content-Type": "application/json" },
});

describe("worked examples", () => {
  const examples = JSON.parse(readFileSync(join(import.meta.dirname, "../examples/tiktok.json"), "utf8")) as Example[];
  test.each(examples)("$name is taken", ({ body }) => {
    const now = (body.data[0]?.event_time ?? 0) * 1000 + 5000;
    const { answer, events } = send(body, { now });
    expect(events.flatMap(({ problems }) => problems)).toEqual([]);
    expect(answer).toEqual({
      code: 0,
      message: "OK",
      request_id: expect.stringMatching(/^\d{14}[0-9A-F]{18}$/),
      data: {},
    });
  });
});

test("a copy is known by source, event and id", () => {
  const { judgement } = send(web(purchase()));
  expect(tiktok.dedupWindowMs).toBe(48 * 3_600_000);
  expect(judgement.target).toBe(`web:${PIXEL}`);
  expect(judgement.events).toMatchObject([
    { event_name: "Purchase", event_id: "ord-1", dedup_key: "ord-1", taken: true },
  ]);
});

describe("one bad event", () => {
  test("fails its request with HTTP 200, named by its row", () => {
    const { judgement, status, answer } = send(web(purchase(), purchase({ event_id: 7 }), purchase()));
    expect(status).toBe(200);
    expect(answer).toMatchObject({ code: 40002, message: "Batch.1.event_id: must be a non-empty string" });
    expect(judgement.events.map(({ taken }) => taken)).toEqual([false, false, false]);
    expect(judgement.events.map(({ problems }) => problems.length)).toEqual([0, 1, 0]);
  });

  test("may be one that a script names", () => {
    const { answer } = send(web(purchase(), purchase({ event_id: "ord-13" })), {
      options: { rejectEventIds: ["ord-13"] },
    });
    expect(answer).toMatchObject({ code: 40002, message: "Batch.1.event_id: is refused by script" });
  });
});

test.each<[string, unknown]>([
  ["event", web(without(purchase(), "event"))],
  ["event_time", web(without(purchase(), "event_time"))],
  ["event_id", web(without(purchase(), "event_id"))],
  ["user", web(without(purchase(), "user"))],
  ["event", web(purchase({ event: "quote requested" }))],
  ["event", web(purchase({ event: "9lives" }))],
  ["event", web(purchase({ event: "a".repeat(51) }))],
  ["event", crm(without(purchase({ event: "a".repeat(51) }), "page"))],
  ["event_time", web(purchase({ event_time: NOW }))],
  ["event_time", web(purchase({ event_time: String(SECONDS) }))],
  ["event_time", web(purchase({ event_time: SECONDS + 120 }))],
  ["event_time", web(purchase({ event_time: SECONDS - 7 * DAY - 1 }))],
  ["event_time", app(inApp({ event_time: SECONDS - 7 * DAY - 1 }))],
  ["event_time", offline(purchase({ event_time: SECONDS - 28 * DAY - 1 }))],
  ["user.email", web(withUser({ email: ["a@example.com"] }))],
  ["user.email", web(withUser({ email: [] }))],
  ["user.email", web(withUser({ email: [sha("")] }))],
  ["user.email", web(withUser({ email: [sha("a").toUpperCase()] }))],
  ["user.phone", web(withUser({ phone: ["+4915112345678"] }))],
  ["user.external_id", web(withUser({ external_id: "user-1" }))],
  ["user.first_name", web(withUser({ first_name: [sha("jane")] }))],
  ["user.zip_code", web(withUser({ zip_code: "10115" }))],
  ["user.city", web(withUser({ city: sha("berlin") }))],
  ["user.city", web(withUser({ city: "Berlin" }))],
  ["user.city", web(withUser({ city: "" }))],
  ["user.country", web(withUser({ country: "DE" }))],
  ["user.ip", web(withUser({ ip: "10.0.0.1" }))],
  ["user.ttclid", web(withUser({ ttclid: "" }))],
  ["user.ttclid", web(withUser({ ttclid: "jane@example.com" }))],
  ["user.em", web(withUser({ em: [sha("a")] }))],
  ["user.idfa", app(inApp({ user: { idfa: "6D92078A-8246" } }))],
  ["user.att_status", app(inApp({ user: { gaid: sha("1"), att_status: "authorized" } }))],
  ["user.lead_id", offline(withUser({ lead_id: 7429110012345678 }))],
  ["properties", web(purchase({ properties: {} }))],
  ["properties.value", web(withProperties({ value: "12.5" }))],
  ["properties.value", web(withProperties({ value: -1 }))],
  ["properties.value", web(purchase({ properties: { value: 1 } }))],
  ["properties.currency", web(withProperties({ currency: "eur" }))],
  ["properties.order_id", web(withProperties({ order_id: 10001 }))],
  ["properties.content_type", web(withProperties({ content_type: "products" }))],
  ["properties.contents", web(withProperties({ contents: [] }))],
  ["properties.contents_ids", web(withProperties({ contents_ids: ["1"] }))],
  ["properties.content_ids", web(withProperties({ contents: [{ content_id: "1" }], content_ids: ["1"] }))],
  ["properties.contents.0.content_id", web(withContent({ content_id: 7 }))],
  ["properties.contents.0.content_id", web(withProperties({ contents: [{ price: 1 }] }))],
  ["properties.contents.0.price", web(withContent({ price: "1" }))],
  ["properties.contents.0.quantity", web(withContent({ quantity: 0.5 }))],
  ["properties.contents.0.id", web(withContent({ id: "1" }))],
  ["properties.search_string", web(withProperties({ search_string: "mugs of a@example.com" }))],
  ["page.url", web(purchase({ page: { url: "/thanks" } }))],
  ["page.url", web(purchase({ page: { url: "https://shop.example.com/?e=a%40example.com" } }))],
  ["page.title", web(purchase({ page: { url: "https://shop.example.com/", title: "x" } }))],
  ["limited_data_use", web(purchase({ limited_data_use: 1 }))],
  ["test_event_code", web(purchase({ test_event_code: "TEST1" }))],
  ["app", web(purchase({ app: { app_id: "1" } }))],
  ["lead", offline(purchase({ lead: { lead_id: "1" } }))],
  ["lead.lead_id", crm(purchase({ lead: { lead_id: 7429110012345678 } }))],
  ["lead.lead_id", crm(purchase({ lead: { lead_event_source: "salesforce" } }))],
  ["app.app_id", app(without(inApp(), "app"))],
  ["app.app_id", app(inApp({ app: { app_id: 429047995 } }))],
  ["user", web(purchase({ user: { country: "de", user_agent: "Mozilla/5.0" } }))],
  ["user", offline(purchase({ user: { ip: "203.0.113.7", user_agent: "Mozilla/5.0" } }))],
  ["user", crm(purchase({ user: { external_id: [sha("1")] } }))],
  ["user", app(inApp({ user: { email: [sha("a")] } }))],
  ["", web("Purchase")],
])("%s is refused when it is wrong (%#)", (path, body) => {
  const { answer, judgement } = send(body);
  expect(answer.code).toBe(40002);
  expect(answer.message.startsWith(`Batch.0.${path}`)).toBe(true);
  expect(judgement.events[0]?.problems.some((problem) => problem.startsWith(path))).toBe(true);
});

test.each<[string, unknown]>([
  ["one digest in place of a list", web(withUser({ email: sha("a"), phone: sha("+1") }))],
  ["a click alone", web(purchase({ user: { ttclid: "E.C.P.x" } }))],
  ["an address and a user agent", web(purchase({ user: { ip: "2001:db8::7", user_agent: "Mozilla/5.0" } }))],
  ["the free text of a CRM stage", crm(purchase({ event: "Closed won (Q4)" }))],
  ["a lead known by its id", crm(purchase({ user: {}, lead: { lead_id: "7429110012345678901" } }))],
  ["an offline event of 27 days ago", offline(purchase({ event_time: SECONDS - 27 * DAY }))],
  ["an app event", app(inApp())],
  [
    "a refund below zero under a name of its own",
    web(purchase({ event: "Refund", properties: { value: -1, currency: "EUR" } })),
  ],
  ["a test", { ...web(purchase()), test_event_code: "TEST1" }],
])("%s is taken", (_, body) => {
  const { answer, judgement } = send(body);
  expect(judgement.events.flatMap(({ problems }) => problems)).toEqual([]);
  expect(answer.code).toBe(0);
});

test("fields that no document names pass when it is not strict", () => {
  expect(send(web(withUser({ em: "x" })), { options: { strict: false } }).answer.code).toBe(0);
});

describe("the request itself", () => {
  test.each<[string, number, number, unknown, Sent]>([
    ["no token", 200, 40104, web(purchase()), { headers: {} }],
    ["an expired token", 200, 40102, web(purchase()), { headers: { "Access-Token": "EXPIRED1" } }],
    ["a wrong token", 200, 40105, web(purchase()), { headers: { "Access-Token": "INVALID1" } }],
    ["a token without permission", 200, 40001, web(purchase()), { headers: { "Access-Token": "NOPERM1" } }],
    ["a bearer token", 200, 40104, web(purchase()), { headers: { Authorization: "Bearer token-1234" } }],
    [
      "another content type",
      200,
      40002,
      web(purchase()),
      { headers: { "Access-Token": "t1234", "Content-Type": "text/plain" } },
    ],
    ["a path without its slash", 404, 40002, web(purchase()), { url: URL.slice(0, -1) }],
    ["another method", 404, 40002, web(purchase()), { method: "PUT" }],
    ["no JSON", 200, 40002, "{", {}],
    ["no event source", 200, 40002, { event_source_id: PIXEL, data: [purchase()] }, {}],
    ["an unknown event source", 200, 40002, { ...offline(purchase()), event_source: "store" }, {}],
    ["the pixel of an offline set", 200, 40002, { ...offline(purchase()), event_source_id: PIXEL }, {}],
    ["a set id as number", 200, 40002, { ...offline(purchase()), event_source_id: 7302345 }, {}],
    ["no events", 200, 40002, web(), {}],
    ["too many events", 200, 40002, web(...Array.from({ length: 1001 }, () => purchase())), {}],
    ["a field of nobody", 200, 40002, { ...web(purchase()), pixel_code: PIXEL }, {}],
  ])("%s is refused", (_, status, code, body, call) => {
    const result = send(body, call);
    expect({ status: result.status, code: result.answer.code }).toEqual({ status, code });
    expect(result.judgement.events.some(({ taken }) => taken)).toBe(false);
  });
});

test.each([
  [401, 40105],
  [403, 40001],
  [404, 40002],
  [429, 40100],
  [500, 50000],
  [503, 50000],
])("a scripted %i has TikTok's form", (status, code) => {
  const answer = tiktok.failure(status);
  expect({ status: answer.status, code: JSON.parse(answer.body).code }).toEqual({ status, code });
});
