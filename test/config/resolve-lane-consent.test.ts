import { META_LANE, problemsWith, resolvedWith } from "../support/smallest-config.ts";

const HOOK = { type: "webhook", settings: { url: "https://crm.example.com/in" } };
const WHY = "Agreed with the privacy officer.";

function resolve(destinations: Record<string, unknown>, consent: Record<string, unknown> = {}) {
  return resolvedWith({ destinations, consent }).destinations;
}

function problems(destinations: Record<string, unknown>, consent: Record<string, unknown> = {}): string[] {
  return problemsWith({ destinations, consent });
}

function meta(...consentRules: unknown[]) {
  return { meta: { ...META_LANE, consentRules } };
}

function override(more: Record<string, unknown>) {
  return { overrides: [{ name: "agency", destination: "meta", because: WHY, ...more }] };
}

test("rules come out with their countries spelt out and `require` as what it means", () => {
  const [lane] = resolve(
    meta(
      { name: "ldu-states", countries: ["US-CA", "US-TX"], send: "limited" },
      { countries: ["EEA"], events: ["purchase"], require: ["ad_personalization"], denyFields: ["items.name"] },
      { countries: ["*"], sources: ["shop"], allowFields: [] },
      { whenDenied: { analytics_storage: "limited" } },
    ),
  );
  expect(lane?.consentRules).toEqual([
    { name: "ldu-states", places: ["US-CA", "US-TX"], send: "limited" },
    {
      events: ["purchase"],
      places: expect.arrayContaining(["DE", "NO"]),
      denyFields: ["items.name"],
      whenDenied: { ad_personalization: "drop" },
    },
    { sources: ["shop"], allowFields: [] },
    { whenDenied: { analytics_storage: "limited" } },
  ]);
});

test("a lane without any of it carries nothing of it", () => {
  expect(Object.keys(resolve({ meta: META_LANE })[0] ?? {}).filter((name) => name.startsWith("consent"))).toEqual([]);
});

test.each([
  [
    "looser than the declaration",
    { whenDenied: { ad_user_data: "limited" } },
    'whenDenied.ad_user_data: may not be looser than meta\'s own "drop"; to let more through, say so by name and with a ' +
      'reason in consent.overrides (got "limited")',
  ],
  [
    "a form that the platform does not take",
    { send: "without_identifiers" },
    "send: must be limited or drop: Meta documents no other way to take less of an event " +
      '(got "without_identifiers")',
  ],
  ["an unknown form", { send: "block" }, 'send: must be one of limited, without_identifiers, drop (got "block")'],
  ["sending on purpose", { send: "send" }, 'send: must be one of limited, without_identifiers, drop (got "send")'],
  ["a country that is none", { countries: ["EU"], send: "drop" }, "countries[0]: must be an ISO 3166-1"],
  ["a mistyped field", { sent: "drop" }, 'sent: is not a known field; did you mean "send"? (got "drop")'],
  ["a field that every event needs", { denyFields: ["value"] }, "denyFields[0]: must be a field that an event can do"],
  [
    "a source that there is not",
    { sources: ["shopp"], send: "drop" },
    'sources[0]: must be a source of this configuration; did you mean "shop"? (got "shopp")',
  ],
])("a rule with %s is refused by field, rule and value", (_, rule, expected) => {
  const [problem, ...others] = problems(meta(rule));
  expect(problem).toContain(`destinations.meta.consentRules[0].${expected}`);
  expect(others.filter((it) => !it.includes("must say what to do"))).toEqual([]);
});

test("a rule that says nothing, two lists of fields, and a rule that is never reached", () => {
  expect(problems(meta({ countries: ["DE"] }))).toEqual([
    expect.stringContaining(
      "consentRules[0]: must say what to do: require, whenDenied, send, denyFields or allowFields",
    ),
  ]);
  expect(problems(meta({ denyFields: ["coupon"], allowFields: [] }))).toEqual([
    expect.stringContaining("consentRules[0]: must have one of denyFields and allowFields"),
  ]);
  expect(problems(meta({ countries: ["*"], send: "limited" }, { countries: ["DE"], send: "drop" }))).toEqual([
    expect.stringContaining("consentRules[1]: never applies: consentRules[0] fits every event that it fits"),
  ]);
});

test.each([
  [{ countries: ["US"] }, { countries: ["US-CA"] }],
  [{ countries: ["EEA", "unknown"] }, { countries: ["DE", "unknown"], events: ["purchase"] }],
  [{ events: ["purchase", "lead"] }, { events: ["lead"], sources: ["shop"] }],
])("a rule for %j keeps a later one for %j from ever applying", (wide, narrow) => {
  const rules = (...scopes: object[]) =>
    meta(...scopes.map((scope, index) => ({ ...scope, name: `r-${index}`, send: "drop" })));
  expect(problems(rules({ countries: ["BR"] }, wide, narrow))).toEqual([
    expect.stringContaining("consentRules[2]: never applies: consentRules[1] fits every event that it fits"),
  ]);
  expect(problems(rules({ countries: ["BR"] }, narrow, wide))).toEqual([]);
});

test("rules of one lane share no name: decisions are told by it", () => {
  const rules = meta({ name: "a", countries: ["DE"], send: "drop" }, { name: "a", countries: ["FR"], send: "drop" });
  expect(problems(rules)).toEqual([
    expect.stringContaining("consentRules[1].name: must differ from the names of the lane's other rules"),
  ]);
});

test("a mistyped purpose is told with the one that was meant", () => {
  const hint = 'ad_personalisation: is not a known field; did you mean "ad_personalization"?';
  expect(problems(meta({ whenDenied: { ad_personalisation: "drop" } }))[0]).toContain(hint);
  expect(problems({ meta: META_LANE }, override({ whenDenied: { ad_personalisation: "send" } }))[0]).toContain(hint);
  expect(problems({ meta: META_LANE }, { geoHeaders: { country: "X-Country", regio: "X-Region" } })[0]).toContain(
    'consent.geoHeaders.regio: is not a known field; did you mean "region"?',
  );
});

describe("the list of purposes", () => {
  test("may ask for more", () => {
    expect(resolve({ crm: { ...HOOK, consent: ["ad_storage"] } })[0]?.consent).toEqual(["ad_storage"]);
    const uet = { settings: { tagId: "5551234" }, consent: ["ad_storage", "ad_user_data"] };
    expect(resolve({ "microsoft-ads": uet })[0]?.consent).toEqual(["ad_storage", "ad_user_data"]);
  });

  test("may not leave out what the destination needs, and says how that is done", () => {
    expect(problems({ meta: { ...META_LANE, consent: ["ad_storage"] } })).toEqual([
      "destinations.meta.consent: must also hold ad_user_data, without which Meta gets nothing; to let " +
        'more through, say so by name in consent.overrides: { name: "...", destination: "meta", because: "...", ' +
        'whenDenied: { ad_user_data: "send" } } (got ["ad_storage"])',
    ]);
    const consent = override({ whenDenied: { ad_user_data: "limited" } });
    expect(problems({ meta: { ...META_LANE, consent: ["ad_storage"] } }, consent)).toEqual([]);
  });
});

describe("overrides", () => {
  test("stand at their lane", () => {
    const consent = override({ countries: ["US"], whenDenied: { ad_user_data: "limited" } });
    const lanes = resolve({ meta: META_LANE, crm: HOOK }, consent);
    expect(lanes.map(({ consentOverrides }) => consentOverrides)).toEqual([
      [{ name: "agency", because: WHY, places: ["US"], whenDenied: { ad_user_data: "limited" } }],
      undefined,
    ]);
  });

  test.each([
    ["no reason", { because: "yes", whenDenied: { ad_user_data: "send" } }, "because: must say why in at least 10"],
    ["no purpose", { whenDenied: {} }, "whenDenied: must name at least one purpose"],
    [
      "another lane",
      { destination: "metaa", whenDenied: { ad_user_data: "send" } },
      'destination: must be a destination of this configuration; did you mean "meta"?',
    ],
    [
      "nothing looser",
      { whenDenied: { ad_personalization: "drop" } },
      'whenDenied.ad_personalization: is no looser than meta\'s own "limited": leave it out',
    ],
    [
      "a form that the platform does not take",
      { whenDenied: { ad_user_data: "without_identifiers" } },
      "whenDenied.ad_user_data: must be limited or drop",
    ],
  ])("with %s are refused", (_, more, expected) => {
    expect(problems({ meta: META_LANE }, override(more))).toEqual([
      expect.stringContaining(`consent.overrides[0].${expected}`),
    ]);
  });

  test("that an earlier one keeps from ever applying are refused", () => {
    const [one] = override({ countries: ["US"], whenDenied: { ad_user_data: "send" } }).overrides;
    const overrides = [one, { ...one, name: "late", countries: ["US-TX"] }];
    expect(problems({ meta: META_LANE }, { overrides })).toEqual([
      expect.stringContaining(
        "consent.overrides[1]: never applies: consent.overrides[0] fits every event that it fits",
      ),
    ]);
    const elsewhere = { ...one, name: "late", destination: "ga4", whenDenied: { analytics_storage: "send" } };
    const ga4 = { settings: { measurementId: "G-ABC1234567" } };
    expect(problems({ meta: META_LANE, ga4 }, { overrides: [one, elsewhere] })).toEqual([]);
  });

  test("share no name, and do not contradict the lane's own list", () => {
    const [one] = override({ whenDenied: { ad_user_data: "send" } }).overrides;
    const elsewhere = { ...one, countries: ["US"] };
    expect(problems({ meta: META_LANE }, { overrides: [elsewhere, one] })).toEqual([
      expect.stringContaining("consent.overrides[1].name: must differ from the other overrides' names"),
    ]);
    const listed = { meta: { ...META_LANE, consent: ["ad_storage", "ad_user_data"] } };
    expect(problems(listed, { overrides: [one] })).toEqual([
      expect.stringContaining("has no effect: destinations.meta.consent asks for this purpose"),
    ]);
  });
});
