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

test("a name is hidden as a word and not inside of one; an id is hidden anywhere", () => {
  const hidden = ["Vali", "cust-77", "cust-7"];
  expect(platformWords("Invalid: Vali, Vali's and xcust-77x, cust-78", hidden)).toBe(
    "Invalid: [hidden], [hidden]'s and x[hidden]x, [hidden]8",
  );
});

test("hidden texts are found as a plain search finds them, however many there are", () => {
  const values = fc.uniqueArray(fc.stringMatching(/^[a-c0-1]{4,7}\d$/), { maxLength: 40 });
  fc.assert(
    fc.property(values, fc.stringMatching(/^[a-c0-1 ]{0,60}$/), fc.nat(), (hidden, text, pick) => {
      const quoted = `${text} ${hidden[pick % Math.max(1, hidden.length)] ?? ""}`;
      const words = platformWords(quoted, hidden);
      for (const value of hidden) expect(words).not.toContain(value);
    }),
  );
});

test("of a text that is cut, nothing is kept of the word that the cut went through", () => {
  const words = platformWords(`${"Lovelace ".repeat(132)}ada@example.com ${"x".repeat(500)}`, ["Lovelace"]);
  expect(words).not.toContain("ada");
  expect(platformWords("x".repeat(5_000))).toHaveLength(300);
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

test.each(["ada@example.com", "purchase-ada@example.com-7", "+14155552671", "(415) 555-2671", "call-+14155552671"])(
  "an event id that looks personal is shown as a hash: %s",
  (id) => {
    expect(loggableId(id)).toMatch(/^sha256:[0-9a-f]{16}$/);
    expect(loggableId(id)).toBe(loggableId(id));
  },
);
