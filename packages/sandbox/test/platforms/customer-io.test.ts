import { customerIo } from "../../src/platforms/customer-io.ts";
import { platformAt } from "../../src/platforms.ts";
import { type Fields, NOW, type Sent, senderTo } from "../support/judging.ts";

const SECONDS = NOW / 1000 - 60;
const URL = "https://track.customer.io/api/v2/batch";
const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

const event = (changes: Fields = {}): Fields => ({
  type: "person",
  identifiers: { id: "42" },
  action: "event",
  name: "purchase",
  attributes: { product: "Widget", price: 29.99 },
  ...changes,
});
const identify = (attributes: Fields = { first_name: "Jane" }, changes: Fields = {}): Fields => ({
  type: "person",
  identifiers: { id: "42" },
  action: "identify",
  attributes,
  ...changes,
});

const send = senderTo(customerIo, {
  url: URL,
  always: { authorization: `Basic ${btoa("site:key")}`, "content-type": "application/json" },
});

test("stands at the hosts of both regions", () => {
  expect(platformAt("track.customer.io", "/api/v2/batch").id).toBe("customer-io");
  expect(platformAt("track-eu.customer.io", "/api/v2/batch").id).toBe("customer-io");
});

test("takes the reference's own examples and answers with an empty object", () => {
  const batch = [
    identify({ first_name: "Jane", last_name: "Doe", plan: "premium" }),
    event(),
    event({ action: "page", name: "/pricing", attributes: { referrer: "https://example.com" } }),
    event({ action: "screen", name: "Dashboard", id: ULID, timestamp: SECONDS, identifiers: { cio_id: "a3000001" } }),
    event({ identifiers: { phone: "+14155552671" } }),
    event({ identifiers: { anonymous_id: "anon-abc-123" } }),
  ];
  const taken = send({ batch });
  expect(taken.judgement).toMatchObject({ target: "site", answer: { status: 200, body: "{}" } });
  expect(taken.events.map(({ event_name }) => event_name)).toEqual([
    "purchase",
    "(page)",
    "(screen)",
    "purchase",
    "purchase",
  ]);
});

test("drops copies by the ULID and by nothing else", () => {
  const batch = [event({ id: ULID, attributes: { event_id: "e-1" } }), event({ attributes: { event_id: "e-2" } })];
  const [first, second] = send({ batch }).events;
  expect(first).toMatchObject({ event_id: "e-1", dedup_key: ULID });
  expect(second).toMatchObject({ event_id: "e-2" });
  expect(second).not.toHaveProperty("dedup_key");
});

test("an update of a profile is part of the event of the same person that follows it", () => {
  const refused = identify({ first_name: "" });
  const other = identify({ first_name: "Ada" }, { identifiers: { id: "7" } });
  const judged = send({ batch: [refused, event(), other, event(), identify()] });
  expect(judged.status).toBe(207);
  expect(judged.answer.errors).toEqual([
    { batch_index: 0, reason: "invalid", field: "attributes.first_name", message: "would remove the attribute" },
  ]);
  expect(judged.events).toMatchObject([
    { event_name: "purchase", taken: true, problems: ["batch[0] attributes.first_name would remove the attribute"] },
    { event_name: "(identify)", taken: true },
    { event_name: "purchase", taken: true },
    { event_name: "(identify)", taken: true },
  ]);
});

test.each<[string, Fields, string, string]>([
  ["another type", event({ type: "people" }), "type", "must be one of person"],
  ["an action that there is none of", event({ action: "track" }), "action", "must be one of"],
  ["no name", event({ name: undefined }), "name", "is required"],
  ["an empty name", event({ name: " " }), "name", "must be a non-empty string"],
  ["a name with spaces around it", event({ name: "purchase " }), "name", "must not begin or end with a space"],
  ["a name of 101 bytes", event({ name: `${"ä".repeat(50)}x` }), "name", "cannot be longer than 100 bytes"],
  ["nobody", event({ identifiers: {} }), "identifiers", "must be one, are 0"],
  ["two identifiers", event({ identifiers: { id: "1", email: "a@example.com" } }), "identifiers", "must be one, are 2"],
  ["an identifier of another kind", event({ identifiers: { user_id: "1" } }), "identifiers.user_id", "is not a field"],
  ["a long id", event({ identifiers: { id: "x".repeat(151) } }), "identifiers.id", "cannot be longer than 150"],
  ["a hash for an e-mail", event({ identifiers: { email: "a".repeat(64) } }), "identifiers.email", "must be an e-mail"],
  ["a national number", event({ identifiers: { phone: "0176123456" } }), "identifiers.phone", "must be a phone number"],
  ["a UUID for an id", event({ id: "94e2a4c9-0000-4000-8000-000000000000" }), "id", "must have the form ULID"],
  ["a ULID beyond its time", event({ id: `8${ULID.slice(1)}` }), "id", "must have the form ULID"],
  ["milliseconds", event({ timestamp: NOW }), "timestamp", "must be in seconds"],
  ["half a second", event({ timestamp: SECONDS + 0.5 }), "timestamp", "must be whole seconds"],
  ["tomorrow", event({ timestamp: SECONDS + 86_400 }), "timestamp", "is in the future"],
  ["an ISO time", event({ timestamp: "2026-11-23T12:00:00Z" }), "timestamp", "must be whole seconds"],
  ["a field of version 1", event({ data: {} }), "data", "is not a field"],
  ["attributes in a list", event({ attributes: [] }), "attributes", "must be an object"],
  ["a null", event({ attributes: { a: null } }), "attributes.a", "is null"],
  ["another's mail", event({ attributes: { recipient: "nobody" } }), "attributes.recipient", "must be an e-mail"],
  ["an entry of 33 kB", event({ attributes: { a: "x".repeat(33_000) } }), "", "at most 32000 are taken"],
  ["a name for an update", identify({ a: 1 }, { name: "x" }), "name", "is not a field"],
  ["a visitor's profile", identify({ a: 1 }, { identifiers: { anonymous_id: "a" } }), "identifiers.anonymous_id", "no"],
  ["a long value", identify({ bio: "x".repeat(1001) }), "attributes.bio", "cannot be longer than 1000 bytes"],
  ["a long name for a value", identify({ ["n".repeat(151)]: 1 }), `attributes.${"n".repeat(151)}`, "is no name"],
  ["a date for created_at", identify({ created_at: "2026-11-23" }), "attributes.created_at", "must be a Unix time"],
  ["no mailbox", identify({ email: "x" }), "attributes.email", "must be an e-mail address"],
  [
    "301 attributes",
    identify(Object.fromEntries(Array.from({ length: 301 }, (_, index) => [`a${index}`, 1]))),
    "attributes",
    "cannot identify more than 300 attributes",
  ],
])("refuses %s, alone", (_, refused, field, words) => {
  const judged = send({ batch: [event(), refused] });
  expect(judged.status).toBe(207);
  expect(judged.answer.errors).toContainEqual({
    batch_index: 1,
    reason: "invalid",
    field,
    message: expect.stringContaining(words),
  });
  expect(judged.events.map(({ taken }) => taken)).toEqual([true, false]);
});

test.each<[string, unknown, Sent, number]>([
  ["another path", { batch: [event()] }, { url: "https://track.customer.io/api/v2/events" }, 404],
  ["a GET", "", { method: "GET" }, 405],
  ["no credentials", { batch: [event()] }, { headers: { authorization: "" } }, 401],
  ["a bearer token", { batch: [event()] }, { headers: { authorization: "Bearer key" } }, 401],
  ["a wrong key", { batch: [event()] }, { headers: { authorization: `Basic ${btoa("site:INVALID")}` } }, 401],
  ["a site without a key", { batch: [event()] }, { headers: { authorization: `Basic ${btoa("site:")}` } }, 401],
  ["a form", { batch: [event()] }, { headers: { "content-type": "text/plain" } }, 400],
  ["half a document", '{"batch":[', {}, 400],
  ["a bare event", event(), {}, 400],
  ["an empty batch", { batch: [] }, {}, 400],
  ["fields of Segment's", { batch: [event()], writeKey: "x" }, {}, 400],
  ["600 kB", { batch: Array(20).fill(event({ attributes: { a: "x".repeat(30_000) } })) }, {}, 413],
])("refuses a whole batch over %s", (_, body, sent, status) => {
  const refused = send(body, sent);
  expect(refused.status).toBe(status);
  expect(refused.answer.errors ?? refused.answer.meta.error).toBeDefined();
  expect(refused.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
});

test("a script refuses an event by its id, alone", () => {
  const batch = [event({ attributes: { event_id: "e-1" } }), event({ attributes: { event_id: "e-2" } })];
  const judged = send({ batch }, { options: { rejectEventIds: ["e-2"] } });
  expect(judged.answer.errors).toEqual([
    { batch_index: 1, reason: "invalid", field: "attributes.event_id", message: "is refused by script" },
  ]);
});

test("as lenient as the platform, it lets unknown fields pass", () => {
  expect(send({ batch: [event({ data: {} })], writeKey: "x" }, { options: { strict: false } }).status).toBe(200);
});
