import { contactText, withoutKnownContacts } from "../../src/core/contact-text.ts";

const GRAPH = { known: { person_id: "p", contacts: { email: "graph@example.com" } } };

test.each([
  ["the event's own first", { email: "own@example.com" }, "own@example.com"],
  ["what was meant as one, even if no tool takes it", { email: "own at example" }, "own at example"],
  ["the graph's where there is none", {}, "graph@example.com"],
  ["the graph's where a blank stands", { email: "  " }, "graph@example.com"],
  ["the graph's where a digest stands", { email: "A".repeat(64) }, "graph@example.com"],
])("%s", (_, user, text) => {
  expect(contactText({ user, ...GRAPH }, "email")).toBe(text);
});

test("one kind never stands in for the other", () => {
  expect(contactText({ user: {}, ...GRAPH }, "phone")).toBeUndefined();
});

test("takes the graph's texts out and leaves the rest", () => {
  const event = { user: { email: "own@example.com" }, known: { ...GRAPH.known, hashes: { email_plain: "h" } } };
  expect(withoutKnownContacts(event)).toEqual({
    user: { email: "own@example.com" },
    known: { person_id: "p", hashes: { email_plain: "h" } },
  });
  expect(event.known.contacts.email).toBe("graph@example.com");
});
