import fc from "fast-check";
import { emailInClear } from "../../src/core/email-in-clear.ts";

test.each([
  ["  Jane.Doe+Promo@GMAIL.com ", "jane.doe+promo@gmail.com"],
  ["o'brien@sub.example.co.uk", "o'brien@sub.example.co.uk"],
  ["info@xn--mnchen-3ya.de", "info@xn--mnchen-3ya.de"],
  [`${"a".repeat(64)}@example.com`, `${"a".repeat(64)}@example.com`],
])("%j is written to as %j", (raw, address) => {
  expect(emailInClear(raw)).toBe(address);
});

test.each([
  undefined,
  "",
  "jane",
  "x@y",
  "@example.com",
  "jane@",
  "a@b@example.com",
  ".jane@example.com",
  "jane..doe@example.com",
  "jane@example..com",
  "jane@-example.com",
  "jane@example.c",
  "jane@192.168.0.1",
  "jane doe@example.com",
  '"jane"@example.com',
  "jörg@example.com",
  "jane@münchen.de",
  "a".repeat(64),
  `${"a".repeat(65)}@example.com`,
  `jane@${"a.".repeat(130)}com`,
])("%j is no mailbox", (raw) => {
  expect(emailInClear(raw)).toBeUndefined();
});

test("what is taken stays as it is", () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string()), (raw) => {
      const once = emailInClear(raw);
      expect(emailInClear(once)).toBe(once);
    }),
  );
});

test("reads long texts in linear time", () => {
  expect(emailInClear(`${"a.".repeat(100_000)}@`)).toBeUndefined();
  expect(emailInClear(`jane@${"a-".repeat(100_000)}`)).toBeUndefined();
});
