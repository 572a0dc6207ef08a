import type { GraphIdentifier, IdentifierKind } from "../../src/core/identity-identifiers.ts";
import { besideOf, suspicionOf } from "../../src/core/suspect-identifiers.ts";

function identifier(kind: IdentifierKind, digest: string): GraphIdentifier {
  return { kind, strong: true, key: `${kind}#${digest.repeat(12)}` };
}

/** What stands beside an identifier after it was seen with each of these. */
function seen(own: GraphIdentifier, others: readonly GraphIdentifier[]): readonly string[] {
  return others.reduce<readonly string[]>((known, other) => besideOf(own, [own, other], known), []);
}

const [EMAIL, PHONE, USER] = [identifier("email", "e"), identifier("phone", "p"), identifier("user_id", "u")];
const letters = (count: number) => "0123456789".slice(0, count).split("");

test.each([
  ["phone", PHONE, "email", 2, "too_many_emails"],
  ["e-mail", EMAIL, "phone", 4, "too_many_phones"],
  ["user id", USER, "email", 5, "too_many_emails"],
] as const)("a %s may be seen with so many contacts and is suspect with one more", (_, own, kind, most, suspicion) => {
  const others = letters(most + 1).map((letter) => identifier(kind, letter));
  const { key } = own;
  const at = (count: number) => suspicionOf({ key, seen_with: [], beside: seen(own, others.slice(0, count)) });
  expect([at(most), at(most + 1)]).toEqual([undefined, suspicion]);
});

test("the same contact counts once, and a suspect one learns no more", () => {
  const known = seen(PHONE, [EMAIL, EMAIL]);
  expect(known).toEqual(["eeeeeeeeeeee"]);
  expect(besideOf(PHONE, [PHONE, EMAIL], known)).toBe(known);
  const suspect = ["1", "2", "3"];
  expect(besideOf(PHONE, [PHONE, EMAIL], suspect)).toBe(suspect);
});

test("what an account says does not make its contacts suspect", () => {
  expect(besideOf(PHONE, [USER, EMAIL, PHONE], [])).toEqual([]);
  expect(besideOf(USER, [USER, EMAIL, PHONE], [])).toEqual(["eeeeeeeeeeee"]);
});

test("a browser is suspect with ten other persons, and a contact with the second account", () => {
  const seen_with = letters(10);
  const of = (key: string, count: number) => suspicionOf({ key, beside: [], seen_with: seen_with.slice(0, count) });
  expect([of("fbp#1", 9), of("fbp#1", 10)]).toEqual([undefined, "too_many_persons"]);
  expect([of("email#1", 0), of("email#1", 1), of("phone#1", 1)]).toEqual([
    undefined,
    "several_accounts",
    "several_accounts",
  ]);
});
