import { sha256Hex } from "../../src/core/hashing.ts";
import { idInClear, isContact } from "../../src/core/id-in-clear.ts";

test.each(["cust_789", "100017", "4917612345678", "0049-17", "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a", "+1"])(
  "%s is an id and stays",
  (id) => {
    expect(idInClear(id)).toBe(id);
  },
);

test.each([
  ["Jane@Example.com", "jane@example.com"],
  ["order-7 of jane%40example.com", "order-7 of jane%40example.com"],
  [" +49 176 123-45678 ", "+49 176 123-45678"],
])("%s is a contact and leaves as the hash of %s", (id, hashed) => {
  expect(isContact(id)).toBe(true);
  expect(idInClear(id)).toBe(sha256Hex(hashed));
});
