import { apiVersionWarning } from "../../src/destinations/hubspot/api-version.ts";
import { hubspot } from "../../src/destinations/hubspot.ts";

const at = (date: string) => Date.parse(`${date}T12:00:00Z`);

test("defaults", () => {
  expect(hubspot.settings.parse({})).toEqual({
    send: "contacts",
    apiVersion: "2026-03",
    properties: {},
    lifecycleStage: "keep",
  });
});

const EVENTS = { send: "events", portalId: "1234567" };

test.each([
  [{ send: "deals" }, "send: must be one of contacts, events"],
  [{ send: "events" }, "portalId: is required to send events (got nothing)"],
  [{ send: "events", portalId: 1234567 }, "portalId: must be the hub id, digits as text (got 1234567)"],
  [{ apiVersion: "v3" }, "apiVersion: must be a version such as 2026-03"],
  [{ apiVersion: "2026-05" }, "apiVersion: must be a version such as 2026-03"],
  [{ properties: { email: "order_id" } }, "properties.email: must be the internal name"],
  [{ properties: { lifecyclestage: "order_id" } }, "properties.lifecyclestage: must be the internal name"],
  [{ properties: { "Order id": "order_id" } }, "properties.Order id: must be the internal name"],
  [{ properties: { order_no: "orderId" } }, "properties.order_no: must be properties.<name> or one of event_name"],
  [{ properties: { order_no: "properties." } }, "properties.order_no: must be properties.<name>"],
  [{ properties: { order_no: "toString" } }, "properties.order_no: must be properties.<name>"],
  [{ ...EVENTS, lifecycleStage: "customer_on_purchase" }, "lifecycleStage: belongs to a lane that sends contacts"],
  [{ lifecycleStage: "lead" }, "lifecycleStage: must be one of keep, customer_on_purchase"],
  [{ portal: "1" }, "portal: is no setting"],
])("%j is refused with the field and the rule", (settings, message) => {
  expect(() => hubspot.settings.parse(settings)).toThrow(message);
});

test("an occurrence has at most 50 properties, a contact as many as it likes", () => {
  const properties = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, "value"]));
  expect(() => hubspot.settings.parse({ ...EVENTS, properties: properties(50) })).not.toThrow();
  expect(() => hubspot.settings.parse({ ...EVENTS, properties: properties(51) })).toThrow(
    "must be at most 50 for events",
  );
  expect(() => hubspot.settings.parse({ properties: properties(51) })).not.toThrow();
});

test.each([
  ["2026-03", "2026-11-23", undefined],
  ["2026-03", "2027-07-01", undefined],
  ["2026-03", "2027-07-02", "is supported until 2027-09, 60 days from now"],
  ["2026-03", "2027-09-01", "which has come"],
  ["2025-09", "2027-01-01", "is supported until 2027-03, 58 days from now"],
  ["2024-09", "2026-11-23", "is supported until 2026-03 only, which has come"],
])("version %s on %s: %s", (version, today, warning) => {
  const words = apiVersionWarning(version, at(today));
  if (warning === undefined) expect(words).toBeUndefined();
  else expect(words).toContain(warning);
});

test("the lane warns with it", () => {
  const settings = hubspot.settings.parse({ apiVersion: "2024-09" });
  expect(hubspot.warnings?.(settings, at("2026-11-23"))).toEqual([expect.stringContaining("2024-09")]);
  expect(hubspot.warnings?.(hubspot.settings.parse({}), at("2026-11-23"))).toEqual([]);
});

test("a token is visible ASCII", () => {
  expect(hubspot.credentialProblem?.({})).toContain("accessToken");
  expect(hubspot.credentialProblem?.({ accessToken: "pat-na1-x\n" })).toContain("accessToken");
  expect(hubspot.credentialProblem?.({ accessToken: "pat-na1-00000000" })).toBeUndefined();
});

test.each([
  ["purchase", true],
  ["pe1234567_quote_requested", true],
  ["*", true],
  ["Quote requested", false],
  ["1st_order", false],
  ["", false],
  ["x".repeat(50), true],
  ["x".repeat(51), false],
])("%j as the name of an event: %s", (name, is) => {
  expect(hubspot.eventNameProblem?.(name) === undefined).toBe(is);
});
