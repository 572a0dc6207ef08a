import {
  BLOCKABLE_FIELD,
  cleanEvent,
  countRemoved,
  propertiesForPlatforms,
  toldRemoved,
} from "../../src/core/sensitive-data.ts";
import { purchaseEvent } from "../support/events.ts";

const CARD = "4111 1111 1111 1111";
const ITEMS = [{ id: "sku-1", name: "Mug" }];

test("an ordinary event is answered itself", () => {
  const event = purchaseEvent({
    page: { url: "https://shop.example.com/thanks?utm_source=google&gclid=Cj0KCQiA", title: "Thank you" },
    items: ITEMS,
    properties: { plan: "pro", seats: 3, at: 1_764_000_000_000, nested: { ok: true, none: null, list: ["a"] } },
  });
  const cleaned = cleanEvent(event);
  expect(cleaned).toEqual({ event, removed: [] });
  expect(cleaned.event).toBe(event);
});

test("texts and addresses are cleaned, and what was found is told by place and kind", () => {
  const event = purchaseEvent({
    page: { url: "/?email=jane@example.com", referrer: "/?jane@example.com=1", title: "Jane jane@example.com" },
    search_term: "jane@example.com",
    coupon: "FOR-jane@example.com",
    method: CARD,
    items: [...ITEMS, { name: `Gift for jane@example.com`, category: "Mugs" }, { name: "b jane@example.com" }],
  });
  const before = structuredClone(event);
  const { event: clean, removed } = cleanEvent(event);
  expect(event).toEqual(before);
  expect(clean).toEqual({
    ...event,
    page: { url: "/?email=redacted", referrer: "/?redacted=redacted", title: "Jane redacted" },
    search_term: "redacted",
    coupon: "redacted",
    method: "redacted",
    items: [...ITEMS, { name: "Gift for redacted", category: "Mugs" }, { name: "b redacted" }],
  });
  expect(removed).toEqual([
    "page.url?email:email",
    "page.referrer:email",
    "page.title:email",
    "search_term:email",
    "coupon:email",
    "method:card",
    "items.name:email",
  ]);
});

test("the person's own fields stay: they are how people are recognised", () => {
  const event = purchaseEvent();
  expect(cleanEvent(event).event.user).toBe(event.user);
});

const PROPERTIES = {
  gift_email: "gift@example.com",
  name: "Mug",
  reset_url: "https://shop.example.com/reset?token=abc",
  password: "hunter2",
  note: `pays with ${CARD}`,
  card: { digits: 4_111_111_111_111_111, exp: "12/29" },
  list: ["DE89 3704 0044 0532 0130 00", 7],
};

test("of properties secrets are taken from all, and contacts and tokens from what platforms get", () => {
  const { event, removed } = cleanEvent(purchaseEvent({ properties: PROPERTIES }));
  const kept = {
    ...PROPERTIES,
    password: "redacted",
    note: "pays with redacted",
    card: { digits: "redacted", exp: "12/29" },
    list: ["redacted", 7],
  };
  expect(event.properties).toEqual(kept);
  expect(removed).toEqual([
    "properties.password:password",
    "properties.note:card",
    "properties.card.digits:card",
    "properties.list:iban",
  ]);
  const clean = propertiesForPlatforms(event.properties ?? {});
  expect(clean).toEqual({
    ...kept,
    gift_email: "redacted",
    reset_url: "https://shop.example.com/reset?token=redacted",
  });
  expect(propertiesForPlatforms(event.properties ?? {})).toBe(clean);
});

test("what a sender chose as a name is told only when it is one", () => {
  const properties = { "jane@example.com": CARD, "491761234567": CARD, "a b": CARD, fine_key: CARD };
  const { removed } = cleanEvent(purchaseEvent({ properties }));
  expect(removed).toEqual(["properties.*:card", "properties.fine_key:card"]);
});

test("blocked fields are taken from the event, lists and nested properties too", () => {
  const event = purchaseEvent({
    page: { url: "https://shop.example.com/", title: "Clinic" },
    items: ITEMS,
    properties: { form: { diagnosis: "x", other: 1 } },
  });
  const blockedFields = ["page.title", "items.name", "properties.form.diagnosis", "user.gender"];
  const { event: clean, removed } = cleanEvent(event, { blockedFields });
  expect(clean).toEqual({
    ...event,
    page: { url: "https://shop.example.com/" },
    items: [{ id: "sku-1" }],
    properties: { form: { other: 1 } },
  });
  expect(removed).toEqual(["page.title:blocked", "items.name:blocked", "properties.form.diagnosis:blocked"]);
});

test("searches go, as a field and in addresses, where that is asked for", () => {
  const event = purchaseEvent({ page: { url: "https://shop.example.com/s?q=shoes&page=2" }, search_term: "shoes" });
  const { event: clean, removed } = cleanEvent(event, { searchTerms: "drop" });
  expect(clean.page).toEqual({ url: "https://shop.example.com/s?q=redacted&page=2" });
  expect(clean).not.toHaveProperty("search_term");
  expect(removed).toEqual(["search_term:blocked", "page.url?q:search_term"]);
});

test.each([
  ["page.url", true],
  ["items.name", true],
  ["properties.a.b", true],
  ["user.date_of_birth", true],
  ["user.email", false],
  ["event_id", false],
  ["items.price", false],
  ["properties.", false],
])("%s may be blocked: %s", (path, may) => {
  expect(BLOCKABLE_FIELD.test(path)).toBe(may);
});

test("the log counts places of the contract and names nothing that a sender named", () => {
  const removed = ["page.url?email:email", "properties.of_jane.x:card", "items.name:email"];
  expect(countRemoved([removed, ["page.url?mail:email"]])).toEqual({
    "page.url:email": 2,
    "properties:card": 1,
    "items.name:email": 1,
  });
});

test("a story keeps a few places, and how many more there were", () => {
  const many = Array.from({ length: 10 }, (_, n) => `properties.p${n}:card`);
  expect(toldRemoved([])).toBeUndefined();
  expect(toldRemoved(many.slice(0, 8))).toEqual(many.slice(0, 8));
  expect(toldRemoved(many)).toEqual([...many.slice(0, 8), "and 2 more"]);
});
