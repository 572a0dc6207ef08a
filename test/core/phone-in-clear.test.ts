import { ownPhoneInClear, phoneInClear } from "../../src/core/phone-in-clear.ts";

test.each(["+4915112345678", "+1234567", "+123456789012345"])("takes %s", (phone) => {
  expect(phoneInClear({ phone_e164: phone })).toBe(phone);
});

test.each(["+492540", "+1234567890123456", "4915112345678", "+0123456789", "+49 151 12345678", ""])(
  "leaves %j out",
  (phone) => {
    expect(phoneInClear({ phone_e164: phone })).toBeUndefined();
  },
);

test("has nothing to say of nobody", () => {
  expect(phoneInClear({})).toBeUndefined();
});

test("the graph's number stands in where the event has none, and for nothing else", () => {
  const known = { person_id: "p", contacts: { phone: "+4915112345678" } };
  expect(phoneInClear({ known })).toBe("+4915112345678");
  expect(phoneInClear({ phone_e164: "+1234567", known })).toBe("+1234567");
  expect(phoneInClear({ phone_e164: "+492540", known })).toBeUndefined();
  expect(ownPhoneInClear({ phone_e164: "+1234567" })).toBe("+1234567");
  expect(ownPhoneInClear({})).toBeUndefined();
});
