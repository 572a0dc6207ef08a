import type { DeliveryContext } from "../../src/core/destination.ts";
import { SettingsError } from "../../src/core/settings-schema.ts";
import { customerIo } from "../../src/destinations/customer-io.ts";
import { purchaseEvent } from "../support/events.ts";

const parse = (settings: unknown) => customerIo.settings.parse(settings);
const context = (settings: unknown): DeliveryContext<ReturnType<typeof parse>> => ({
  lane: "customer-io",
  settings: parse(settings),
  credentials: { siteId: "site", apiKey: "key" },
  now: purchaseEvent().event_time + 60_000,
  testMode: false,
});

test("the defaults: by id, e-mail, then as a visitor; profiles where people say who they are", () => {
  expect(parse({ region: "us" })).toEqual({
    region: "us",
    identifyBy: ["id", "email", "anonymous_id"],
    profiles: "contact_events",
  });
});

test.each([
  ["no region", {}, "region"],
  ["a region that there is none of", { region: "au" }, "region"],
  ["no way to identify", { region: "us", identifyBy: [] }, "identifyBy"],
  ["a way twice", { region: "us", identifyBy: ["id", "id"] }, "identifyBy"],
  ["a way that there is none of", { region: "us", identifyBy: ["cookie"] }, "identifyBy.0"],
  ["a text for a list", { region: "us", identifyBy: "id" }, "identifyBy"],
  ["updates at times", { region: "us", profiles: "sometimes" }, "profiles"],
  ["a host", { region: "us", host: "evil.example" }, "host"],
])("refuses %s", (_, settings, field) => {
  expect(() => parse(settings)).toThrow(SettingsError);
  expect(() => parse(settings)).toThrow(field);
});

test.each([
  [{ siteId: "site", apiKey: "key" }, undefined],
  [{ apiKey: "key" }, "siteId must be a site id, without spaces and colons"],
  [{ siteId: "site:key", apiKey: "key" }, "siteId must be a site id, without spaces and colons"],
  [{ siteId: "site" }, "apiKey must be a Track API key, without spaces"],
  [{ siteId: "site", apiKey: "two words" }, "apiKey must be a Track API key, without spaces"],
])("of the credentials %j it says %s", (credentials, problem) => {
  expect(customerIo.credentialProblem?.(credentials)).toBe(problem);
});

test.each([
  ["Order Completed", undefined],
  [" ", "must have 1 to 100 bytes"],
  ["ä".repeat(51), "must have 1 to 100 bytes"],
])("of the name %j for an event it says %s", (name, problem) => {
  expect(customerIo.eventNameProblem?.(name)).toBe(problem);
});

test("the largest event is an entry that Customer.io takes", () => {
  const wide = "長".repeat(8_000);
  const event = purchaseEvent({
    items: Array.from({ length: 512 }, (_, index) => ({
      id: `${index}${wide}`,
      name: wide,
      category: wide,
      price: "1",
    })),
    page: {
      url: `https://shop.example.com/?q=${"長".repeat(900)}`,
      title: wide,
      referrer: `https://a.example/${wide}`,
    },
    coupon: wide,
    search_term: wide,
    payment_type: wide,
    method: wide,
    order_id: wide,
    lead_id: wide,
    properties: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`長${index}`, wide])),
    user: { user_id: "u-1", first_name: wide, last_name: wide, city: wide, region: wide, postal_code: wide },
  });
  const { batch } = JSON.parse(customerIo.buildRequest([event], context({ region: "us" })).body);
  expect(batch).toHaveLength(2);
  const bytes = batch.map((entry: unknown) => Buffer.byteLength(JSON.stringify(entry)));
  expect(Math.max(...bytes)).toBeLessThanOrEqual(32_000);
  expect(Math.min(...bytes)).toBeGreaterThan(1_000);
});

test("without the request's context an answer's places are those of events alone", () => {
  const body = JSON.stringify({ errors: [{ batch_index: 1, reason: "invalid" }] });
  const response = { status: 207, headers: {}, body };
  const events = [purchaseEvent(), purchaseEvent({ event_id: "2" })];
  const kinds = (outcomes: ReturnType<typeof customerIo.classify>) => outcomes.map(({ kind }) => kind);
  expect(kinds(customerIo.classify(response, events))).toEqual(["delivered", "rejected"]);
  expect(kinds(customerIo.classify(response, events, context({ region: "us" })))).toEqual(["rejected", "delivered"]);
});
