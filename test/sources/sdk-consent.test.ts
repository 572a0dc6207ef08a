import { sdkConsent } from "../../src/sources/sdk-consent.ts";

const CATEGORIES = {
  ads: ["ad_storage", "ad_user_data"],
  profiling: ["ad_user_data"],
  stats: ["analytics_storage"],
} as const;

describe("Segment", () => {
  const of = (consent: unknown) => sdkConsent({ consent }, CATEGORIES);

  test("no answer, an empty answer and an answer are three things", () => {
    expect([of(undefined), of({}), of("x")]).toEqual([{}, {}, {}]);
    const denied = { ad_storage: "denied", ad_user_data: "denied", analytics_storage: "denied" };
    expect(of({ categoryPreferences: {} })).toEqual(denied);
    expect(of({ categoryPreferences: { stats: true } })).toEqual({ ...denied, analytics_storage: "granted" });
  });

  test("a purpose needs every category that stands for it, and only true is yes", () => {
    expect(of({ categoryPreferences: { ads: true, profiling: false } })).toMatchObject({
      ad_storage: "granted",
      ad_user_data: "denied",
    });
    expect(of({ categoryPreferences: { ads: "true" } }).ad_storage).toBe("denied");
  });

  test("purposes that no category stands for are left to the region's default", () => {
    expect(sdkConsent({ consent: { categoryPreferences: { x: true } } }, {})).toEqual({});
  });
});

describe("RudderStack", () => {
  const of = (consentManagement: unknown) => sdkConsent({ consentManagement }, CATEGORIES);

  test("no lists are no answer", () => {
    expect([of(undefined), of({}), of({ allowedConsentIds: [], deniedConsentIds: [] })]).toEqual([{}, {}, {}]);
  });

  test("with only denials the rest is left open", () => {
    expect(of({ deniedConsentIds: ["stats"] })).toEqual({ analytics_storage: "denied" });
  });

  test("all or any of the categories, as the strategy says; a denial wins under both", () => {
    expect(of({ allowedConsentIds: ["ads"], resolutionStrategy: "and" })).toMatchObject({
      ad_storage: "granted",
      ad_user_data: "denied",
    });
    expect(of({ allowedConsentIds: ["ads"], resolutionStrategy: "or" })).toMatchObject({ ad_user_data: "granted" });
    const denied = { allowedConsentIds: ["ads"], deniedConsentIds: ["profiling"], resolutionStrategy: "or" };
    expect(of(denied)).toMatchObject({ ad_storage: "granted", ad_user_data: "denied" });
  });

  test("some CMPs give an object instead of a list, and ids are case-sensitive", () => {
    expect(of({ allowedConsentIds: { 0: "stats" } }).analytics_storage).toBe("granted");
    expect(of({ allowedConsentIds: ["Stats"] }).analytics_storage).toBe("denied");
  });
});

test("an event relayed from one vendor to the other keeps its answer, and where both answer a denial wins", () => {
  const denied = { consent: { categoryPreferences: { ads: false, profiling: true, stats: true } } };
  const allowed = { consentManagement: { allowedConsentIds: ["ads", "profiling", "stats"] } };
  expect(sdkConsent({ ...denied, ...allowed }, CATEGORIES)).toEqual({
    ad_storage: "denied",
    ad_user_data: "denied",
    analytics_storage: "granted",
  });
  const both = { consent: { categoryPreferences: { ads: true, profiling: true, stats: true } } };
  expect(sdkConsent({ ...both, consentManagement: { deniedConsentIds: ["stats"] } }, CATEGORIES)).toEqual({
    ad_storage: "granted",
    ad_user_data: "granted",
    analytics_storage: "denied",
  });
});
