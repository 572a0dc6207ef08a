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
  [{ event_name: "lead", user: { country: "Germany" } }, "user.country"],
  [{ event_name: "lead", user: { date_of_birth: "1990-02-30" } }, "user.date_of_birth"],
  [{ event_name: "lead", user: { email_sha256: "ada@example.com" } }, "user.email_sha256"],
  [{ event_name: "lead", consent: { ad_storage: "yes" } }, "consent.ad_storage"],
  [{ event_name: "lead", items: {} }, "items"],
  [{ event_name: "lead", items: [{}, { price: "free" }] }, "items[1].price"],
  [{ event_name: "lead", items: [{ quantity: -1 }] }, "items[0].quantity"],
  [{ event_name: "lead", destinations: { meta: "no" } }, "destinations.meta"],
  [{ event_name: "lead", test: "true" }, "test"],
  ["text", ""],
  [null, ""],
])("%j is refused at %s", (raw, field) => {
  const errors = problems(raw);
  expect(errors.map((error) => error.field)).toEqual([field]);
  expect(JSON.stringify(errors)).not.toContain("ada@");
});

test("all that is wrong is told at once", () => {
  expect(problems({ event_name: "lead", value: "x", user: { country: 5 } }).map((error) => error.field)).toEqual([
    "user.country",
    "value",
  ]);
});

test("unknown keys are told and ignored, at every level", () => {
  const result = readEventInput({ event_name: "lead", colour: "red", user: { mail: "a" }, items: [{ sku: 1 }] });
  expect(result.warnings.map((warning) => warning.field)).toEqual(["colour", "user.mail", "items[0].sku"]);
  expect(result.ok && result.input).toEqual({ event_name: "lead", user: {}, items: [{}] });
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
