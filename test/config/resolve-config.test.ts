import fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { byDefault, listOf, settingsFrom, text } from "../../src/core/settings-schema.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import defaultConfig from "../../tracklayer.config.ts";

const SMALLEST = { environment: "test", sources: { shop: { kind: "server" } }, destinations: {} };
const META = { settings: { datasetId: "123456789012345" } };

function resolve(overrides: Record<string, unknown> = {}) {
  return resolveConfig({ ...SMALLEST, ...overrides }, DESTINATIONS);
}

/** Every problem as `field: rule (got value)`. */
function problems(input: unknown, destinations: Parameters<typeof resolveConfig>[1] = DESTINATIONS): string[] {
  try {
    resolveConfig(input, destinations);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ field, rule, got }) => `${field}: ${rule} (got ${got})`);
    throw error;
  }
  return [];
}

function problemsWith(overrides: Record<string, unknown>): string[] {
  return problems({ ...SMALLEST, ...overrides });
}

describe("what is left out gets a default", () => {
  test("of everything but environment, sources and destinations", () => {
    expect(resolve()).toEqual({
      environment: "test",
      production: false,
      sensitiveData: { healthTerms: "off", moreHealthTerms: [], blockedFields: [], searchTerms: "keep" },
      archive: { days: 30, bufferSeconds: 60 },
      sources: [
        {
          id: "shop",
          kind: "server",
          allowedOrigins: [],
          dedupScope: "shop",
          keySecretName: "tracklayer/test/source/shop",
          purchaseEventId: "order_id",
          valueFrom: ["revenue", "total", "value"],
        },
      ],
      destinations: [],
      consent: {
        defaults: [expect.objectContaining({}), { countries: ["*"], purposes: expect.objectContaining({}) }],
        honourGpc: true,
        categories: {},
      },
      keyEvents: ["purchase", "lead"],
      alarms: { emails: [], silentHours: 24 },
      delivery: { retryWindowMs: 86_400_000, firstRetryMs: 10_000, longestRetryMs: 3_600_000 },
      logs: { eventShare: 1 },
      retention: { deliveryDays: 30, identityDays: 180, quarantineDays: 14, logDays: 30 },
      ingest: { rateLimit: 500, burstLimit: 1_000 },
    });
  });

  test("of a destination, and its own settings", () => {
    expect(resolve({ destinations: { meta: META } }).destinations).toEqual([
      {
        id: "meta",
        type: "meta",
        settings: expect.objectContaining({ datasetId: "123456789012345", incompleteWebsite: "skip" }),
        secretName: "tracklayer/test/destination/meta",
        events: {},
        customEvents: {},
        testMode: false,
        batchWindowSeconds: 5,
        maxConcurrency: 5,
      },
    ]);
  });

  test("of a destination that asks for fewer requests", () => {
    const awin = { settings: { advertiserId: "15758" } };
    const lanes = resolve({
      destinations: { awin, often: { ...awin, type: "awin", batchWindowSeconds: 0 } },
    }).destinations;
    expect(lanes.map(({ batchWindowSeconds }) => batchWindowSeconds)).toEqual([10, 0]);
  });

  test("but what is given stays", () => {
    const lane = {
      ...META,
      type: "meta",
      secret: "mine/meta",
      events: { purchase: { name: "Bought" } },
      customEvents: {},
      consent: ["ad_storage", "ad_user_data", "analytics_storage"],
      testMode: true,
      batchWindowSeconds: 0,
      maxConcurrency: 2,
    };
    const { settings, secret, ...kept } = lane;
    expect(resolve({ destinations: { "meta-eu": lane } }).destinations).toEqual([
      { ...kept, id: "meta-eu", secretName: secret, settings: expect.objectContaining(settings) },
    ]);
  });

  test("production is what is called so, unless it is said", () => {
    expect(resolve({ environment: "production" }).production).toBe(true);
    expect(resolve({ environment: "production", production: false }).production).toBe(false);
    expect(resolve({ environment: "live", production: true }).production).toBe(true);
  });
});

describe("what a lane makes of events", () => {
  const lane = (more: Record<string, unknown>) => ({ destinations: { meta: { ...META, ...more } } });

  test("a name, a no, and conditions with a value become rules", () => {
    const rules = resolve(
      lane({
        events: {
          sign_up: "Registration",
          page_view: false,
          purchase: {
            onlyIf: [
              { field: "value", atLeast: 10 },
              { field: "properties.plan", oneOf: ["pro"] },
            ],
            value: { percent: "30.0" },
          },
        },
        customEvents: { quote: { name: "Lead", value: { amount: 40, currency: "EUR" } } },
      }),
    ).destinations[0];
    expect(rules?.events).toEqual({
      sign_up: { name: "Registration" },
      page_view: { drop: true },
      purchase: {
        onlyIf: [
          { field: "value", atLeast: "10" },
          { field: "properties.plan", oneOf: ["pro"] },
        ],
        value: { percent: "30" },
      },
    });
    expect(rules?.customEvents).toEqual({ quote: { name: "Lead", value: { amount: "40", currency: "EUR" } } });
  });

  test.each([
    [{ events: { purchas: "Buy" } }, /purchas/],
    [{ events: { purchase: true } }, /must be a name, false, or an object/],
    [{ events: { purchase: "" } }, /must be a name, false, or an object|must not be empty/],
    [{ events: { purchase: { onlyIf: [{ field: "user.email", present: true }] } } }, /must be/],
    [{ events: { purchase: { onlyIf: [{ field: "value", atLeast: "ten" }] } } }, /must be/],
    [{ events: { purchase: { onlyIf: [{ field: "value", atLeast: 1, lessThan: 2 }] } } }, /must be/],
    [{ events: { purchase: { value: { amount: "5" } } } }, /must be/],
    [
      { events: { purchase: { onlyIf: [{ field: "value", greaterThan: "10" }] } } },
      /events\.purchase\.onlyIf\[0\]: must be a field with one of oneOf/,
    ],
    [{ events: { lead: { name: "Lead", value: { percent: "x" } } } }, /lead\.value\.percent: must be a plain decimal/],
    [{ events: { lead: { names: "Lead" } } }, /lead\.names: is not a known field; did you mean "name"\?/],
    [{ customEvents: { "": "x" } }, /customEvents/],
  ])("%j is told", (more, words) => {
    const told = problemsWith(lane(more));
    expect(told.join("\n")).toMatch(words);
    expect(told[0]).toMatch(/^destinations\.meta\.(events|customEvents)/);
  });

  test("a rule without a name is told where the platform has no name of its own", () => {
    const rule = { onlyIf: [{ field: "value", atLeast: "10" }] };
    const input = { ...SMALLEST, ...lane({ events: { purchase: rule, lead: false }, customEvents: { quote: rule } }) };
    const withNames = (eventNames: Record<string, string>) => () =>
      resolveConfig(input, { meta: { ...DESTINATIONS.meta, eventNames } as NonNullable<typeof DESTINATIONS.meta> });
    expect(withNames({})).toThrow(
      /has 2 problems:\n.*meta\.events\.purchase: needs a name.*\n.*customEvents\.quote: needs/,
    );
    expect(withNames({ purchase: "Purchase", custom: "*" })).not.toThrow();
  });

  test("a platform that knows events by ids says which form they have", () => {
    const byId = {
      ...DESTINATIONS.meta,
      eventNameProblem: (name: string) => (/^\d+$/.test(name) ? undefined : "must be an id"),
    };
    const input = { ...SMALLEST, ...lane({ events: { purchase: "123", lead: "Lead" } }) };
    expect(() => resolveConfig(input, { meta: byId as NonNullable<typeof DESTINATIONS.meta> })).toThrow(
      'destinations.meta.events.lead: must be an id (got "Lead")',
    );
  });
});

test("the file that ships is valid and has no credential in it", () => {
  const config = resolveConfig(defaultConfig, DESTINATIONS);
  expect(config.destinations.map(({ type }) => type)).toEqual(["meta", "ga4", "webhook"]);
  expect(new Set(config.sources.map(({ dedupScope }) => dedupScope)).size).toBe(1);
});

test("the answer is plain JSON: it is shipped beside every bundle", () => {
  const config = resolveConfig(defaultConfig, DESTINATIONS);
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
});

describe("consent", () => {
  const rule = (countries: string[], purposes: unknown = "denied") => ({ countries, purposes });

  test("EEA stands for its thirty countries, and one word for all purposes", () => {
    const [first, second] = resolve().consent.defaults;
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
    const { defaults } = resolve({ consent: { defaults: [rule(["EEA"]), rule(["*"], mixed)] } }).consent;
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
    const { defaults } = resolve({ consent: { defaults: [granting(["*"], named)] } }).consent;
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
    const resolved = (geoHeaders: unknown) => resolve({ consent: { geoHeaders } }).consent.geoHeaders;
    expect(resolve().consent.geoHeaders).toBeUndefined();
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
    const [first] = resolve({ consent: { defaults: [rule(["US-CA", "EEA"]), rule(["*"], "granted")] } }).consent
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

describe("a wrong configuration", () => {
  test("is told whole, each problem with field, rule and value", () => {
    expect(
      problems({
        environment: "Prod!",
        sources: {
          web: { kind: "browser", origins: ["https://shop.example.com/"], rateLimit: 0 },
          app: { kind: "phone" },
        },
        destinations: { meta: { ...META, maxConcurrency: 1, batchWindowSeconds: 2.5 } },
        defaultCountry: "de",
        keyEvents: ["purchase", "bought"],
        alarms: { emails: ["nobody"] },
        delivery: { retryHours: 0 },
        retention: { deliveryDays: 3, logDays: 31 },
        ingest: { rateLimit: "many" },
      }).map((problem) => problem.replace(/ \(got.*/, "")),
    ).toEqual([
      "environment: must be lower-case letters, digits and inner hyphens, starting with a letter",
      expect.stringContaining("sources.web.origins[0]: must be an exact origin"),
      "sources.web.rateLimit: must be a whole number from 1 to 10000",
      'sources.app.kind: must be "browser", "app" or "server"',
      "destinations.meta.batchWindowSeconds: must be a whole number from 0 to 300",
      "destinations.meta.maxConcurrency: must be a whole number from 2 to 1000",
      "defaultCountry: must be an ISO 3166-1 alpha-2 code in upper case (the United Kingdom is GB)",
      "keyEvents[1]: must be a canonical event name",
      "alarms.emails[0]: must be an e-mail address",
      "delivery.retryHours: must be a whole number from 1 to 312",
      "retention.deliveryDays: must be a whole number from 7 to 3650",
      expect.stringContaining("retention.logDays: must be one of 1, 3, 5"),
      "ingest.rateLimit: must be a whole number from 1 to 10000",
    ]);
  });

  test("has a message that a person can read", () => {
    expect(() => resolve({ environment: "Prod!" })).toThrow(
      'The TrackLayer configuration has 1 problem:\n  environment: must be lower-case letters, digits and inner hyphens, starting with a letter (got "Prod!")',
    );
  });

  test.each([
    ["alarm", { alarm: {} }, 'alarm: is not a known field; did you mean "alarms"? (got {})'],
    [
      "sources.shop.orgins",
      { sources: { shop: { kind: "server", orgins: [] } } },
      'sources.shop.orgins: is not a known field; did you mean "origins"? (got [])',
    ],
    [
      "destinations.meta.setings",
      { destinations: { meta: { ...META, setings: {} } } },
      'destinations.meta.setings: is not a known field; did you mean "settings"? (got {})',
    ],
    [
      "retention.delivery",
      { retention: { deliverydays: 9 } },
      'retention.deliverydays: is not a known field; did you mean "deliveryDays"? (got 9)',
    ],
    [
      "consent.gpc",
      { consent: { honorGpc: true } },
      'consent.honorGpc: is not a known field; did you mean "honourGpc"? (got true)',
    ],
    [
      "sensitiveData.healthTerm",
      { sensitiveData: { healthTerm: "off" } },
      'sensitiveData.healthTerm: is not a known field; did you mean "healthTerms"? (got "off")',
    ],
    ["nothing near", { zebra: 1 }, "zebra: is not a known field (got 1)"],
  ])("names an unknown field and what was probably meant: %s", (_, overrides, expected) => {
    expect(problemsWith(overrides)).toEqual([expected]);
  });

  test("names a field that no event can do without", () => {
    expect(problemsWith({ sensitiveData: { blockedFields: ["page.title", "event_id"] } })).toEqual([
      expect.stringMatching(
        /^sensitiveData\.blockedFields\[1\]: must be a field that an event can do without: .*"event_id"/,
      ),
    ]);
  });

  test("names a missing field", () => {
    expect(problems({})).toEqual([
      expect.stringMatching(/^environment: is required; .*\(got nothing\)$/),
      expect.stringMatching(/^sources: is required; /),
      expect.stringMatching(/^destinations: is required; /),
    ]);
  });

  test("names a destination type that does not exist", () => {
    expect(problemsWith({ destinations: { metta: META } })).toEqual([
      expect.stringMatching(/^destinations\.metta\.type: must be one of .*; did you mean "meta"\? \(got "metta"\)$/),
    ]);
    expect(problemsWith({ destinations: { hook: { type: "constructor", settings: {} } } })).toHaveLength(1);
  });

  test("passes on what a destination says about its settings, under the lane's field", () => {
    const strict = {
      id: "strict",
      settings: settingsFrom<{ url: string; words: string[] }>({
        url: text("must be a URL"),
        words: byDefault(listOf(text("must be a word")), []),
      }),
    };
    const wordy = {
      id: "wordy",
      settings: {
        parse() {
          throw new Error("these two settings exclude each other");
        },
      },
    };
    const lanes = { strict: {}, second: { type: "strict", settings: { url: "x", words: [1], more: true } }, wordy: {} };
    expect(problems({ ...SMALLEST, destinations: lanes }, { strict, wordy })).toEqual([
      "destinations.strict.settings.url: must be a URL (got nothing)",
      "destinations.second.settings.more: is no setting (got true)",
      "destinations.second.settings.words.0: must be a word (got 1)",
      "destinations.wordy.settings: these two settings exclude each other (got nothing)",
    ]);
  });

  test("has settings that are no object", () => {
    expect(problemsWith({ destinations: { meta: { settings: "123" } } })).toEqual([
      'destinations.meta.settings: must be an object (got "123")',
    ]);
  });

  test.each(["Shop", "1shop", "shop_web", "shop-", "a".repeat(25), "", "shop#1"])("%j is not an id", (id) => {
    expect(problemsWith({ sources: { [id]: { kind: "server" } } }).length).toBeGreaterThan(0);
    expect(problemsWith({ destinations: { [id]: { ...META, type: "meta" } } }).length).toBeGreaterThan(0);
  });

  test("has browser sources without origins, or servers with some", () => {
    const sources = { web: { kind: "browser" }, app: { kind: "server", origins: ["https://a.example"] } };
    expect(problemsWith({ sources })).toEqual([
      "sources.web.origins: must list at least one origin for a browser source (got [])",
      'sources.app.origins: must be absent: only browsers have origins (got ["https://a.example"])',
    ]);
    expect(problemsWith({ sources: {} })).toEqual(["sources: must hold at least one source (got none)"]);
  });

  test("keeps receipts for less than it retries", () => {
    expect(problemsWith({ delivery: { retryHours: 200 }, retention: { deliveryDays: 7 } })).toEqual([
      expect.stringMatching(/^retention\.deliveryDays: must cover delivery\.retryHours \(200\)/),
    ]);
  });

  test("takes the copies of one event for two people's", () => {
    const source = { kind: "server", dedupScope: "shop" };
    expect(problemsWith({ sources: { a: { ...source, identityScope: "red" }, b: source } })).toEqual([
      'sources.b.identityScope: must be "red" as of sources.a: both have the dedupScope "shop" (got nothing)',
    ]);
    expect(problemsWith({ sources: { a: { ...source, identityScope: "shop" }, b: source } })).toEqual([]);
  });

  test("keeps brands apart by a word that is none", () => {
    expect(problemsWith({ identity: { sharedAcross: "none" } })).toEqual([
      'identity.sharedAcross: must be "all" or "scope" (got "none")',
    ]);
    expect(problemsWith({ identity: { sharedAccross: "scope" } })).toHaveLength(1);
  });

  test("has one secret for two keys", () => {
    const key = { kind: "server", keySecret: "shared" };
    expect(problemsWith({ sources: { a: key, b: key } })).toEqual([
      'sources.b.keySecret: must differ from the secret of sources.a (got "shared")',
    ]);
    expect(problemsWith({ sources: { a: key }, destinations: { meta: { ...META, secret: "shared" } } })).toHaveLength(
      1,
    );
    const lanes = { meta: { ...META, secret: "same" }, other: { ...META, type: "meta", secret: "same" } };
    expect(problemsWith({ destinations: lanes })).toEqual([]);
  });
});

describe("origins", () => {
  test.each([
    "https://shop.example.com",
    "https://shop.example.com:8443",
    "http://localhost:8080",
    "http://localhost",
    "http://127.0.0.1:3000",
    "https://xn--mnchen-3ya.example",
  ])("%s is exact", (origin) => {
    expect(problemsWith({ sources: { web: { kind: "browser", origins: [origin] } } })).toEqual([]);
  });

  test.each([
    "http://shop.example.com",
    "https://shop.example.com/",
    "https://shop.example.com/path",
    "https://shop.example.com:443",
    "https://Shop.example.com",
    "https://*.example.com",
    "*",
    "null",
    "shop.example.com",
    "https://user@shop.example.com",
    "https://shop.example.com?x",
    "http://localhost.example.com",
    "ftp://localhost",
    "https://münchen.example",
    "https://shop.example.com ",
  ])("%s is not", (origin) => {
    expect(problemsWith({ sources: { web: { kind: "browser", origins: [origin] } } })).toHaveLength(1);
  });
});

test("no secret that was put into the wrong place is repeated", () => {
  const secrets = [`EAAB${"x1Y2".repeat(20)}`, "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", "0123456789abcdef0123456789abcdef"];
  for (const secret of secrets) {
    const told = [
      ...problemsWith({ destinations: { meta: { settings: { datasetId: secret, accessToken: secret } } } }),
      ...problemsWith({ destinations: { meta: { ...META, accessToken: secret } } }),
      ...problemsWith({ sources: { shop: { kind: "server", key: { value: secret } } } }),
      ...problemsWith({ environment: secret }),
    ];
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.join("\n")).not.toContain(secret);
  }
  expect(problemsWith({ sources: { shop: { kind: "server", password: "hunter2" } } }).join()).not.toContain("hunter2");
});

test("anything at all is either resolved or refused with a ConfigError, and never changed", () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, maxDepth: 3 });
  const field = fc.constantFrom(
    "environment",
    "sources",
    "destinations",
    "consent",
    "alarms",
    "retention",
    "keyEvents",
  );
  fc.assert(
    fc.property(field, anything, (name, value) => {
      const input = Object.freeze({ ...SMALLEST, [name]: value });
      try {
        resolveConfig(input, DESTINATIONS);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 300 },
  );
});

test("a platform's own score is asked for where it tells one, and nowhere else", () => {
  const lane = { settings: { datasetId: "1234567890123456" }, readBackQuality: true };
  const input = { environment: "test", sources: { web: { kind: "server" } } };
  const resolved = resolveConfig({ ...input, destinations: { meta: lane } }, DESTINATIONS);
  expect(resolved.destinations[0]?.readBackQuality).toBe(true);
  const other = { settings: { url: "https://shop.example/hook" }, readBackQuality: true };
  expect(() => resolveConfig({ ...input, destinations: { webhook: other } }, DESTINATIONS)).toThrow(
    /destinations\.webhook\.readBackQuality.*only meta and pinterest/s,
  );
});

describe("waiting for the other copy", () => {
  const web = { kind: "browser", origins: ["https://shop.example"], dedupScope: "shop" };
  const paired = { web, api: { kind: "server", dedupScope: "shop" }, blog: { kind: "server" } };

  test("purchases and leads of a scope with both sides wait, longer in production", () => {
    const merge = { events: ["purchase", "lead"], windowSeconds: 5, scopes: ["shop"] };
    expect(resolve({ sources: paired }).merge).toEqual(merge);
    expect(resolve({ sources: paired, production: true }).merge).toEqual({ ...merge, windowSeconds: 30 });
    const own = { events: ["sign_up", "Trial Booked", "sign_up"], windowSeconds: 900 };
    expect(resolve({ sources: paired, merge: own }).merge).toEqual({
      ...own,
      events: own.events.slice(0, 2),
      scopes: ["shop"],
    });
  });

  test.each([
    ["it is off", { sources: paired, merge: false }],
    ["no event is named", { sources: paired, merge: { events: [] } }],
    ["no scope has two sides", { sources: { api: { kind: "server" }, web: { ...web, dedupScope: "web" } } }],
    ["all of a scope are on one side", { sources: { web, app: { kind: "app", dedupScope: "shop" } } }],
  ])("nothing waits where %s", (_, overrides) => {
    expect(resolve(overrides)).not.toHaveProperty("merge");
  });

  test.each([
    [{ windowSeconds: 901 }, /merge\.windowSeconds/],
    [{ windowSeconds: 0 }, /merge\.windowSeconds/],
    [{ events: ["identify"] }, /merge\.events/],
    [{ events: ["custom"] }, /merge\.events/],
    [true, /merge/],
  ])("%j is refused", (merge, problem) => {
    expect(() => resolve({ sources: paired, merge })).toThrow(problem);
  });
});
