import fc from "fast-check";
import { personKeys } from "../../src/core/person-keys.ts";
import { holdsIdentifierOf } from "../../src/core/refused-identifiers.ts";

const RULES = { scopes: ["shop"], defaultCountry: "DE" };
const OF_ADA = new Set(
  ["ada@lovelace.dev", "+4915112345678", "u-ada", "4711", "fb.1.1700000000000.1234567890", "123456.1700000000"].flatMap(
    (it) => personKeys(it, RULES),
  ),
);
const holds = (value: unknown) =>
  holdsIdentifierOf(OF_ADA, [typeof value === "string" ? value : JSON.stringify(value)], RULES);

test.each([
  ["our own field", { user: { email: "Ada@Lovelace.dev " } }],
  ["a national phone number", { user: { phone: "0151 12345678" } }],
  ["traits of a CDP", { context: { traits: { email: "ada@lovelace.dev" } } }],
  ["a short user id", { userId: "u-ada" }],
  ["an id that is a number", { customer_id: 4711 }],
  ["a cookie's value", { cookies: { _fbp: "fb.1.1700000000000.1234567890" } }],
  ["Google's cookie", { visitor: { cookies: { _ga: "GA1.1.123456.1700000000" } } }],
  ["a page's address", { page: { url: "https://shop.example/thanks?mail=ada%40lovelace.dev&x=1" } }],
  ["a comment", { note: "please write to ada@lovelace.dev, thanks" }],
  ["a list in a list", [[{ a: [{ b: "ada@lovelace.dev" }] }]]],
  ["text that is no JSON", '{"user":{"email":"ada@lovelace.dev","na'],
  ["text that is cut in an address", "mail=ada%40lovelace.dev&ph"],
])("finds a person in %s", (_, value) => {
  expect(holds(value)).toBe(true);
});

test.each([
  ["another's address", { user: { email: "bob@byron.dev", userId: "u-bob" } }],
  ["a quantity that looks like an id", { items: [{ quantity: 4711, price: "4711" }] }],
  ["nothing", {}],
  ["an empty text", ""],
])("does not take %s for theirs", (_, value) => {
  expect(holds(value)).toBe(false);
});

test("whatever is sent, looking ends, and finds nobody who is not there", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.jsonValue().map((it) => JSON.stringify(it)),
      ),
      (text) => {
        expect(holdsIdentifierOf(OF_ADA, [text], RULES)).toBe(false);
      },
    ),
    { numRuns: 60 },
  );
});

test("an address is found wherever it stands in JSON of any shape", () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.constant<unknown>("ada@lovelace.dev"),
      fc.array(tie("tree"), { minLength: 1, maxLength: 2 }),
      fc.dictionary(fc.string(), tie("tree"), { minKeys: 1, maxKeys: 2 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(holds(JSON.stringify(value))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
