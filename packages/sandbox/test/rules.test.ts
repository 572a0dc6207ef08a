import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  allOf,
  country,
  decimalText,
  email,
  listOfUpTo,
  oneOf,
  phoneE164,
  problemLines,
  sha256List,
  text,
  textUpTo,
  uuid,
} from "../src/rules.ts";

const sha = (value: string) => createHash("sha256").update(value).digest("hex");

test.each([
  ["uuid", uuid, "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a", ["8f14e45fceea467fa9d28b1d0c1c2f3a", "", 1]],
  ["phone", phoneE164, "+4915112345678", ["4915112345678", "+49 151", "+0151", "+1234567890123456", 49]],
  ["email", email, "a+b@example.com", ["a@b", " a@example.com", "a b@example.com", "", null]],
  ["country", country, "DE", ["de", "DEU", "", 49]],
  ["digests", sha256List, [sha("a"), sha("b")], [[], sha("a"), [sha("")], [sha("a").toUpperCase()], ["a"]]],
  ["short text", textUpTo(3), "üüü", ["üüüü", "", "   ", 3]],
  ["list", listOfUpTo(2, text, 1), ["a", "b"], [[], ["a", "b", "c"], [""], "a"]],
  ["both", allOf(text, oneOf("a", "b")), "b", ["", "c"]],
])("%s takes what it should, and nothing else", (_, rule, good, bad) => {
  expect(rule(good)).toBeUndefined();
  expect(bad.map((value: unknown) => typeof rule(value))).toEqual(bad.map(() => "string"));
});

test("decimals as text: places, sign, and nothing that only looks like a number", () => {
  const cents = decimalText(2);
  expect(["0", "149.85", "1000000"].map(cents)).toEqual([undefined, undefined, undefined]);
  for (const value of ["", ".5", "1.", "01", "1,5", "1e3", "NaN", "+1", " 1", 1.5, null]) {
    expect(cents(value)).toBe("must be a decimal number as text");
  }
  expect(cents("1.234")).toBe("must have at most 2 decimal places");
  expect([cents("-1"), decimalText(2, "signed")("-1")]).toEqual(["must not be negative", undefined]);
});

test("every amount written with its places passes", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 0, max: 4 }), (units, places) => {
      expect(decimalText(places)((units / 10 ** places).toFixed(places))).toBeUndefined();
    }),
  );
});

test("problems of a whole request have no path and no leading space", () => {
  const problems = [
    { path: "a.b", message: "is required", kind: "missing" as const },
    { path: "", message: "is no JSON", kind: "value" as const },
  ];
  expect(problemLines(problems)).toEqual(["a.b is required", "is no JSON"]);
});
