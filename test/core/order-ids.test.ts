import { isPlaceholderOrder } from "../../src/core/order-ids.ts";

test.each([
  "",
  " ",
  "1",
  "42",
  "null",
  "undefined",
  "test",
  "Test-1",
  "TEST_12",
  "order",
  "order-1",
  "demo",
  "0000",
  "xxxx",
  "123",
  "1234567",
  "123456789",
  "n/a",
  "{{ order.id }}",
])("%j is nobody's order", (id) => {
  expect(isPlaceholderOrder(id)).toBe(true);
});

test.each(["100017", "1001", "R-77", "#1042", "order-10042", "test-20261123-7", "5f0d1df1", "987654"])(
  "%j may be somebody's",
  (id) => {
    expect(isPlaceholderOrder(id)).toBe(false);
  },
);
