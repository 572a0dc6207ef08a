import type { DeliveryContext } from "../../src/core/destination.ts";
import { SettingsError } from "../../src/core/settings-schema.ts";
import { REST_HOSTS } from "../../src/destinations/braze/settings.ts";
import { braze } from "../../src/destinations/braze.ts";
import { purchaseEvent } from "../support/events.ts";

const parse = (settings: unknown) => braze.settings.parse(settings);
const context = (settings: unknown): DeliveryContext<ReturnType<typeof parse>> => ({
  lane: "braze",
  settings: parse(settings),
  credentials: { apiKey: "key" },
  now: purchaseEvent().event_time + 60_000,
  testMode: false,
});

test("the defaults: recommended events, nothing written to profiles, visitors left out", () => {
  expect(parse({ cluster: "US-06" })).toEqual({
    cluster: "US-06",
    ecommerce: "recommended",
    attributes: [],
    existingProfilesOnly: false,
  });
});

test.each([
  ["no cluster", {}, "cluster"],
  ["a host for a cluster", { cluster: "rest.iad-06.braze.com" }, "cluster"],
  ["both ways to send purchases", { cluster: "US-06", ecommerce: "both" }, "ecommerce"],
  ["a fact that profiles do not have", { cluster: "US-06", attributes: ["shoe_size"] }, "attributes.0"],
  ["an empty label", { cluster: "US-06", anonymousAlias: "" }, "anonymousAlias"],
  ["a label with blanks around it", { cluster: "US-06", anonymousAlias: " visitor" }, "anonymousAlias"],
  ["an app by its name", { cluster: "US-06", appId: "shop" }, "appId"],
  ["a setting that there is none of", { cluster: "US-06", endpoint: "https://evil.example" }, "endpoint"],
])("refuses %s", (_, settings, field) => {
  expect(() => parse(settings)).toThrow(SettingsError);
  expect(() => parse(settings)).toThrow(field);
});

test("the key goes to hosts of Braze's only", () => {
  const urls = Object.keys(REST_HOSTS).map((cluster) => {
    const { url } = braze.buildRequest([purchaseEvent()], context({ cluster }));
    return new URL(url);
  });
  expect(urls).toHaveLength(15);
  expect(urls.filter(({ hostname }) => !/\.braze\.(?:com|eu)$/.test(hostname))).toEqual([]);
  expect(new Set(urls.map(({ hostname }) => hostname)).size).toBe(15);
});

test.each([
  [{ apiKey: "11ae5b4b-2445-4440-a04f-bf537764c9ad" }, undefined],
  [{}, "apiKey must be a REST API key, without spaces"],
  [{ apiKey: "Bearer x" }, "apiKey must be a REST API key, without spaces"],
])("of the credentials %j it says %s", (credentials, problem) => {
  expect(braze.credentialProblem?.(credentials)).toBe(problem);
});

test.each([
  ["Order Completed", undefined],
  ["$purchase", "must have 1 to 255 characters and not begin with $"],
  [" ", "must have 1 to 255 characters and not begin with $"],
  ["n".repeat(256), "must have 1 to 255 characters and not begin with $"],
])("of the name %j for an event it says %s", (name, problem) => {
  expect(braze.eventNameProblem?.(name)).toBe(problem);
});

test("more than 75 objects are not built, so that the pipeline cuts them: profiles count too", () => {
  const events = Array.from({ length: 38 }, (_, index) => purchaseEvent({ event_id: `e-${index}` }));
  const settings = { cluster: "US-06", attributes: ["email"] };
  expect(() => braze.buildRequest(events, context(settings))).toThrow("76 objects");
  expect(() => braze.buildRequest(events.slice(1), context(settings))).not.toThrow();
  expect(() => braze.buildRequest(events, context({ cluster: "US-06" }))).not.toThrow();
});

test("the largest order is one request", () => {
  const items = Array.from({ length: 512 }, (_, index) => ({
    id: `${index}-${"ß".repeat(200)}`,
    name: "長".repeat(1000),
    variant: "長".repeat(500),
    category: "長".repeat(1000),
    price: "1",
  }));
  const event = purchaseEvent({ items });
  const bytes = (settings: unknown) => Buffer.byteLength(braze.buildRequest([event], context(settings)).body);
  expect(bytes({ cluster: "US-06" })).toBeLessThan(100_000);
  expect(bytes({ cluster: "US-06", ecommerce: "legacy" })).toBeLessThan(1_000);
});

test("orders in several objects go alone, and events with profiles among themselves", () => {
  const key = (settings: unknown, changes = {}) => braze.batchKey?.(purchaseEvent(changes), context(settings));
  expect(key({ cluster: "US-06", ecommerce: "legacy" })).toBe("order order-100017");
  expect(key({ cluster: "US-06", ecommerce: "legacy" }, { event_name: "lead" })).toBe("events");
  expect(key({ cluster: "US-06" })).toBe("events");
  expect(key({ cluster: "US-06", attributes: ["email"] })).toBe("events with profiles");
  expect(key({ cluster: "US-06", attributes: ["name"] })).toBe("events");
});
