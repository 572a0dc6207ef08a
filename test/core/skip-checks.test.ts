import type { CanonicalEvent } from "../../src/core/event.ts";
import { incomplete, limitedUse, missingTestCode, noPurchase } from "../../src/core/skip-checks.ts";

const event: CanonicalEvent = {
  schema_version: 1,
  event_id: "order-1",
  event_id_origin: "given",
  event_name: "purchase",
  event_time: 1_787_234_601_500,
  received_at: 1_787_234_601_900,
  source: { id: "web", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
  action_source: "website",
  user: {},
};

const NEGATIVE = incomplete("a purchase with a negative value is no purchase: send a refund");

test.each<[Partial<CanonicalEvent>, string | undefined]>([
  [{}, undefined],
  [{ value: "0" }, undefined],
  [{ value: "149.85" }, undefined],
  [{ value: "-0.01" }, "incomplete"],
  [{ event_name: "custom", custom_name: "deal", value: "-1" }, "incomplete"],
  [{ event_name: "custom", custom_name: "deal", value: "1" }, undefined],
  [{ event_name: "refund", value: "10" }, "not_configured"],
  [{ event_name: "refund" }, "not_configured"],
])("what is called a purchase: %j", (fields, code) => {
  const reason = noPurchase({ ...event, ...fields });
  expect(reason?.code).toBe(code);
  if (code === "incomplete") expect(reason).toEqual(NEGATIVE);
});

test("only test mode needs the code that marks a test", () => {
  const setting = "testEventCode from Events Manager";
  expect(missingTestCode({ testMode: false }, undefined, setting)).toBeUndefined();
  expect(missingTestCode({ testMode: true }, "TEST1", setting)).toBeUndefined();
  expect(missingTestCode({ testMode: true }, undefined, setting)).toEqual({
    code: "not_configured",
    detail: "test mode needs settings.testEventCode from Events Manager",
  });
});

test("who asked for limited use is left out where a platform cannot be told", () => {
  expect(limitedUse({ consent: { limited_data_use: true } }, { name: "Quora" })).toEqual({
    code: "consent",
    detail: "limited_data_use is asked for, which Quora has no field for",
  });
  expect(limitedUse({ consent: { limited_data_use: false } }, { name: "Quora" })).toBeUndefined();
  expect(limitedUse({}, { name: "Quora" })).toBeUndefined();
});
