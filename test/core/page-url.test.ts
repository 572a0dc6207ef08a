import fc from "fast-check";
import { holdsAddress, holdsContact, textInClear, webUrl, withoutAddresses } from "../../src/core/page-url.ts";

test.each([
  ["https://shop.example.com/thanks?order=7", "https://shop.example.com/thanks?order=7"],
  ["https://shop.example.com/?e=jane@example.com&x=1", "https://shop.example.com/?e=redacted&x=1"],
  ["https://shop.example.com/u/jane%40example.com/#jane@example.com", "https://shop.example.com/u/redacted/#redacted"],
  ["https://shop.example.com/u/jane%2540example.com", "https://shop.example.com/u/redacted"],
  ["https://shop.example.com/u/jane%25252540example%2Ecom", "https://shop.example.com/u/redacted"],
  ["/?next=https%3A%2F%2Fshop.example.com%2F%3Fe%3Djane%2540example.com&x=1", "/?next=redacted&x=1"],
  ["/?phone=%2B4917612345678&x=1", "/?phone=redacted&x=1"],
  ["/?a=1&tel=0176+1234-5678#top", "/?a=1&tel=redacted#top"],
  ["/?customer[phone]=017612345678", "/?customer[phone]=redacted"],
  ["/?billing_phone_number=017612345678", "/?billing_phone_number=redacted"],
  ["/?mobile=1&hotel=1234567&phone_model=15", "/?mobile=1&hotel=1234567&phone_model=15"],
  ["shoes for jane@example.com, size 40", "shoes for redacted size 40"],
  ["https://shop.example.com/@jane@example.social", "https://shop.example.com/redacted"],
  ["+49 (176) 1234-5678", "redacted"],
  ["https://shop.example.com/u/%2B4917612345678/orders", "https://shop.example.com/u/redacted/orders"],
  ["https://shop.example.com/u/+4917612345678", "https://shop.example.com/u/redacted"],
  ["https://shop.example.com/search?q=%252B4917612345678&p=2", "https://shop.example.com/search?q=redacted&p=2"],
  ["/?q=a%2B1234567890123456789", "/?q=a%2B1234567890123456789"],
  ["/?q=two+1234567", "/?q=two+1234567"],
  ["+1 year of care", "+1 year of care"],
  ["https://shop.example.com/@brand", "https://shop.example.com/@brand"],
  ["https://shop.example.com/p/a@2x", "https://shop.example.com/p/a@2x"],
])("%s leaves as %s", (url, sent) => {
  expect(withoutAddresses(url)).toBe(sent);
});

test.each([
  ["invite jane%40example.com", true],
  [" +4917612345678 ", true],
  ["@brand", false],
  ["4917612345678", false],
  ["+49", false],
  ["", false],
])("%j holds a contact: %s", (text, holds) => {
  expect(holdsContact(text)).toBe(holds);
});

test.each([
  ["https://shop.example.com/", "https://shop.example.com/"],
  [" HTTP://Shop.example.com/A ", "http://Shop.example.com/A"],
  ["android-app://com.google.android.gm/", undefined],
  ["/thanks", undefined],
  ["https://", undefined],
  ["", undefined],
  [undefined, undefined],
])("%s as a page of the web is %s", (url, page) => {
  expect(webUrl(url)).toBe(page);
});

test("what was cleaned holds no address, and cleaning again changes nothing", () => {
  const piece = fc.constantFrom(
    "jane",
    "@",
    "%40",
    "%2540",
    ".",
    "com",
    "/",
    "?",
    "&",
    "=",
    " ",
    "phone",
    "0176123456",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (raw) => {
      const clean = withoutAddresses(raw);
      expect(holdsAddress(clean)).toBe(false);
      expect(withoutAddresses(clean)).toBe(clean);
    }),
  );
});

test("a text that says nothing is none", () => {
  expect([undefined, "", " \t", "Blue mug", "for jane@example.com"].map(textInClear)).toEqual([
    undefined,
    undefined,
    undefined,
    "Blue mug",
    "for redacted",
  ]);
});
