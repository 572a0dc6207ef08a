import { judgeOptions, type PlatformRequest } from "../../src/model.ts";
import { klaviyo } from "../../src/platforms/klaviyo.ts";
import { type Fields, NOW } from "../support/judging.ts";

const PROFILE = { email: "sarah.mason@klaviyo-demo.com" };

function attributes(changes: Fields = {}): Fields {
  return {
    properties: { Brand: "Kids Book", ProductID: 1111 },
    time: "2026-11-08T00:00:00+00:00",
    value: 9.99,
    value_currency: "USD",
    unique_id: "ord-1",
    metric: { data: { type: "metric", attributes: { name: "Viewed Product" } } },
    ...changes,
  };
}

const profileOf = (fields: Fields) => ({ data: { type: "profile", attributes: fields } });
const event = (changes: Fields = {}, profile: Fields = PROFILE) => ({
  data: { type: "event", attributes: { ...attributes(changes), profile: profileOf(profile) } },
});
const entry = (events: Fields[], profile: Fields = PROFILE) => ({
  type: "event-bulk-create",
  attributes: {
    profile: profileOf(profile),
    events: { data: events.map((each) => ({ type: "event", attributes: each })) },
  },
});
const job = (...entries: Fields[]) => ({
  data: { type: "event-bulk-create-job", attributes: { "events-bulk-create": { data: entries } } },
});

function request(body: unknown, overrides: Partial<PlatformRequest> = {}, headers: Record<string, string> = {}) {
  return {
    method: "POST",
    host: "a.klaviyo.com",
    path: "/api/events",
    query: new URLSearchParams(),
    headers: {
      authorization: "Klaviyo-API-Key pk_test",
      revision: "2026-07-15",
      "content-type": "application/vnd.api+json",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...overrides,
  };
}

function send(one: PlatformRequest, rejectEventIds: string[] = []) {
  const judgement = klaviyo.judge(one, NOW, judgeOptions({ rejectEventIds }));
  const { status, body } = judgement.answer;
  return { ...judgement, status, errors: body === "" ? [] : JSON.parse(body).errors };
}
const JOBS = { path: "/api/event-bulk-create-jobs" };

test("takes the API reference's own example and answers 202 without a body", () => {
  const taken = send(request(event({}, { ...PROFILE, phone_number: "+15005550006", first_name: "Sarah" })));
  expect(taken.answer).toEqual({ status: 202, headers: {}, body: "" });
  expect(taken.events).toMatchObject([
    {
      event_name: "Viewed Product",
      event_id: "ord-1",
      dedup_key: "sarah.mason@klaviyo-demo.com ord-1",
      taken: true,
      problems: [],
    },
  ]);
});

test("without a unique_id the second is the id", () => {
  const [judged] = send(request(event({ unique_id: undefined }))).events;
  expect(judged?.dedup_key).toBe("sarah.mason@klaviyo-demo.com 2026-11-08T00:00:00+00:00");
});

test("a bulk job is one profile with its events", () => {
  const body = job(
    entry([attributes(), attributes({ unique_id: "ord-1-item-1" })]),
    entry([attributes()], { external_id: "7" }),
  );
  const taken = send(request(body, JOBS));
  expect(taken.status).toBe(202);
  expect(taken.events.map(({ dedup_key }) => dedup_key)).toEqual(["sarah.mason@klaviyo-demo.com ord-1", "7 ord-1"]);
});

const P = "/data/attributes/profile/data/attributes";

test.each([
  ["no properties", event({ properties: undefined }), "/data/attributes/properties"],
  ["no metric", event({ metric: undefined }), "/data/attributes/metric"],
  ["a metric in short", event({ metric: "Viewed Product" }), "/data/attributes/metric"],
  [
    "a long name",
    event({ metric: { data: { type: "metric", attributes: { name: "x".repeat(128) } } } }),
    "/data/attributes/metric/data/attributes/name",
  ],
  ["an amount as text", event({ value: "9.99" }), "/data/attributes/value"],
  ["a currency in lower case", event({ value_currency: "usd" }), "/data/attributes/value_currency"],
  ["a currency alone", event({ value: undefined }), "/data/attributes/value_currency"],
  ["epoch seconds", event({ time: 1_795_435_200 }), "/data/attributes/time"],
  ["a time before the year 2001", event({ time: "2000-12-31T23:59:59Z" }), "/data/attributes/time"],
  ["a time too far ahead", event({ time: "2027-11-25T00:00:00Z" }), "/data/attributes/time"],
  ["an empty id", event({ unique_id: "" }), "/data/attributes/unique_id"],
  ["an unknown field", event({ event_id: "ord-1" }), "/data/attributes/event_id"],
  ["a value among the properties", event({ properties: { $value: 1 } }), "/data/attributes/properties/$value"],
  ["a huge text", event({ properties: { a: "x".repeat(100_001) } }), "/data/attributes/properties/a"],
  ["a long list", event({ properties: { a: Array(4001).fill(1) } }), "/data/attributes/properties/a"],
  [
    "many properties",
    event({ properties: Object.fromEntries(Array.from({ length: 401 }, (_, i) => [`k${i}`, 1])) }),
    "/data/attributes/properties",
  ],
  ["nobody", event({}, { first_name: "Sarah" }), P],
  ["an exchange id alone", event({}, { _kx: "abc" }), P],
  ["a hashed e-mail", event({}, { email: "a".repeat(64) }), `${P}/email`],
  ["an e-mail without a domain", event({}, { email: "sarah@localhost" }), `${P}/email`],
  ["an empty e-mail", event({}, { email: "", external_id: "7" }), `${P}/email`],
  ["a national phone number", event({}, { phone_number: "05005550006" }), `${P}/phone_number`],
  ["a long external id", event({}, { external_id: "x".repeat(256) }), `${P}/external_id`],
  ["a null", event({}, { ...PROFILE, last_name: null }), `${P}/last_name`],
  ["a field that profiles do not have", event({}, { ...PROFILE, city: "Boston" }), `${P}/city`],
  ["an empty location", event({}, { ...PROFILE, location: {} }), `${P}/location`],
  ["a private address", event({}, { ...PROFILE, location: { ip: "10.0.0.1" } }), `${P}/location/ip`],
  ["another type", { data: { type: "events", attributes: {} } }, "/data/type"],
  ["no data", {}, "/data"],
])("refuses %s and points at it", (_, body, pointer) => {
  const refused = send(request(body));
  expect(refused.status).toBe(400);
  expect(refused.errors.map((error: { source: { pointer?: string } }) => error.source.pointer)).toContain(pointer);
  expect(refused.errors[0]).toMatchObject({ id: expect.any(String), code: "invalid", detail: expect.any(String) });
  expect(refused.events).toMatchObject([{ taken: false }]);
});

test("nesting is bounded", () => {
  const nested = (levels: number): unknown => (levels === 0 ? "leaf" : { a: nested(levels - 1) });
  expect(send(request(event({ properties: { a: nested(9) } }))).status).toBe(202);
  expect(send(request(event({ properties: { a: nested(10) } }))).status).toBe(400);
});

const E = "/data/attributes/events-bulk-create/data";

test.each([
  ["a repeated id", job(entry([attributes(), attributes()])), `${E}/0/attributes/events/data/1/attributes/unique_id`],
  [
    "one bad event",
    job(entry([attributes()]), entry([attributes({ value: "1" })])),
    `${E}/1/attributes/events/data/0/attributes/value`,
  ],
  [
    "a profile inside an event",
    job(entry([attributes({ profile: profileOf(PROFILE) })])),
    `${E}/0/attributes/events/data/0/attributes/profile`,
  ],
  ["no events", job(entry([])), `${E}/0/attributes/events/data`],
  ["no entries", job(), E],
  ["too many", job(entry(Array.from({ length: 1001 }, (_, i) => attributes({ unique_id: `o${i}` })))), E],
])("a bulk job with %s fails as a whole", (_, body, pointer) => {
  const refused = send(request(body, JOBS));
  expect(refused.status).toBe(400);
  expect(refused.errors.map((error: { source: { pointer?: string } }) => error.source.pointer)).toContain(pointer);
  expect(refused.events.every(({ taken }) => !taken)).toBe(true);
});

test("the same id under another metric is another event", () => {
  const other = { data: { type: "metric", attributes: { name: "Ordered Product" } } };
  expect(send(request(job(entry([attributes(), attributes({ metric: other })])), JOBS)).status).toBe(202);
});

test.each([
  ["no key", {}, { authorization: "" }, 401],
  ["a bearer token", {}, { authorization: "Bearer pk_test" }, 401],
  ["the public key", {}, { authorization: "Klaviyo-API-Key XYZ123" }, 401],
  ["a key that is not known", {}, { authorization: "Klaviyo-API-Key pk_INVALID" }, 401],
  ["a key without the scope", {}, { authorization: "Klaviyo-API-Key pk_NOPERM" }, 403],
  ["no revision", {}, { revision: "" }, 400],
  ["a revision of the future", {}, { revision: "2027-01-15" }, 400],
  ["a retired revision", {}, { revision: "2024-10-15" }, 410],
  ["plain JSON", {}, { "content-type": "application/json" }, 415],
  ["a GET", { method: "GET" }, {}, 405],
  ["another path", { path: "/api/track" }, {}, 404],
  ["six megabytes", { body: `"${"x".repeat(6_000_000)}"` }, {}, 413],
  ["half a document", { body: "{" }, {}, 400],
])("refuses %s", (_, overrides, headers, status) => {
  const refused = send(request(event(), overrides, headers));
  expect(refused.status).toBe(status);
  expect(refused.errors).toHaveLength(1);
  expect(refused.events).toMatchObject([{ taken: false }]);
});

test("a revision is served until its second birthday", () => {
  expect(send(request(event(), {}, { revision: "2024-11-24" })).status).toBe(202);
  expect(send(request(event(), {}, { revision: "2024-11-23" })).status).toBe(410);
});

test("refuses the events that a script names", () => {
  expect(send(request(event()), ["ord-1"]).status).toBe(400);
  expect(send(request(job(entry([attributes()])), JOBS), ["ord-1"]).status).toBe(400);
});

test.each([400, 401, 403, 404, 429, 500, 503])("a scripted %d has JSON:API errors", (status) => {
  const answer = klaviyo.failure(status);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({ errors: [expect.objectContaining({ status, code: expect.any(String) })] });
});
