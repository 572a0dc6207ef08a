import { microsoftAds } from "../../src/destinations/microsoft-ads.ts";

const parse = (input: unknown) => microsoftAds.settings.parse(input);

test("needs the tag; hashes user ids unless told otherwise", () => {
  expect(parse({ tagId: "97247724" })).toEqual({ tagId: "97247724", hashExternalId: true, dataProvider: "tracklayer" });
});

test.each([undefined, "", "UET-97247724", 97247724])("%s is no tag", (tagId) => {
  expect(() => parse({ tagId })).toThrow(/tagId: must be the id of the UET tag/);
});

test.each(["", "a\nb", "x".repeat(51)])("%j is no data provider", (dataProvider) => {
  expect(() => parse({ tagId: "97247724", dataProvider })).toThrow(/dataProvider: must be a short name/);
});

test.each([undefined, "", "two words"])("an API token is not %j", (apiToken) => {
  expect(microsoftAds.credentialProblem?.(apiToken === undefined ? {} : { apiToken })).toMatch(/^apiToken is empty/);
});
