import { awin } from "../../src/destinations/awin.ts";

test("defaults", () => {
  expect(awin.settings.parse({ advertiserId: "15758" })).toEqual({
    advertiserId: "15758",
    channel: "last_click",
    commissionGroupsByCategory: {},
    valueIncludes: [],
    voucherWithoutClick: true,
    customParameters: {},
  });
});

test.each([
  [{}, "advertiserId: must be the advertiser id, digits as text (got nothing)"],
  [{ advertiserId: "15758/../1" }, "advertiserId: must be the advertiser id"],
  [{ advertiserId: "1", channel: "direct" }, "channel: must be one of last_click, aw"],
  [
    { advertiserId: "1", commissionGroupsByCategory: { Shoes: "A|B" } },
    "commissionGroupsByCategory.Shoes: must be the code",
  ],
  [{ advertiserId: "1", valueIncludes: ["discount"] }, "valueIncludes.0: must be one of tax, shipping"],
  [{ advertiserId: "1", currency: "euro" }, "currency: must be an ISO 4217 code"],
  [{ advertiserId: "1", channelProperty: " " }, "channelProperty: must be the name of a property"],
  [{ advertiserId: "1", customParameters: { source: "x" } }, "customParameters.source: must be the number"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => awin.settings.parse(settings)).toThrow(message);
});

test.each(["DEFAULT", "New Customers", "a-1"])("%s may be a commission group", (code) => {
  expect(awin.eventNameProblem?.(code)).toBeUndefined();
});

test.each(["", " A", "A ", "A\nB", "A|B", "A:1", "A,B", "x".repeat(51)])("%j may not", (code) => {
  expect(awin.eventNameProblem?.(code)).toContain("commission group");
});

test("a key is one word of visible ASCII", () => {
  expect(awin.credentialProblem?.({ apiKey: "0a1b-2c3d" })).toBeUndefined();
  expect(awin.credentialProblem?.({ apiKey: "a b" })).toContain("apiKey");
});
