import { dropsCopies } from "../../src/core/destination.ts";
import { SettingsError } from "../../src/core/settings-schema.ts";
import { pinterest } from "../../src/destinations/pinterest.ts";
import { hashedEvent } from "../support/events.ts";

test("an ad account is all that it needs", () => {
  expect(pinterest.settings.parse({ adAccountId: "549755885175" })).toEqual({ adAccountId: "549755885175" });
});

test.each([[{}], [{ adAccountId: 549755885175 }], [{ adAccountId: "act_549" }], [{ adAccountId: "" }]])(
  "%j names no ad account",
  (input) => {
    expect(() => pinterest.settings.parse(input)).toThrow(SettingsError);
  },
);

test.each([
  ["checkout", undefined],
  ["newsletter_signup", undefined],
  ["*", undefined],
  [" ", "must have 1 to 100 characters"],
  ["a".repeat(101), "must have 1 to 100 characters"],
])("the name %j for an event: %p", (name, problem) => {
  expect(pinterest.eventNameProblem?.(name)).toBe(problem);
});

test.each([
  [{ accessToken: "pina_AEATFWAVACCESS" }, undefined],
  [{ accessToken: "two words" }, "accessToken is empty or holds characters no token has"],
  [{}, "accessToken is empty or holds characters no token has"],
])("credentials %j: %p", (credentials, problem) => {
  expect(pinterest.credentialProblem?.(credentials)).toBe(problem);
});

test("offline events are claimed before sending: of those Pinterest drops no copy", () => {
  expect(dropsCopies(pinterest, hashedEvent({ action_source: "website" }))).toBe(true);
  expect(dropsCopies(pinterest, hashedEvent({ action_source: "physical_store" }))).toBe(false);
});
