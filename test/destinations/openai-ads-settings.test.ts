import { openaiAds } from "../../src/destinations/openai-ads.ts";

test("defaults", () => {
  expect(openaiAds.settings.parse({ pixelId: "KBHCVX1dYePAFy31mpRQgR" })).toEqual({
    pixelId: "KBHCVX1dYePAFy31mpRQgR",
  });
});

test.each([
  [{}, "pixelId: must be the Pixel id of Ads Manager's Conversions tab (got nothing)"],
  [{ pixelId: "a&b=1" }, "pixelId: must be the Pixel id"],
  [{ pixelId: "px_1", integrationSource: "my shop" }, "integrationSource: must be 1 to 64 letters"],
  [{ pixelId: "px_1", pixel: "1" }, "pixel: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => openaiAds.settings.parse(settings)).toThrow(message);
});

test.each(["order_created", "app_opened", "Loan-Application", "q", "a".repeat(64)])(
  "%s may be an event's name",
  (name) => {
    expect(openaiAds.eventNameProblem?.(name)).toBeUndefined();
  },
);

test.each(["", "Quote requested", "-quote", "quote_", "a".repeat(65), "購入"])("%j may not", (name) => {
  expect(openaiAds.eventNameProblem?.(name)).toContain("1 to 64 letters");
});

test.each(["custom", "attribution_appended"])("%s is kept by OpenAI for itself", (name) => {
  expect(openaiAds.eventNameProblem?.(name)).toContain("keeps for itself");
});

test("a key is one word of visible ASCII", () => {
  expect(openaiAds.credentialProblem?.({ apiKey: "sk-conv-1" })).toBeUndefined();
  expect(openaiAds.credentialProblem?.({ apiKey: "sk\n1" })).toContain("apiKey");
});
