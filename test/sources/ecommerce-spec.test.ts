import { commerceFields, specName } from "../../src/sources/ecommerce-spec.ts";

const ALL = ["revenue", "total", "value"] as const;

test.each([
  ["Order Completed", "purchase"],
  ["order completed", "purchase"],
  ["order_completed", "purchase"],
  ["Completed Order", "purchase"],
  ["purchase", "purchase"],
  ["Order Refunded", "refund"],
  ["Checkout Started", "begin_checkout"],
  ["Payment Info Entered", "add_payment_info"],
  ["Product Added", "add_to_cart"],
  ["Added Product", "add_to_cart"],
  ["Add To Cart", "add_to_cart"],
  ["Product Removed", "remove_from_cart"],
  ["Viewed Product", "view_item"],
  ["Cart Viewed", "view_cart"],
  ["Products Searched", "search"],
  ["Product List Filtered", "view_item_list"],
  ["Product Added to Wishlist", "add_to_wishlist"],
  ["Signed Up", "sign_up"],
  ["Trial Started", "start_trial"],
  ["Lead Submitted", "lead"],
])("%s is %s", (event, name) => {
  expect(specName(event)).toBe(name);
});

test.each([
  "Product Clicked",
  "Order Cancelled",
  "Quiz Finished",
  "custom",
  "identify",
  "__proto__",
  "constructor",
  "",
])("%s is the sender's own", (event) => {
  expect(specName(event)).toBeUndefined();
});

test("which amount counts is the source's choice, first present wins", () => {
  const amounts = { revenue: "39.95", total: 47.5, value: 1 };
  expect(commerceFields("purchase", amounts, ALL).value).toBe("39.95");
  expect(commerceFields("purchase", amounts, ["total", "revenue"]).value).toBe(47.5);
  expect(commerceFields("purchase", { revenue: "", total: null, value: 0 }, ALL).value).toBe(0);
  expect(commerceFields("purchase", { value: 1 }, ["revenue"]).value).toBeUndefined();
});

test("a wrong amount is left for the contract to refuse, other wrong fields are left out", () => {
  const fields = commerceFields(
    "purchase",
    { revenue: "12,50", tax: "x", shipping: -1, currency: "Euro", order_id: {} },
    ALL,
  );
  expect(fields).toMatchObject({
    value: "12,50",
    tax: undefined,
    shipping: undefined,
    currency: undefined,
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
