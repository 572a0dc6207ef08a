import { problemsWith, resolvedWith } from "../support/smallest-config.ts";

describe("consent", () => {
  const rule = (countries: string[], purposes: unknown = "denied") => ({ countries, purposes });

  test("EEA stands for its thirty countries, and one word for all purposes", () => {
    const [first, second] = resolvedWith().consent.defaults;
    expect(first?.countries).toHaveLength(32);
    expect(first?.countries).toEqual(expect.arrayContaining(["DE", "IS", "LI", "NO", "GB", "CH"]));
    expect(first?.purposes).toEqual({
      ad_storage: "denied",
      ad_user_data: "denied",
      ad_personalization: "denied",
      analytics_storage: "denied",
    });
    expect(new Set(Object.values(second?.purposes ?? {}))).toEqual(new Set(["granted"]));
  });

  test("purposes may differ, but none may be left out", () => {
    const mixed = {
      ad_storage: "denied",
      ad_user_data: "denied",
      ad_personalization: "denied",
      analytics_storage: "granted",
    };
    const { defaults } = resolvedWith({ consent: { defaults: [rule(["EEA"]), rule(["*"], mixed)] } }).consent;
    expect(defaults[1]?.purposes).toEqual(mixed);
    const { ad_storage: _, ...three } = mixed;
    expect(problemsWith({ consent: { defaults: [rule(["*"], three)] } })).toEqual([
      expect.stringMatching(
        /^consent\.defaults\[0\]\.purposes\.ad_storage: is required; must be "granted" or "denied"/,
      ),
    ]);
  });

  test("silence is consent in the EEA only by name and with a reason", () => {
    const mixed = () => ({ ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied" });
    const granting = (countries: string[], more: object = {}) => ({ ...rule(countries, "granted"), ...more });
    expect(problemsWith({ consent: { defaults: [granting(["*"])] } })).toEqual([
      expect.stringMatching(
        /^consent\.defaults\[0\]: takes silence for consent to ad_storage, .* in AT, BE, BG and 27 more of the EEA: deny/,
      ),
    ]);
    const some = { ...rule(["DE-BY", "US"]), purposes: { ...mixed(), analytics_storage: "granted" } };
    expect(problemsWith({ consent: { defaults: [some, rule(["EEA"]), granting(["*"])] } })).toEqual([
      expect.stringContaining(
        "consent.defaults[0]: takes silence for consent to analytics_storage in DE-BY of the EEA",
      ),
    ]);
    const named = { name: "counsel", because: "Counsel, 2026-05-04: contract with each visitor." };
    const { defaults } = resolvedWith({ consent: { defaults: [granting(["*"], named)] } }).consent;
    expect(defaults[0]).toMatchObject(named);
    expect(problemsWith({ consent: { defaults: [rule(["EEA"]), granting(["GB", "CH"]), granting(["*"])] } })).toEqual(
      [],
    );
  });

  test("every country must meet a rule and every rule a country", () => {
    expect(problemsWith({ consent: { defaults: [rule(["*"]), rule(["DE"])] } })).toEqual([
      'consent.defaults[0].countries: may hold "*" only in the last rule: what follows would never apply (got ["*"])',
      'consent.defaults[1].countries: of the last rule must hold "*" (got ["DE"])',
    ]);
  });

  test("headers about where visitors are: none is believed, CloudFront's are known, others are named", () => {
    const resolved = (geoHeaders: unknown) => resolvedWith({ consent: { geoHeaders } }).consent.geoHeaders;
    expect(resolvedWith().consent.geoHeaders).toBeUndefined();
    expect(resolved("cloudfront")).toEqual({
      country: "cloudfront-viewer-country",
      region: "cloudfront-viewer-country-region",
      address: "cloudfront-viewer-address",
    });
    expect(resolved({ country: "CF-IPCountry" })).toEqual({ country: "cf-ipcountry" });
    expect(problemsWith({ consent: { geoHeaders: "fastly" } })).toHaveLength(1);
    expect(problemsWith({ consent: { geoHeaders: { country: "not a name" } } })).toHaveLength(1);
    expect(problemsWith({ consent: { geoHeaders: { region: "x-region" } } })).toHaveLength(1);
  });

  test("a region has a rule of its own, which must come before that of its country", () => {
    const [first] = resolvedWith({ consent: { defaults: [rule(["US-CA", "EEA"]), rule(["*"], "granted")] } }).consent
      .defaults;
    expect(first?.countries).toEqual(expect.arrayContaining(["US-CA", "DE"]));
    expect(problemsWith({ consent: { defaults: [rule(["US", "FR"]), rule(["US-CA"]), rule(["*"])] } })).toEqual([
      "consent.defaults[1].countries: must name US-CA before the rule that decides it already: the first decides " +
        '(got ["US-CA"])',
    ]);
    expect(problemsWith({ consent: { defaults: [rule(["XX-CA"]), rule(["*"])] } })).toHaveLength(1);
  });

  test.each(["de", "Germany", "EU", "UK", "XX", "", "UKR", "US-", "US-CALI", "us-ca"])(
    "%j is not a country",
    (country) => {
      expect(problemsWith({ consent: { defaults: [rule([country]), rule(["*"])] } })).toHaveLength(1);
    },
  );
});
