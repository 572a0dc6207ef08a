import { likelyEventName } from "../../src/core/event-names.ts";

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
  ["Purchase", "purchase"],
  ["PURCHASE", "purchase"],
  ["AddToCart", "add_to_cart"],
  ["InitiateCheckout", "begin_checkout"],
  ["CompleteRegistration", "sign_up"],
  ["ViewContent", "view_item"],
  ["PageView", "page_view"],
  ["Lead", "lead"],
  ["generate_lead", "lead"],
  ["Generate Lead", "lead"],
])("%s is %s", (event, name) => {
  expect(likelyEventName(event)).toBe(name);
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
  expect(likelyEventName(event)).toBeUndefined();
});
