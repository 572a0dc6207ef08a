import fc from "fast-check";
import { isUnfilled } from "../../src/core/unfilled.ts";

test.each([
  "undefined",
  " NULL ",
  "NaN",
  "[object Object]",
  "(not set)",
  "{{ order.id }}",
  ["$", "{orderId}"].join(""),
  "{% order %}",
  "%%ORDER_ID%%",
  "[[id]]",
  "00000000-0000-0000-0000-000000000000",
])("%j was never filled in", (value) => {
  expect(isUnfilled(value)).toBe(true);
});

test.each(["10001", "0", "guest", "undefined-1", "{{x}}-1", "a%%b%%", "nullable"])("%j may be an id", (value) => {
  expect(isUnfilled(value)).toBe(false);
});

test("numbers and UUIDs are ids", () => {
  fc.assert(fc.property(fc.oneof(fc.nat().map(String), fc.uuid()), (id) => !isUnfilled(id)));
});
