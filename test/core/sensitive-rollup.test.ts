import fc from "fast-check";
import { cleanEvent } from "../../src/core/sensitive-data.ts";
import { SensitiveTally } from "../../src/core/sensitive-rollup.ts";
import { purchaseEvent } from "../support/events.ts";

function cells(...events: (readonly string[])[]) {
  const tally = new SensitiveTally();
  for (const removed of events) tally.add("web", "purchase", removed);
  return tally.cells().map(({ where, kind, events: count }) => [where, kind, count]);
}

test("places and kinds are counted by the events that had them, most first", () => {
  expect(
    cells(
      ["page.url?email:email", "items.name:phone"],
      ["page.url?email:email"],
      ["page.url?t:token", "page.url:email"],
    ),
  ).toEqual([
    ["page.url?email", "email", 2],
    ["items.name", "phone", 1],
    ["page.url?t", "token", 1],
    ["page.url", "email", 1],
  ]);
});

test("of properties no name is told, and several of them in one event are one", () => {
  expect(cells(["properties.note_to_jane.card:card", "properties.b:card", "properties.x:blocked"])).toEqual([
    ["properties", "card", 1],
    ["properties", "blocked", 1],
  ]);
});

test("a list that was cut counts what it has", () => {
  expect(cells(["search_term:email", "and 3 more"])).toEqual([["search_term", "email", 1]]);
});

test("sources and events are kept apart, and tallies add up whatever the order", () => {
  const tally = new SensitiveTally();
  tally.add("web", "purchase", ["coupon:email"]);
  tally.add("app", "purchase", ["coupon:email"]);
  tally.add("web", "lead", ["coupon:email"]);
  const all = new SensitiveTally();
  for (const cell of [...tally.cells(), ...tally.cells().toReversed()]) all.merge(cell);
  expect(all.cells().map(({ source, event, events }) => [source, event, events])).toEqual([
    ["web", "purchase", 2],
    ["app", "purchase", 2],
    ["web", "lead", 2],
  ]);
});

test("names that a sender makes up are counted together once there are thousands", () => {
  const tally = new SensitiveTally();
  for (let n = 0; n < 20_000; n += 1) tally.add("web", "purchase", [`page.url?x${n}_mail:email`, "page.title:email"]);
  const all = tally.cells();
  expect(all.length).toBeLessThan(5_010);
  expect(all.slice(0, 2)).toMatchObject([
    { where: "page.title", events: 20_000 },
    { where: "page.url?*", events: expect.any(Number) },
  ]);
  const ofUrl = all.filter(({ where }) => where.startsWith("page.url"));
  expect(ofUrl.reduce((sum, { events }) => sum + events, 0)).toBe(20_000);
});

test("whatever a sender calls its keys and parameters, cleaning is counted and none of its values is in a cell", () => {
  const name = fc.string({ minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(name, name, (key, parameter) => {
      const url = `https://shop.test/?${encodeURIComponent(parameter)}=${encodeURIComponent("jane.roe@mail.test")}`;
      const event = purchaseEvent({ page: { url }, properties: { [key]: "4111 1111 1111 1111" } });
      const { removed } = cleanEvent(event);
      const found = cells(removed);
      const counted = new Set(found.map(([where]) => String(where).replace(/\?.*$/, "")));
      expect([...counted].sort()).toEqual(
        removed.some((it) => it.startsWith("prop")) ? ["page.url", "properties"] : ["page.url"],
      );
      expect(JSON.stringify(found)).not.toMatch(/jane|4111/);
    }),
    { numRuns: 200 },
  );
});
