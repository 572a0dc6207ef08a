import {
  CONSENT_PURPOSES,
  type ConsentPurpose,
  type ConsentState,
  type ConsentString,
  type ConsentValue,
} from "../../src/core/consent.ts";
import {
  type ConsentRules,
  consentToSend,
  decideConsent,
  effectiveConsent,
  vendorConsent,
  withVendorRefusals,
} from "../../src/core/consent-decision.ts";

const all = (value: ConsentValue): Record<ConsentPurpose, ConsentValue> => ({
  ad_storage: value,
  ad_user_data: value,
  ad_personalization: value,
  analytics_storage: value,
});

const rules: ConsentRules = {
  defaults: [
    { countries: ["DE", "FR"], purposes: all("denied") },
    { countries: ["*"], purposes: all("granted") },
  ],
  honourGpc: true,
};

describe("one purpose, every combination of answer, GPC and region", () => {
  const answers = ["granted", "denied", undefined] as const;
  const countries = ["DE", "US", undefined] as const;
  const rows = CONSENT_PURPOSES.flatMap((purpose) =>
    answers.flatMap((answer) =>
      countries.flatMap((country) =>
        [true, false].flatMap((gpc) =>
          [true, false].map((honourGpc) => ({ purpose, answer, country, gpc, honourGpc })),
        ),
      ),
    ),
  );

  test.each(rows)("$purpose answered $answer in $country, gpc $gpc, honoured $honourGpc", (row) => {
    const { purpose, answer, country, gpc, honourGpc } = row;
    const state = { gpc, ...(answer === undefined ? {} : { [purpose]: answer }) };
    const got = effectiveConsent(state, country === undefined ? [] : [country], { ...rules, honourGpc }).purposes[
      purpose
    ];
    const isAdPersonal = purpose === "ad_user_data" || purpose === "ad_personalization";
    if (gpc && honourGpc && isAdPersonal) expect(got).toMatchObject({ value: "denied", by: "gpc" });
    else if (answer !== undefined) expect(got).toMatchObject({ value: answer, by: "person" });
    else expect(got).toMatchObject({ value: country === "DE" ? "denied" : "granted", by: "default" });
  });
});

test("an explicit denial wins over a default that grants, and says who denied", () => {
  const effective = effectiveConsent({ ad_user_data: "denied" }, ["US"], rules);
  expect(decideConsent(["ad_storage", "ad_user_data"], effective)).toEqual({
    allowed: false,
    reason: "ad_user_data denied by the person",
    required: ["ad_storage", "ad_user_data"],
  });
});

test("events without a country have a rule of their own when the config says so", () => {
  const strict = { ...rules, defaults: [{ countries: ["unknown"], purposes: all("denied") }, ...rules.defaults] };
  const reason = (...places: string[]) =>
    decideConsent(["ad_storage"], effectiveConsent(undefined, places, strict)).reason;
  expect(reason()).toBe("ad_storage not answered; denied by default in an unknown country");
  expect(reason("US")).toBe("granted by default in US");
});

test.each([
  [undefined, "DE", "ad_storage not answered; denied by default in DE"],
  [{ gpc: true, ad_user_data: "granted" as const }, "US", "ad_user_data denied by Global Privacy Control"],
  [{ ad_storage: "granted" as const, ad_user_data: "granted" as const }, "DE", "granted by the person"],
  [undefined, "US", "granted by default in US"],
  [undefined, undefined, "granted by default in an unknown country"],
  [{ ad_storage: "granted" as const }, "US", "granted by the person and by default in US"],
])("the reason for %j in %s", (state, country, reason) => {
  const required: ConsentPurpose[] =
    country === "DE" && state === undefined ? ["ad_storage"] : ["ad_storage", "ad_user_data"];
  expect(decideConsent(required, effectiveConsent(state, country === undefined ? [] : [country], rules)).reason).toBe(
    reason,
  );
});

test("every denied purpose is named", () => {
  const effective = effectiveConsent({ ad_storage: "denied" }, ["FR"], rules);
  expect(decideConsent(["ad_storage", "ad_user_data"], effective).reason).toBe(
    "ad_storage denied by the person; ad_user_data not answered; denied by default in FR",
  );
});

test("the first rule that fits decides, even when a later one is stricter", () => {
  const starFirst: ConsentRules = { ...rules, defaults: [...rules.defaults].reverse() };
  expect(effectiveConsent(undefined, ["DE"], starFirst).purposes.ad_storage.value).toBe("granted");
});

test("silence is a no where no rule fits", () => {
  const onlyEurope: ConsentRules = { ...rules, defaults: rules.defaults.slice(0, 1) };
  const effective = effectiveConsent({}, ["US"], onlyEurope);
  expect(decideConsent(["ad_storage"], effective).reason).toBe("ad_storage not answered; no rule for US");
});

test("a destination that requires nothing is allowed under full denial", () => {
  const effective = effectiveConsent({ ...all("denied"), gpc: true }, ["DE"], rules);
  expect(decideConsent([], effective)).toEqual({ allowed: true, reason: "none required", required: [] });
});

test("the outgoing consent holds answers and refusals, no grant that nobody gave, and keeps the other signals", () => {
  const state = { ad_storage: "granted", gpc: true, limited_data_use: true, jurisdiction: "US-CA" } as const;
  expect(consentToSend(state, effectiveConsent(state, ["US"], rules))).toEqual({
    ad_storage: "granted",
    ad_user_data: "denied",
    ad_personalization: "denied",
    gpc: true,
    limited_data_use: true,
    jurisdiction: "US-CA",
  });
  expect(state).not.toHaveProperty("ad_user_data");
});

test("a refusal by default travels, a grant by default does not", () => {
  expect(consentToSend(undefined, effectiveConsent(undefined, ["DE"], rules))).toEqual(all("denied"));
  expect(consentToSend(undefined, effectiveConsent(undefined, ["US"], rules))).toEqual({});
  expect(consentToSend({ ad_storage: "granted" }, effectiveConsent({ ad_storage: "granted" }, ["US"], rules))).toEqual({
    ad_storage: "granted",
  });
});

describe("an event that may belong to several places", () => {
  const byPlace: ConsentRules = {
    ...rules,
    defaults: [
      { countries: ["US-CA"], purposes: all("denied") },
      { countries: ["DE", "FR"], purposes: all("denied") },
      { countries: ["US", "CA"], purposes: all("granted") },
    ],
  };

  test.each([
    [["US"], "granted by default in US"],
    [["US-NY"], "granted by default in US-NY"],
    [["US-CA"], "ad_storage not answered; denied by default in US-CA"],
    [["US", "DE"], "ad_storage not answered; denied by default in DE"],
    [["US", "CA"], "granted by default in US and CA"],
    [["US-NY", "US-CA"], "ad_storage not answered; denied by default in US-CA"],
    [["US", "JP"], "ad_storage not answered; no rule for JP"],
    [[], "ad_storage not answered; no rule for an unknown country"],
  ])("%j: %s", (places, reason) => {
    expect(decideConsent(["ad_storage"], effectiveConsent(undefined, places, byPlace)).reason).toBe(reason);
  });

  test("the first rule that lists the place decides, be it for the country or the region", () => {
    const starFirst = { ...byPlace, defaults: byPlace.defaults.toReversed() };
    expect(effectiveConsent(undefined, ["US-CA"], starFirst).purposes.ad_storage.value).toBe("granted");
  });

  test("never overrules an answer", () => {
    const effective = effectiveConsent({ ad_storage: "granted" }, ["US", "DE"], byPlace);
    expect(decideConsent(["ad_storage"], effective).allowed).toBe(true);
  });
});

describe("what a consent string answered", () => {
  const answered = (ad_user_data: ConsentValue, by: ConsentString) =>
    effectiveConsent({ ad_user_data, answered_by: { ad_user_data: by } }, ["US"], rules);

  test.each<[ConsentValue, ConsentString, string]>([
    ["denied", "tcf", "ad_user_data denied by the TCF string"],
    ["denied", "gpp", "ad_user_data denied by the GPP string"],
    ["denied", "us_privacy", "ad_user_data denied by the US Privacy string"],
    ["granted", "tcf", "granted by the TCF string"],
    ["granted", "gpp", "granted by the GPP string"],
  ])("%s by %s: %s", (value, by, reason) => {
    expect(decideConsent(["ad_user_data"], answered(value, by)).reason).toBe(reason);
  });

  test("is told beside what the person and a default said", () => {
    const state = { ad_storage: "granted", ad_user_data: "granted", answered_by: { ad_user_data: "tcf" } } as const;
    const reason = (...required: ConsentPurpose[]) =>
      decideConsent(required, effectiveConsent(state, ["US"], rules)).reason;
    expect(reason("ad_storage", "ad_user_data")).toBe("granted by the person and the TCF string");
    expect(reason("ad_user_data", "ad_personalization")).toBe("granted by the TCF string and by default in US");
  });

  test("is refused to one vendor, and to the others not", () => {
    const effective = answered("granted", "tcf");
    const refused = withVendorRefusals(effective, ["ad_user_data"]);
    expect(decideConsent(["ad_user_data"], refused)).toMatchObject({
      allowed: false,
      reason: "ad_user_data not granted to this vendor by the TCF string",
    });
    expect(effective.purposes.ad_user_data.value).toBe("granted");
    const given: ConsentState = { ad_user_data: "granted", refused_to: { ad_user_data: [755] } };
    expect(vendorConsent(given, 755)).toMatchObject({ ad_user_data: "denied" });
    expect(vendorConsent(given, 42)).toBe(given);
    expect(vendorConsent(given, undefined)).toBe(given);
  });

  test("goes on as a string only while nobody else refuses anything of ads", () => {
    const sent = (state: ConsentState, place = "US") =>
      Object.keys(consentToSend(state, effectiveConsent(state, [place], rules)));
    const granted = { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" } as const;
    const strings = { tcf: "C", gpp: "D", gpp_sid: [7], us_privacy: "1YNN" };
    expect(sent({ ...granted, ...strings })).toEqual(expect.arrayContaining(["tcf", "gpp", "gpp_sid", "us_privacy"]));
    const byTcf: ConsentState = { ...granted, ad_user_data: "denied", answered_by: { ad_user_data: "tcf" } };
    expect(sent({ ...byTcf, ...strings })).toContain("tcf");
    expect(sent({ ...byTcf, ...strings })).not.toContain("gpp_sid");
    for (const state of [
      { ...granted, gpc: true },
      { ...granted, ad_storage: "denied" as const },
    ]) {
      for (const name of Object.keys(strings)) expect(sent({ ...state, ...strings })).not.toContain(name);
    }
    expect(sent({ tcf: "C" }, "DE")).not.toContain("tcf");
    expect(sent({ ...granted, analytics_storage: "denied", tcf: "C" })).toContain("tcf");
  });
});

test("what a string grants gives way to a refusal since, and what the person grants outright does not", () => {
  const [granted, denied] = [{ ad_storage: "granted" }, { ad_storage: "denied" }] as const;
  const byTcf: ConsentState = { ...granted, tcf: "CPX", answered_by: { ad_storage: "tcf" } };
  const taken = effectiveConsent(byTcf, ["US"], rules, denied);
  expect(taken.purposes.ad_storage).toMatchObject({ value: "denied", by: "earlier" });
  // No more the string's word, for whoever reads it in the archive.
  expect(consentToSend({ ...byTcf, answered_at: { ad_storage: 1 } }, taken)).toEqual({ ad_storage: "denied" });
  expect(effectiveConsent(granted, ["US"], rules, denied).purposes.ad_storage.value).toBe("granted");
  const refusing: ConsentState = { ...byTcf, ad_storage: "denied" };
  expect(effectiveConsent(refusing, ["US"], rules, granted).purposes.ad_storage.value).toBe("denied");
});
