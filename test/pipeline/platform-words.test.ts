import fc from "fast-check";
import { loggableId, platformWords } from "../../src/pipeline/platform-words.ts";

test.each([
  ["(#100) Invalid parameter", "(#100) Invalid parameter"],
  ["user ada.l+x@mail.example.co.uk is unknown", "user [e-mail] is unknown"],
  ["em: ADA@EXAMPLE.COM, ph: +1 (415) 555-2671", "em: [e-mail], ph: [phone]"],
  ["Authorization: Bearer EAAB.x-y_z", "Authorization: Bearer [secret]"],
  ['{"access_token":"EAABsbCS1","x":1}', '{"access_token":"[secret]","x":1}'],
  ["GET /mp/collect?api_secret=abc123&measurement_id=G-1", "GET /mp/collect?api_secret=[secret]&measurement_id=G-1"],
  [`hash ${"a1".repeat(32)} is not in use`, "hash [token] is not in use"],
  ["two\nlines\u0000and\t tabs", "two lines and tabs"],
  ["pixel 1234567890123456 does not exist", "pixel 1234567890123456 does not exist"],
  [
    "Antidisestablishmentarianism_floccinaucinihilipilification",
    "Antidisestablishmentarianism_floccinaucinihilipilification",
  ],
])("%s", (text, words) => {
  expect(platformWords(text)).toBe(words);
});

test("given texts are hidden wherever they stand, short ones excepted", () => {
  expect(platformWords("Lovelace of Rome sent tok.en in a", ["Lovelace", "tok.en", "a"])).toBe(
    "[hidden] of Rome sent [hidden] in a",
  );
});

test("whatever the text, the words are one line, short, and hold no e-mail", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.emailAddress(), fc.nat(400), (text, email, gap) => {
      const words = platformWords(`${text}${" ".repeat(gap % 7)} ${email} ${"x ".repeat(gap)}`);
      expect(words.length).toBeLessThanOrEqual(300);
      expect(words).not.toMatch(/[\r\n]/);
      expect(words).not.toContain(email);
    }),
  );
});

test.each([
  ["order-1001", "order-1001"],
  ["018f3b9e-7c1a-7000-8000-000000000001", "018f3b9e-7c1a-7000-8000-000000000001"],
  ["x".repeat(200), `${"x".repeat(63)}…`],
])("an ordinary event id is shown: %s", (id, shown) => {
  expect(loggableId(id)).toBe(shown);
});

test.each(["ada@example.com", "purchase-ada@example.com-7", "+14155552671", "(415) 555-2671"])(
  "an event id that looks personal is shown as a hash: %s",
  (id) => {
    expect(loggableId(id)).toMatch(/^sha256:[0-9a-f]{16}$/);
    expect(loggableId(id)).toBe(loggableId(id));
  },
);
