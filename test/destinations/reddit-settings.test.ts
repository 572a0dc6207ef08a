import { reddit } from "../../src/destinations/reddit.ts";
import { hashedEvent } from "../support/events.ts";

test("defaults", () => {
  expect(reddit.settings.parse({ pixelId: "a2_abc123" })).toEqual({ pixelId: "a2_abc123", valueForEveryEvent: false });
});

test.each([
  [{}, "pixelId: must be the pixel id, such as a2_abc123 (got nothing)"],
  [{ pixelId: "a2_abc/../x" }, "pixelId: must be the pixel id"],
  [{ pixelId: "1234567890" }, "pixelId: must be the pixel id"],
  [{ pixelId: "a2_abc123 " }, "pixelId: must be the pixel id"],
  [{ pixelId: "a2_abc123", testId: "a b" }, "testId: must be the id of Event Testing"],
  [{ pixelId: "a2_abc123", valueForEveryEvent: "yes" }, "valueForEveryEvent: must be true or false"],
  [{ pixelId: "a2_abc123", adAccountId: "t2_x" }, "adAccountId: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => reddit.settings.parse(settings)).toThrow(message);
});

test.each([
  ["PURCHASE", undefined],
  ["Quiz done", undefined],
  ["ü".repeat(64), undefined],
  ["x".repeat(65), expect.stringContaining("up to 64 characters")],
  [" ", expect.stringContaining("PAGE_VISIT")],
  ["Purchase", expect.stringContaining("so spelt")],
  ["PageVisit", expect.stringContaining("so spelt")],
  ["CUSTOM", expect.stringContaining("so spelt")],
  ["Search 2", undefined],
  ["*", undefined],
])("the name %s in the config: %s", (name, problem) => {
  expect(reddit.eventNameProblem?.(name)).toEqual(problem);
});

test.each([
  ["eyJhbGciOi.J9-_=+/", undefined],
  ["", "accessToken is empty or holds characters no token has"],
  ["two words", "accessToken is empty or holds characters no token has"],
  ["token\n", "accessToken is empty or holds characters no token has"],
])("the token %j: %s", (accessToken, problem) => {
  expect(reddit.credentialProblem?.({ accessToken })).toBe(problem);
});

test("a test goes alone, since Event Testing shows one event of a request; others share theirs", () => {
  const settings = reddit.settings.parse({ pixelId: "a2_abc123", testId: "t_1" });
  const lane = { lane: "reddit", settings, credentials: {}, now: 0 };
  const keys = (testMode: boolean) =>
    ["1", "2"].map((event_id) => reddit.batchKey?.(hashedEvent({ event_id }), { ...lane, testMode }));
  expect(new Set(keys(true)).size).toBe(2);
  expect(new Set(keys(false)).size).toBe(1);
});
