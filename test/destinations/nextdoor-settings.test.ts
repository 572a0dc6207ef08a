import { nextdoor } from "../../src/destinations/nextdoor.ts";

const GIVEN = { dataSourceId: "fe411d2f-ce90-47be-a0c0-061dcde0eeb1" };

test("only the data source is needed", () => {
  expect(nextdoor.settings.parse(GIVEN)).toEqual(GIVEN);
});

test.each([
  [{}, "dataSourceId: must be the pixel's id of Ads Manager (got nothing)"],
  [{ dataSourceId: "a b c d" }, "dataSourceId: must be the pixel's id"],
  [{ ...GIVEN, partnerId: "my agency" }, "partnerId: must be 1 to 100 letters"],
  [{ ...GIVEN, deliveryOptimization: "true" }, "deliveryOptimization: must be true or false"],
  [{ ...GIVEN, clientId: "5316447586" }, "clientId: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => nextdoor.settings.parse(settings)).toThrow(message);
});

test.each(["purchase", "custom_conversion_1", "custom_conversion_10"])("%s may be an event's name", (name) => {
  expect(nextdoor.eventNameProblem?.(name)).toBeUndefined();
});

test.each(["", "begin_checkout", "custom_conversion_11", "refund"])("%j may not", (name) => {
  expect(nextdoor.eventNameProblem?.(name)).toContain("must be one of Nextdoor's: purchase, lead");
});

test("a token is one word of visible ASCII", () => {
  expect(nextdoor.credentialProblem?.({ accessToken: "abc-1" })).toBeUndefined();
  expect(nextdoor.credentialProblem?.({ accessToken: "a\nb" })).toContain("accessToken");
});
