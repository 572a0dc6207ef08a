import fc from "fast-check";
import { readEventInput } from "../../src/core/event-input.ts";

function problems(raw: unknown) {
  const result = readEventInput(raw);
  return result.ok ? [] : result.errors;
}

test("every field in canonical spelling", () => {
  const result = readEventInput({
    event_name: " purchase ",
    event_id: 12345,
    event_time: "2026-11-20T12:00:00Z",
    user: {
      user_id: 42,
      email: " Ada@Example.com ",
      phone: 4930123456,
      email_sha256: "AB".repeat(32),
      gender: "Female",
      date_of_birth: "1990-02-28",
      country: "de",
      first_name: "",
      last_name: null,
    },
    consent: { ad_storage: "denied", gpc: true, jurisdiction: "us-ca" },
    value: "0149.850",
    currency: "eur",
    items: [{ id: 7, price: 1.5, quantity: "2" }],
  });
  expect(result).toMatchObject({ ok: true, warnings: [] });
  expect(result.ok && result.input).toEqual({
    event_name: "purchase",
    event_id: "12345",
    event_time: Date.UTC(2026, 10, 20, 12),
    user: {
      user_id: "42",
      email: "Ada@Example.com",
      phone: "4930123456",
      email_sha256: "ab".repeat(32),
      gender: "f",
      date_of_birth: "1990-02-28",
      country: "DE",
    },
    consent: { ad_storage: "denied", gpc: true, jurisdiction: "US-CA" },
    value: "149.85",
    currency: "EUR",
    items: [{ id: "7", price: "1.5", quantity: 2 }],
  });
});

test.each([
  [{}, "event_name"],
  [{ event_name: 5 }, "event_name"],
  [{ event_name: "  " }, "event_name"],
  [{ event_name: "x".repeat(101) }, "event_name"],
  [{ event_name: "lead", event_id: "x".repeat(201) }, "event_id"],
  [{ event_name: "lead", event_id: 2 ** 53 }, "event_id"],
  [{ event_name: "lead", event_time: "tomorrow" }, "event_time"],
  [{ event_name: "lead", value: "12,50" }, "value"],
  [{ event_name: "lead", value: "$5" }, "value"],
  [{ event_name: "lead", value: JSON.parse("1e400") }, "value"],
  [{ event_name: "lead", value: Number.NaN }, "value"],
  [{ event_name: "lead", value: {} }, "value"],
  [{ event_name: "lead", tax: -1 }, "tax"],
  [{ event_name: "lead", currency: "Euro" }, "currency"],
  [{ event_name: "lead", user: "ada@example.com" }, "user"],
  [{ event_name: "lead", consent: { ad_storage: "yes" } }, "consent.ad_storage"],
  [{ event_name: "lead", items: {} }, "items"],
  [{ event_name: "lead", destinations: { meta: "no" } }, "destinations.*"],
  [{ event_name: "lead", user: { user_id: {} } }, "user.user_id"],
  [{ event_name: "lead", user: { anonymous_id: 2 ** 53 } }, "user.anonymous_id"],
  [{ event_name: "lead", items: [{ id: ["a"] }] }, "items[0].id"],
  [{ event_name: "purchase", order_id: true }, "order_id"],
  [{ event_name: "purchase", currency: "ZZZ" }, "currency"],
  [{ event_name: "lead", cookies: { "ada@example.com": 1 } }, "cookies.*"],
  [{ event_name: "lead", test: "true" }, "test"],
  ["text", ""],
  [null, ""],
])("%j is refused at %s", (raw, field) => {
  const errors = problems(raw);
  expect(errors.map((error) => error.field)).toEqual([field]);
  expect(JSON.stringify(errors)).not.toContain("ada@");
});

test("all that is wrong is told at once", () => {
  expect(problems({ event_name: "lead", value: "x", user: { user_id: {} } }).map((error) => error.field)).toEqual([
    "user.user_id",
    "value",
  ]);
});

test("unknown keys are told and ignored, at every level", () => {
  const result = readEventInput({ event_name: "lead", colour: "red", user: { mail: "a" }, items: [{ sku: 1 }] });
  expect(result.warnings.map((warning) => warning.field)).toEqual(["colour", "user.mail", "items[0].sku"]);
  expect(result.ok && result.input).toEqual({ event_name: "lead", user: {}, items: [{}] });
});

test.each([
  [{ user: { gender: "other", user_id: "u" } }, { user: { user_id: "u" } }, ["user.gender"]],
  [{ user: { country: "Atlantis", city: "Ys" } }, { user: { city: "Ys" } }, ["user.country"]],
  [{ user: { country: "Germany" } }, { user: { country: "DE" } }, []],
  [{ user: { date_of_birth: "05.01.1990" } }, { user: {} }, ["user.date_of_birth"]],
  [{ user: { email_sha256: "ada@example.com" } }, { user: {} }, ["user.email_sha256"]],
  [{ user: { email: { secret: "ada@example.com" } } }, { user: {} }, ["user.email"]],
  [{ items: [{ id: "a", price: -5 }] }, { items: [{ id: "a" }] }, ["items[0].price"]],
  [
    { items: [{ id: "a" }, "ada@example.com", { quantity: -1 }] },
    { items: [{ id: "a" }, {}] },
    ["items[1]", "items[2].quantity"],
  ],
  [{ page: { url: 5, title: "T" } }, { page: { title: "T" } }, ["page.url"]],
  [{ app: { platform: "windows", id: "a" } }, {}, ["app.platform"]],
])("%j costs the field and not the purchase", (broken, kept, fields) => {
  const conversion = { event_name: "purchase", value: "5", currency: "EUR" };
  const result = readEventInput({ ...conversion, ...broken });
  expect(result.ok && result.input).toEqual({ ...conversion, ...kept });
  expect(result.warnings.map((warning) => warning.field)).toEqual(fields);
  expect(JSON.stringify(result.warnings)).not.toMatch(/ada@|05\.01|other|Atlantis/);
});

test("a refund's minus signs mean nothing, in its lines as in its total", () => {
  const items = [{ id: "a", price: "-5.00", quantity: -1, discount: -0.5 }];
  const result = readEventInput({ event_name: "Refund", value: -5, tax: -1, items });
  expect(result).toMatchObject({ ok: true, warnings: [] });
  expect(result.ok && result.input).toMatchObject({ tax: "1", items: [{ price: "5", quantity: 1, discount: "0.5" }] });
});

test("the app and the device of an app event", () => {
  const app = { platform: "iOS", id: "com.example.shop", version: 5.1, build: "512" };
  const device = { os_version: "17.2", screen_width: 390, advertising_tracking_allowed: false };
  const result = readEventInput({ event_name: "purchase", action_source: "app", app, device });
  expect(result).toMatchObject({ ok: true, warnings: [] });
  expect(result.ok && result.input).toMatchObject({
    app: { platform: "ios", id: "com.example.shop", version: "5.1", build: "512" },
    device: { os_version: "17.2", screen_width: "390", advertising_tracking_allowed: false },
  });
});

test("a browser id is checked against its cookie's form, and a wrong one left out with a warning", () => {
  const uuid = "0b6f4d6e-5f2c-4d0f-9c55-3f6a1d2b7e90";
  const browser_ids = { rdt_uuid: `1700000000000.${uuid}`, uetvid: "not one", hubspotutk: uuid, obref: "a%2Bb" };
  const result = readEventInput({ event_name: "lead", browser_ids });
  expect(result.ok && result.input.browser_ids).toEqual({ rdt_uuid: uuid, hubspotutk: uuid, obref: "a%2Bb" });
  expect(result.warnings).toEqual([
    {
      field: "browser_ids.uetvid",
      rule: "ignored: the value of the cookie _uetvid",
      got: "string of 7 characters",
    },
  ]);
});

test("a GA client id is taken bare or as its cookie holds it", () => {
  const read = (ga_client_id: string) => {
    const result = readEventInput({ event_name: "lead", browser_ids: { ga_client_id } });
    return result.ok && result.input.browser_ids?.ga_client_id;
  };
  expect(["GA1.1.111.222", "GA1.2-2.111.222", "111.222", "own-id"].map(read)).toEqual([
    "111.222",
    "111.222",
    "111.222",
    "own-id",
  ]);
});

test("keys that the sender made up are not repeated unless they look like a field's name", () => {
  const personal = {
    "ada@example.com": 1,
    "+4930123456": 1,
    user: { "Ada Lovelace": 1 },
    properties: { "ada@x": "y".repeat(9000) },
  };
  const { warnings } = readEventInput({ event_name: "lead", eventName: "lead", ...personal });
  expect(warnings.map((warning) => warning.field).sort()).toEqual(["*", "*", "eventName", "properties.*", "user.*"]);
  const wide = Object.fromEntries([...Array(600).keys()].map((key) => [`k${key}`, 1]));
  expect(problems({ event_name: "lead", properties: { "ada@x": wide } })).toMatchObject([{ field: "properties.*" }]);
});

test("a key that is never taken is named", () => {
  const raw = JSON.parse('{"event_name":"lead","__proto__":1,"properties":{"constructor":1,"a.b":{"prototype":1}}}');
  expect(readEventInput(raw).warnings.map((warning) => warning.field)).toEqual([
    "__proto__",
    "properties.constructor",
    "properties.*.prototype",
  ]);
});

test("more products than are kept do not cost the purchase", () => {
  const result = readEventInput({ event_name: "purchase", items: Array(600).fill({ id: "a" }) });
  expect(result.ok && result.input.items).toHaveLength(512);
  expect(result.warnings).toMatchObject([{ field: "items", rule: "too_many_entries" }]);
});

test("names in any script survive", () => {
  const user = { first_name: "👩‍🚀 Zoë", last_name: "محمد" };
  const result = readEventInput({ event_name: "lead", user });
  expect(result.ok && result.input.user).toEqual(user);
});

test("a deep event is refused by itself", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`);
  expect(problems({ event_name: "lead", properties: deep })).toMatchObject([{ rule: "too_deep" }]);
});

test("any JSON is an input or a list of problems", () => {
  const known = fc.constantFrom(
    "event_name",
    "event_id",
    "event_time",
    "user",
    "items",
    "value",
    "consent",
    "page",
    "cookies",
    "__proto__",
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(known, fc.jsonValue())), (raw) => {
      const result = readEventInput(raw);
      if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
    }),
  );
});

test("GA4's names are told what they are called here, where that field exists", () => {
  const { warnings } = readEventInput({
    event_name: "purchase",
    transaction_id: "1001",
    item_id: "at the wrong place",
    items: [{ item_id: "sku-1", item_name: "Mug", item_brand: "B", item_category: "C", item_variant: "V", price: 1 }],
  });
  expect(warnings.map(({ field, rule }) => `${field}: ${rule.replace("unknown, ignored: ", "")}`)).toEqual([
    "transaction_id: it is called order_id here",
    "item_id: own fields belong in properties",
    "items[0].item_id: it is called id here",
    "items[0].item_name: it is called name here",
    "items[0].item_brand: it is called brand here",
    "items[0].item_category: it is called category here",
    "items[0].item_variant: it is called variant here",
  ]);
});
