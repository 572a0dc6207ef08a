import { commerceFields } from "../../src/sources/ecommerce-spec.ts";

const ALL = ["revenue", "total", "value"] as const;

test("which amount counts is the source's choice, first present wins", () => {
  const amounts = { revenue: "39.95", total: 47.5, value: 1 };
  expect(commerceFields("purchase", amounts, ALL).value).toBe("39.95");
  expect(commerceFields("purchase", amounts, ["total", "revenue"]).value).toBe(47.5);
  expect(commerceFields("purchase", { revenue: "", total: null, value: 0 }, ALL).value).toBe(0);
  expect(commerceFields("purchase", { value: 1 }, ["revenue"]).value).toBeUndefined();
});

test.each(["red", -3, "5 items", {}])("%j is no amount of an event without one, and stays a property", (value) => {
  const properties = { value, total: "7.50", currency: "points" };
  const fields = commerceFields(undefined, properties, ["value", "total"]);
  expect(fields).toMatchObject({ value: "7.5", currency: undefined, properties: { value } });
  expect(commerceFields("view_item", { value }, ALL).value).toBeUndefined();
});

test("a refund's lines may be negative", () => {
  const products = [{ product_id: "p", price: "-5.00", quantity: -1 }];
  expect(commerceFields("refund", { products, total: -5, tax: -1 }, ALL)).toMatchObject({
    value: -5,
    tax: "1",
    items: [{ price: "5", quantity: 1 }],
  });
});

test("a wrong amount is left for the contract to refuse, other wrong fields are left out", () => {
  const fields = commerceFields(
    "purchase",
    { revenue: "12,50", tax: "x", shipping: -1, currency: "Bitcoin", order_id: {} },
    ALL,
  );
  expect(fields).toMatchObject({
    value: "12,50",
    currency: "Bitcoin",
    tax: undefined,
    shipping: undefined,
    order_id: undefined,
  });
});

test("a single product is an item, and its price times quantity the value that the spec does not have", () => {
  const fields = commerceFields(
    "add_to_cart",
    { product_id: 507, price: "18.99", quantity: "2", currency: "usd", position: 3 },
    ALL,
  );
  expect(fields).toMatchObject({
    value: "37.98",
    currency: "USD",
    items: [{ id: "507", price: "18.99", quantity: 2, index: 3 }],
  });
  expect(commerceFields("add_to_cart", { price: 5, quantity: "many" }, ALL)).toMatchObject({
    items: undefined,
    value: undefined,
  });
});

test("products become items, whatever else is in the list; what was mapped is not kept twice", () => {
  const products = [{ sku: "s", name: "Hat", price: "free", quantity: -2 }, null, "x", { product_id: "p", sku: "s" }];
  const fields = commerceFields("purchase", { products, order_id: 12, affiliation: "web", coupon: "C" }, ALL);
  expect(fields.items).toMatchObject([{ id: "s", name: "Hat", price: undefined, quantity: undefined }, { id: "p" }]);
  expect(fields).toMatchObject({ order_id: "12", coupon: "C", properties: { affiliation: "web" } });
});

test("only a search has a search term", () => {
  expect(commerceFields("search", { query: "hat" }, ALL).search_term).toBe("hat");
  expect(commerceFields("purchase", { query: "hat" }, ALL).search_term).toBeUndefined();
});
