import { judgeOptions, type PlatformRequest } from "../../src/model.ts";
import { hubspot } from "../../src/platforms/hubspot.ts";
import { type Fields, NOW } from "../support/judging.ts";

const CONTACTS = "/crm/objects/2026-03/contacts/batch/upsert";
const EVENTS = "/events/2026-03/send/batch";

const contact = (n: number, changes: Fields = {}, properties: Fields = {}): Fields => ({
  id: `p${n}@example.com`,
  idProperty: "email",
  objectWriteTraceId: `row-${n}`,
  properties: { email: `p${n}@example.com`, firstname: "Jane", ...properties },
  ...changes,
});

const occurrence = (changes: Fields = {}): Fields => ({
  eventName: "pe1234567_login_event",
  email: "jane@example.com",
  occurredAt: "2026-11-23T11:59:00.000Z",
  uuid: "0e9f2b6a-3a53-5f6e-9a55-4c4f8c1d2e3f",
  properties: { hs_city: "Cambridge" },
  ...changes,
});

function request(path: string, inputs: unknown, overrides: Partial<PlatformRequest> = {}): PlatformRequest {
  return {
    method: "POST",
    host: "api.hubapi.com",
    path,
    query: new URLSearchParams(),
    headers: { "content-type": "application/json", authorization: "Bearer pat-na1-test" },
    body: JSON.stringify({ inputs }),
    ...overrides,
  };
}

function send(one: PlatformRequest, rejectEventIds: string[] = []) {
  const judgement = hubspot.judge(one, NOW, judgeOptions({ rejectEventIds }));
  const { status, body } = judgement.answer;
  return { ...judgement, status, body: body === "" ? undefined : JSON.parse(body) };
}

describe("contacts", () => {
  test("are written, and answered in another order than they came in", () => {
    const taken = send(request(CONTACTS, [contact(1), contact(2)]));
    expect(taken.status).toBe(200);
    expect(taken.body).toMatchObject({
      status: "COMPLETE",
      results: [
        { objectWriteTraceId: "row-2", properties: { email: "p2@example.com", firstname: "Jane" } },
        { objectWriteTraceId: "row-1" },
      ],
    });
    expect(taken.events).toMatchObject([
      { event_name: "contact", event_id: "p1@example.com", taken: true, problems: [] },
      { event_name: "contact", event_id: "p2@example.com", taken: true, problems: [] },
    ]);
    expect(taken.events[0]).not.toHaveProperty("dedup_key");
  });

  test("a bad one among traced ones is refused alone", () => {
    const answered = send(request(CONTACTS, [contact(1), contact(2, {}, { missing_field: "x" }), contact(3)]));
    expect(answered.status).toBe(207);
    expect(answered.body).toMatchObject({
      numErrors: 1,
      results: [{ objectWriteTraceId: "row-3" }, { objectWriteTraceId: "row-1" }],
      errors: [
        {
          category: "VALIDATION_ERROR",
          message: expect.stringContaining('"error":"PROPERTY_DOESNT_EXIST"'),
          context: { objectWriteTraceId: ["row-2"] },
        },
      ],
    });
    expect(answered.events.map(({ taken }) => taken)).toEqual([true, false, true]);
  });

  test.each([
    ["without trace ids", undefined],
    ["with one trace id for all", "row"],
  ])("a bad one %s takes all with it", (_, objectWriteTraceId) => {
    const inputs = [contact(1, { objectWriteTraceId }), contact(2, { objectWriteTraceId }, { email: "x" })];
    const refused = send(request(CONTACTS, inputs));
    expect(refused).toMatchObject({ status: 400, body: { status: "error", category: "VALIDATION_ERROR" } });
    expect(refused.events.map(({ taken }) => taken)).toEqual([false, false]);
  });

  test("an id that is there twice takes all with it, whatever its case", () => {
    const twice = contact(1, { id: "P1@example.com", objectWriteTraceId: "row-9" });
    const refused = send(request(CONTACTS, [contact(1), contact(2), twice]));
    expect(refused.status).toBe(400);
    expect(refused.body.message).toBe("Duplicate IDs found in batch input: [p1@example.com]. IDs must be unique");
    expect(refused.events.every(({ taken }) => !taken)).toBe(true);
  });

  test.each([
    ["no id", contact(1, { id: undefined }), "id is required"],
    ["no mailbox", contact(1, { id: "jane" }, { email: "jane" }), "id Email address jane is invalid"],
    ["another key", contact(1, { idProperty: "phone" }), "idProperty must be one of email"],
    ["another e-mail among the properties", contact(1, {}, { email: "x@example.com" }), "email is not the id"],
    ["an empty property", contact(1, {}, { city: "" }), "city is empty, which clears the property"],
    ["a number", contact(1, {}, { total: 12 }), "total must be a string"],
    ["a null", contact(1, {}, { city: null }), "city must be a string"],
    ["an unknown stage", contact(1, {}, { lifecyclestage: "buyer" }), "lifecyclestage buyer was not one of"],
    ["a national phone number", contact(1, {}, { phone: "0415 555" }), "phone is not international"],
    ["a name in camel case", contact(1, {}, { firstName: "Jane" }), 'firstName Property "firstName" does not exist'],
    ["a field of another API", contact(1, { associations: [] }), "associations is not a field of this API"],
    ["text", "contact", "inputs must be an object"],
  ])("refuses %s", (_, input, problem) => {
    const refused = send(request(CONTACTS, [input]));
    expect(refused.events[0]?.problems).toContainEqual(expect.stringContaining(problem));
    expect(refused.events[0]?.taken).toBe(false);
  });

  test("at most 100 are taken", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => contact(index));
    expect(send(request(CONTACTS, many(100))).status).toBe(200);
    expect(send(request(CONTACTS, many(101))).status).toBe(400);
    expect(send(request(CONTACTS, [])).status).toBe(400);
  });
});

describe("occurrences", () => {
  test("are answered with nothing", () => {
    const taken = send(request(EVENTS, [occurrence()]));
    expect(taken.answer).toEqual({ status: 204, headers: {}, body: "" });
    expect(taken.events).toMatchObject([
      {
        event_name: "pe1234567_login_event",
        event_id: "0e9f2b6a-3a53-5f6e-9a55-4c4f8c1d2e3f",
        dedup_key: "0e9f2b6a-3a53-5f6e-9a55-4c4f8c1d2e3f",
        taken: true,
        problems: [],
      },
    ]);
  });

  test("a cookie or a record id also says whose they are", () => {
    const utk = { email: undefined, utk: "a1b2c3d4e5f60718293a4b5c6d7e8f90" };
    const objectId = { email: undefined, objectId: "608051" };
    expect(send(request(EVENTS, [occurrence(utk), occurrence(objectId)])).status).toBe(204);
  });

  test.each([
    ["a name without the hub's prefix", { eventName: "login_event" }, "eventName"],
    ["a name in upper case", { eventName: "pe1_Login" }, "eventName"],
    ["a long name", { eventName: `pe1_${"x".repeat(51)}` }, "eventName"],
    ["nobody", { email: undefined }, "email or utk or objectId is required"],
    ["two answers to who", { utk: "a1b2c3d4e5f60718293a4b5c6d7e8f90" }, "email and utk"],
    ["a cookie of another form", { email: undefined, utk: "undefined" }, "utk"],
    ["epoch ms", { occurredAt: NOW }, "occurredAt"],
    ["the future", { occurredAt: "2026-11-23T12:02:00Z" }, "occurredAt is in the future"],
    ["an id that is no UUID", { uuid: "ord-1" }, "uuid"],
    ["no properties", { properties: undefined }, "properties is required"],
    ["a long value", { properties: { note: "x".repeat(257) } }, "note has more than 256 characters"],
    ["a long address", { properties: { hs_url: "x".repeat(1025) } }, "hs_url has more than 1024 characters"],
    ["a number", { properties: { total: 12 } }, "total must be a string"],
    ["a property that nobody made", { properties: { missing_plan: "x" } }, "does not exist"],
    [
      "51 properties",
      { properties: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`p${index}`, "x"])) },
      "properties hold more than 50",
    ],
    ["a field of another API", { objectType: "contact" }, "objectType is not a field of this API"],
  ])("with %s take all of the request with them", (_, changes, problem) => {
    const refused = send(request(EVENTS, [occurrence({ uuid: undefined }), occurrence(changes)]));
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      status: "error",
      category: "VALIDATION_ERROR",
      correlationId: expect.any(String),
    });
    expect(refused.events[1]?.problems).toContainEqual(expect.stringContaining(problem));
    expect(refused.events.map(({ taken }) => taken)).toEqual([false, false]);
  });

  test("of an event that nobody defined are refused", () => {
    const refused = send(request(EVENTS, [occurrence({ eventName: "pe1_quote_undefined" })]));
    expect(refused.status).toBe(400);
    expect(refused.body.message).toBe("The event definition pe1_quote_undefined could not be found");
  });

  test("at most 500 are taken", () => {
    const many = (count: number) => Array.from({ length: count }, () => occurrence());
    expect(send(request(EVENTS, many(500))).status).toBe(204);
    expect(send(request(EVENTS, many(501))).status).toBe(400);
  });
});

test.each([
  ["no token", { headers: { "content-type": "application/json" } }, 401, "INVALID_AUTHENTICATION"],
  ["a token that is not known", withToken("INVALID"), 401, "INVALID_AUTHENTICATION"],
  ["a token that has ended", withToken("EXPIRED"), 401, "EXPIRED_AUTHENTICATION"],
  ["a token without the scope", withToken("NOPERM"), 403, "MISSING_SCOPES"],
  ["a form", { headers: { authorization: "Bearer pat" } }, 415, "VALIDATION_ERROR"],
  ["a GET", { method: "GET" }, 405, "VALIDATION_ERROR"],
  ["another path", { path: "/contacts/v1/contact/batch" }, 404, "OBJECT_NOT_FOUND"],
  ["a version of the future", { path: "/crm/objects/2027-03/contacts/batch/upsert" }, 404, "OBJECT_NOT_FOUND"],
  ["a version that has ended", { path: "/events/2025-03/send/batch" }, 404, "OBJECT_NOT_FOUND"],
  ["a version between two", { path: "/events/2026-06/send/batch" }, 404, "OBJECT_NOT_FOUND"],
  ["half a document", { body: "{" }, 400, "VALIDATION_ERROR"],
  ["another root", { body: '{"inputs":[{}],"test":true}' }, 400, "VALIDATION_ERROR"],
])("refuses %s", (_, overrides, status, category) => {
  const refused = send(request(CONTACTS, [contact(1)], overrides));
  expect(refused).toMatchObject({ status, body: { status: "error", category, message: expect.any(String) } });
  expect(refused.events).toMatchObject([{ taken: false, problems: [expect.any(String)] }]);
});

function withToken(token: string): Partial<PlatformRequest> {
  return { headers: { "content-type": "application/json", authorization: `Bearer ${token}` } };
}

test.each(["/crm/v3/objects/contacts/batch/upsert", "/crm/objects/2026-09/contacts/batch/upsert"])(
  "%s is served as well",
  (path) => {
    expect(send(request(path, [contact(1)])).status).toBe(200);
  },
);

test("refuses the inputs that a script names", () => {
  expect(send(request(CONTACTS, [contact(1), contact(2)]), ["p1@example.com"]).status).toBe(207);
  expect(send(request(EVENTS, [occurrence()]), ["0e9f2b6a-3a53-5f6e-9a55-4c4f8c1d2e3f"]).status).toBe(400);
});

test.each([400, 401, 403, 404, 409, 429, 500, 503])("a scripted %d has HubSpot's error", (status) => {
  const answer = hubspot.failure(status);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ status: "error", category: expect.any(String) });
});

test("a scripted 429 names the policy", () => {
  expect(JSON.parse(hubspot.failure(429).body)).toMatchObject({ policyName: "TEN_SECONDLY_ROLLING" });
});
