import { createHealthScreen, HEALTH_TERMS, screenEvent } from "../../src/core/health-terms.ts";
import { eventForLane, routeEvent } from "../../src/core/routing.ts";
import { GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { hashedEvent, purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

const screen = createHealthScreen("field", ["Heuschnupfen", "sleep  apnoea!"]);

test.each([
  ["Insulin pen needles", true],
  ["/treatments/erectile-dysfunction?x=1", true],
  ["https://shop.example.com/?q=birth%20control", true],
  ["Spray gegen HEUSCHNUPFEN", true],
  ["sleep_apnoea mask", true],
  ["Blue mug", false],
  ["cancerous", false],
  ["birth of control theory", false],
  ["", false],
])("%j names a health term: %s", (text, holds) => {
  expect(screen.holds(text)).toBe(holds);
});

test("every built-in term is found as it stands, and stands there once", () => {
  expect(HEALTH_TERMS.filter((term) => !screen.holds(`x ${term.toUpperCase()}, y`))).toEqual([]);
  expect(new Set(HEALTH_TERMS).size).toBe(HEALTH_TERMS.length);
});

const EVENT = purchaseEvent({
  page: { url: "https://shop.example.com/insulin?x=1", referrer: "https://search.example/?q=mug", title: "Insulin" },
  items: [{ id: "sku-1", name: "Insulin pen", category: "Pens", price: "1" }],
  search_term: "wegovy",
  properties: { plan: "pro", answer: { reason: "anxiety" } },
});
const LEFT = {
  page: { url: "https://shop.example.com/", referrer: "https://search.example/?q=mug" },
  items: [{ id: "sku-1", category: "Pens", price: "1" }],
  properties: { plan: "pro" },
};

test("what names one is left out, an address but for its site, and where it was is told", () => {
  const { search_term: _, ...rest } = EVENT;
  const before = structuredClone(EVENT);
  expect(screenEvent(EVENT, screen)).toEqual({
    event: { ...rest, ...LEFT },
    fields: ["search_term", "page.url", "page.title", "items.name", "properties"],
  });
  expect(EVENT).toEqual(before);
  const clean = purchaseEvent();
  expect(screenEvent(clean, screen)).toEqual({ event: clean, fields: [] });
});

const consent = GRANTED_BY_DEFAULT;
const skips = (lanes: Parameters<typeof routeEvent>[1]["lanes"], event = EVENT) =>
  routeEvent(event, { lanes, consent }, EVENT.received_at).decisions.map(({ skip }) => skip);

test("a platform's copy goes without the field, or is held back; who is not told so gets all of it", () => {
  const platform = testLane("meta", { health: screen });
  const strict = testLane("ga4", { health: createHealthScreen("event", []) });
  const own = testLane("hook", {}, { firstParty: true });
  expect(eventForLane(EVENT, {}, platform)).toMatchObject(LEFT);
  expect(eventForLane(EVENT, {}, own).items).toEqual(EVENT.items);
  const detail = "held back: a health term in search_term, page.url, page.title, items.name, properties";
  expect(skips([platform, strict, own])).toEqual([undefined, { code: "routing", detail }, undefined]);
  expect(skips([strict], hashedEvent())).toEqual([undefined]);
});

test("an event that is called after one is held back: without its name there is none", () => {
  const event = purchaseEvent({ event_name: "custom", custom_name: "Depression quiz" });
  const skip = { code: "routing", detail: "held back: a health term in custom_name" };
  expect(skips([testLane("meta", { health: screen })], event)).toEqual([skip]);
});

test("only who writes to people gets contacts among properties, and only where raw contacts may be", () => {
  const event = purchaseEvent({ properties: { gift_email: "gift@example.com" } });
  const copy = (firstParty: object, isRaw: boolean) =>
    eventForLane(event, {}, testLane("x", {}, { ...firstParty, needsRawContact: () => isRaw })).properties?.gift_email;
  expect(copy({ firstParty: true }, true)).toBe("gift@example.com");
  for (const [own, isRaw] of [
    [{ firstParty: true }, false],
    [{}, true],
    [{}, false],
  ] as const) {
    expect(copy(own, isRaw)).toBe("redacted");
  }
});
