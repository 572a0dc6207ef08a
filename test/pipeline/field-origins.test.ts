import fc from "fast-check";
import type { DestinationRequest } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import {
  type Attempt,
  fieldsOf,
  fieldUses,
  lostPlaces,
  requestValues,
  withField,
  withoutField,
} from "../../src/pipeline/field-origins.ts";
import { purchaseEvent } from "../support/events.ts";

function request(body: unknown, more: Partial<DestinationRequest> = {}): DestinationRequest {
  return {
    method: "POST",
    url: "https://platform.example/v1?account=7",
    headers: { "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...more,
  };
}

function feedsOf(
  event: CanonicalEvent,
  attempt: (event: CanonicalEvent) => Attempt,
): Record<string, readonly string[]> {
  return Object.fromEntries(fieldUses(event, attempt).map(({ field, feeds }) => [field, feeds]));
}

test("a request is taken apart: address, query, headers, and the body with list positions left out", () => {
  const values = requestValues(request({ data: [{ ids: ["a", "b"], n: 1, empty: {} }, { n: 2 }] }));
  expect([...values]).toEqual([
    ["(address)", ["https://platform.example/v1"]],
    ["?account", ["7"]],
    ["header content-type", ["application/json"]],
    ["data[].ids[]", ['"a"', '"b"']],
    ["data[].n", ["1", "2"]],
    ["data[].empty", ["{}"]],
  ]);
});

test("a form body is read as its fields, any other text as one value, and an empty one as none", () => {
  const form = { headers: { "content-type": "application/x-www-form-urlencoded" } };
  expect(requestValues(request("a=1&b=x%20y", form)).get("b")).toEqual(["x y"]);
  expect(requestValues(request("<x/>")).get("(body)")).toEqual(["<x/>"]);
  expect([...requestValues(request("")).keys()]).toEqual(["(address)", "?account", "header content-type"]);
});

test("only what is gone counts as lost: what took its place is no part of the request that was asked about", () => {
  const before = requestValues(request({ ids: [{ type: "email" }, { type: "phone" }] }));
  const after = requestValues(request({ ids: [{ type: "phone" }], instead: true }));
  expect(lostPlaces(before, after)).toEqual(["ids[].type"]);
  expect(lostPlaces(after, after)).toEqual([]);
});

test("each field leads to the places that it feeds, through hashing, joining and both of two", () => {
  const event = purchaseEvent();
  const uses = feedsOf(event, ({ user, value, currency, items, action_source }) => ({
    request: request({
      mail: user.email?.toUpperCase(),
      ids: [user.user_id, user.anonymous_id].filter((id) => id !== undefined),
      ...(value === undefined || currency === undefined ? {} : { money: `${value} ${currency}` }),
      lines: items?.map(({ id, price }) => ({ sku: id, price })),
      where: action_source,
      constant: "x",
    }),
  }));
  expect(uses["user.email"]).toEqual(["mail"]);
  expect(uses["user.user_id"]).toEqual(["ids[]"]);
  expect(uses["user.anonymous_id"]).toEqual(["ids[]"]);
  expect([uses.value, uses.currency]).toEqual([["money"], ["money"]]);
  expect(uses["items[].price"]).toEqual(["lines[].price"]);
  expect(uses.action_source).toEqual(["where"]);
  expect(uses["user.phone"]).toEqual([]);
  expect(Object.values(uses).flat()).not.toContain("constant");
});

test("a field without which nothing is sent says why, and still what it feeds", () => {
  const uses = fieldUses(purchaseEvent(), ({ order_id, event_id }) => ({
    request: request({ order: order_id, id: event_id }),
    ...(order_id === undefined ? { skip: { code: "incomplete", detail: "needs an order" } } : {}),
  }));
  expect(uses.find(({ field }) => field === "order_id")).toEqual({
    field: "order_id",
    feeds: ["order"],
    neededBecause: "needs an order",
  });
  expect(uses.find(({ field }) => field === "event_id")).toEqual({ field: "event_id", feeds: ["id"] });
});

test("where the whole event is skipped, no field is blamed for it", () => {
  const skip = { code: "consent", detail: "denied" } as const;
  expect(fieldUses(purchaseEvent(), () => ({ skip })).filter(({ neededBecause }) => neededBecause)).toEqual([]);
});

test("properties and clicks are taken whole, and a key with dots in it stays one key", () => {
  const event = purchaseEvent({
    properties: { "a.b": { deep: 1 }, "c[]": 2 },
    click_ids: { gclid: { value: "x", seen_at: 1 } },
  });
  expect(fieldsOf(event)).toEqual(expect.arrayContaining(["properties.a.b", "properties.c[]", "click_ids.gclid"]));
  expect(withoutField(event, "properties.a.b").properties).toEqual({ "c[]": 2 });
  expect(withoutField(event, "click_ids.gclid")).not.toHaveProperty("click_ids");
});

test("a field can be added where there was none, and the given event stays as it was", () => {
  const event = Object.freeze(purchaseEvent({ user: Object.freeze({}) }));
  expect(withField(event, "user.email", "a@b.example").user).toEqual({ email: "a@b.example" });
  expect(withField(event, "known.hashes.email_plain", "x").known).toEqual({ hashes: { email_plain: "x" } });
  expect(event.user).toEqual({});
});

test("an object that loses its last field goes with it, but every event has a user", () => {
  const event = purchaseEvent({ user: { email: "a@b.example" }, page: { url: "https://shop.example.com/" } });
  expect(withoutField(event, "user.email").user).toEqual({});
  expect(withoutField(event, "page.url")).not.toHaveProperty("page");
});

test("without any one of its fields an event keeps all the others", () => {
  const event = purchaseEvent({ properties: { colour: "red", size: "L" } });
  for (const field of fieldsOf(event)) {
    const left = fieldsOf(withoutField(event, field));
    const others = fieldsOf(event).filter((other) => other !== field);
    expect(left).toEqual(expect.arrayContaining(others));
  }
});

test("any properties are each found, each removable, and nothing throws", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1, maxKeys: 5 }), (given) => {
      const { properties = {} } = JSON.parse(JSON.stringify({ properties: given })) as Partial<CanonicalEvent>;
      const event = purchaseEvent({ properties });
      const uses = feedsOf(event, (changed) => ({
        request: request({ all: JSON.stringify(changed.properties ?? {}) }),
      }));
      for (const key of Object.keys(properties)) expect(uses[`properties.${key}`]).toEqual(["all"]);
    }),
    { numRuns: 50 },
  );
});
