import fc from "fast-check";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { isOfPerson, type Lead } from "../../src/core/person-ownership.ts";
import { hashedEvent } from "../support/events.ts";

const NAMED = { email: "ada@lovelace.dev", user_id: "u-1", anonymous_id: "a-1" };

/** Asks with a lead for each kind of identifier; kinds that are not given lead to nobody. */
function isTheirs(leads: Readonly<Record<string, Lead>>, user: object, known?: string): boolean {
  const event = {
    ...hashedEvent({ user }),
    browser_ids: {},
    ...(known === undefined ? {} : { known: { person_id: known } }),
  };
  return isOfPerson(event, {
    leadOf: (key) => leads[key.slice(0, key.indexOf("#"))] ?? "nobody",
    isTheirs: (id) => id === "them",
  });
}

test.each<[string, Parameters<typeof isTheirs>, boolean]>([
  ["their user id", [{ user_id: "them" }, NAMED], true],
  [
    "another's user id, with a contact of theirs: the account says whose it was",
    [{ user_id: "another", email: "them" }, NAMED],
    false,
  ],
  ["their user id at another's browser", [{ user_id: "them", anonymous_id: "another" }, NAMED], true],
  ["another's e-mail at their browser", [{ email: "another", anonymous_id: "them" }, NAMED, "them"], false],
  ["a suspect contact and their user id", [{ user_id: "them", email: "nobody" }, NAMED], true],
  ["names that lead nowhere any more, taken for them at its time", [{}, NAMED, "them"], true],
  ["names that lead nowhere any more, taken for somebody else", [{}, NAMED, "other"], false],
  ["names that lead nowhere, and nobody was recognised", [{}, NAMED], false],
  [
    "no name, taken for them, at a browser that another one uses by now",
    [{ anonymous_id: "another" }, { anonymous_id: "a-1" }, "them"],
    true,
  ],
  [
    "no name, taken for them, and the browser was split off with another person",
    [{ anonymous_id: "apart" }, { anonymous_id: "a-1" }, "them"],
    false,
  ],
  ["no name and nobody recognised, at their browser", [{ anonymous_id: "them" }, { anonymous_id: "a-1" }], true],
  ["no identifier at all", [{}, {}], false],
])("%s", (_about, asked, expected) => {
  expect(isTheirs(...asked)).toBe(expected);
});

test("an event whose strongest lead is another person's is never handed out, whatever else it carries", () => {
  const lead = fc.constantFrom<Lead>("them", "another", "apart", "nobody");
  fc.assert(
    fc.property(
      fc.array(lead, { minLength: 6, maxLength: 6 }),
      fc.option(fc.constantFrom("them", "other")),
      (leads, known) => {
        const event = { ...hashedEvent({ user: NAMED }), ...(known === null ? {} : { known: { person_id: known } }) };
        const keys = graphIdentifiers(event);
        const leadOf = (key: string) => leads[keys.findIndex((it) => it.key === key)] ?? "nobody";
        const strongest = keys.find((it) => it.strong && leadOf(it.key) !== "nobody");
        const answer = isOfPerson(event, { leadOf, isTheirs: (id) => id === "them" });
        if (strongest !== undefined) expect(answer).toBe(leadOf(strongest.key) === "them");
        else if (known === "other") expect(answer).toBe(false);
      },
    ),
  );
});
