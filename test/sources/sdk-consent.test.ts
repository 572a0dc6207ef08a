import { sdkConsent, sdkConsentStrings } from "../../src/sources/sdk-consent.ts";

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

describe("consent strings", () => {
  test("are taken under our names", () => {
    const consent = { tcf: "CPX", gpp: "DBA~1YNN", gpp_sid: [6], us_privacy: "1YNN" };
    expect(sdkConsentStrings({ consent })).toEqual(consent);
  });

  test("are taken under the names by which consent managers keep them on a device", () => {
    const consent = {
      IABTCF_TCString: "CPX",
      IABGPP_HDR_GppString: "DBA~1YNN",
      IABGPP_GppSID: "7_8",
      IABUSPrivacy_String: "1YNN",
    };
    expect(sdkConsentStrings({ consent })).toEqual({
      tcf: "CPX",
      gpp: "DBA~1YNN",
      gpp_sid: "7_8",
      us_privacy: "1YNN",
    });
  });

  test("that are none are left out, and are no answer", () => {
    expect(sdkConsentStrings({ consent: { tcf: { string: "CPX" }, gpp: "", us_privacy: "x".repeat(21) } })).toEqual({});
    expect(sdkConsentStrings({ consent: "CPX" })).toEqual({});
    expect(sdkConsentStrings({})).toEqual({});
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
