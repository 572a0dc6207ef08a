import { amazonAds } from "../../src/destinations/amazon-ads.ts";

const GIVEN = { region: "NA", accountId: "590500000000000001" };
const SECRET = { clientId: "amzn1.application-oa2-client.1", clientSecret: "s3cret", refreshToken: "Atzr|refresh" };

test("defaults", () => {
  expect(amazonAds.settings.parse(GIVEN)).toEqual({
    ...GIVEN,
    dataSet: "Default_Events",
    eventIds: "with_name",
    attributes: {},
  });
});

test.each([
  [{}, "region: must be one of NA, EU, FE (got nothing)"],
  [{ ...GIVEN, region: "US" }, "region: must be one of NA, EU, FE"],
  [{ ...GIVEN, accountId: "ENTITY1A2B3C" }, "accountId: must be the advertiser account id"],
  [{ ...GIVEN, accountId: "1/../2" }, "accountId: must be the advertiser account id"],
  [{ ...GIVEN, dataSet: "data" }, "dataSet: must be a data set's name"],
  [{ ...GIVEN, dataSet: "1_events" }, "dataSet: must be a data set's name"],
  [{ ...GIVEN, eventIds: "hashed" }, "eventIds: must be one of with_name, as_given"],
  [{ ...GIVEN, country: "de" }, "country: must be an ISO 3166-1 alpha-2 code"],
  [{ ...GIVEN, country: "UK" }, "country: must be an ISO 3166-1 alpha-2 code"],
  [{ ...GIVEN, attributes: { attr11: "plan" } }, "attributes.attr11: must be one of brand, category, productId, attr1"],
  [{ ...GIVEN, attributes: { attr1: "" } }, "attributes.attr1: must be the name of a property"],
  [{ ...GIVEN, profileId: "1" }, "profileId: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => amazonAds.settings.parse(settings)).toThrow(message);
});

test("an account goes by a number or by Amazon's newer id", () => {
  const accountId = "amzn1.ads-account.g.abc-123";
  expect(amazonAds.settings.parse({ ...GIVEN, accountId })).toMatchObject({ accountId });
});

test.each(["OFF_AMAZON_PURCHASES", "MOBILE_APP_FIRST_START", "OTHER"])("%s may be an event's type", (name) => {
  expect(amazonAds.eventNameProblem?.(name)).toBeUndefined();
});

test.each(["", "purchase", "lead"])("%j may not", (name) => {
  expect(amazonAds.eventNameProblem?.(name)).toContain("must be one of Amazon's types: ADD_TO_SHOPPING_CART");
});

test("a refresh token is traded for an access token at Login with Amazon, all of it in the form", () => {
  const request = amazonAds.tokenRequest?.(SECRET, 0);
  expect(request).toMatchObject({ method: "POST", url: "https://api.amazon.com/auth/o2/token" });
  expect(request?.headers).not.toHaveProperty("authorization");
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    grant_type: "refresh_token",
    refresh_token: "Atzr|refresh",
    client_id: "amzn1.application-oa2-client.1",
    client_secret: "s3cret",
  });
});

test.each([
  [{}, "clientId, clientSecret, refreshToken"],
  [{ ...SECRET, clientSecret: "" }, "clientSecret"],
  [{ ...SECRET, refreshToken: "Atzr|a b" }, "refreshToken"],
])("of %j it says that %s is wrong, and quotes nothing", (secret, fields) => {
  const problem = amazonAds.credentialProblem?.(secret);
  expect(problem).toBe(`${fields} empty, or with characters that Amazon's ids and tokens do not have`);
});

test("takes a secret that is whole", () => {
  expect(amazonAds.credentialProblem?.(SECRET)).toBeUndefined();
});

const HOSTS = [
  ["NA", "advertising-api.amazon.com"],
  ["EU", "advertising-api-eu.amazon.com"],
  ["FE", "advertising-api-fe.amazon.com"],
] as const;

test.each(HOSTS)("region %s has its own address", (region, host) => {
  const settings = amazonAds.settings.parse({ ...GIVEN, region });
  const context = { lane: "amazon-ads", settings, credentials: {}, now: 0, testMode: false };
  expect(amazonAds.buildRequest([], context).url).toBe(`https://${host}/adsApi/v1/create/events`);
});
