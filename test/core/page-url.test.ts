import { withoutAddresses } from "../../src/core/page-url.ts";

test.each([
  ["https://shop.example.com/thanks?order=7", "https://shop.example.com/thanks?order=7"],
  ["https://shop.example.com/?e=jane@example.com&x=1", "https://shop.example.com/?e=redacted&x=1"],
  ["https://shop.example.com/u/jane%40example.com/#jane@example.com", "https://shop.example.com/u/redacted/#redacted"],
  ["https://shop.example.com/@brand", "https://shop.example.com/@brand"],
  ["https://shop.example.com/p/a@2x", "https://shop.example.com/p/a@2x"],
])("%s leaves as %s", (url, sent) => {
  expect(withoutAddresses(url)).toBe(sent);
});
