import fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { byDefault, listOf, settingsFrom, text } from "../../src/core/settings-schema.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import defaultConfig from "../../tracklayer.config.ts";
import { META_LANE, problemsIn, problemsWith, resolvedWith, SMALLEST_CONFIG } from "../support/smallest-config.ts";

describe("what is left out gets a default", () => {
  test("of everything but environment, sources and destinations", () => {
    expect(resolvedWith()).toEqual({
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
    expect(resolvedWith({ destinations: { meta: META_LANE } }).destinations).toEqual([
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
    const lanes = resolvedWith({
      destinations: { awin, often: { ...awin, type: "awin", batchWindowSeconds: 0 } },
    }).destinations;
    expect(lanes.map(({ batchWindowSeconds }) => batchWindowSeconds)).toEqual([10, 0]);
  });

  test("but what is given stays", () => {
    const lane = {
      ...META_LANE,
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
    expect(resolvedWith({ destinations: { "meta-eu": lane } }).destinations).toEqual([
      { ...kept, id: "meta-eu", secretName: secret, settings: expect.objectContaining(settings) },
    ]);
  });

  test("production is what is called so, unless it is said", () => {
    expect(resolvedWith({ environment: "production" }).production).toBe(true);
    expect(resolvedWith({ environment: "production", production: false }).production).toBe(false);
    expect(resolvedWith({ environment: "live", production: true }).production).toBe(true);
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

describe("a wrong configuration", () => {
  test("is told whole, each problem with field, rule and value", () => {
    expect(
      problemsIn({
        environment: "Prod!",
        sources: {
          web: { kind: "browser", origins: ["https://shop.example.com/"], rateLimit: 0 },
          app: { kind: "phone" },
        },
        destinations: { meta: { ...META_LANE, maxConcurrency: 1, batchWindowSeconds: 2.5 } },
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
    expect(() => resolvedWith({ environment: "Prod!" })).toThrow(
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
      { destinations: { meta: { ...META_LANE, setings: {} } } },
      'destinations.meta.setings: is not a known field; did you mean "settings"? (got {})',
    ],
    ["archive.day", { archive: { day: 9 } }, 'archive.day: is not a known field; did you mean "days"? (got 9)'],
    [
      "identity.shareAcross",
      { identity: { shareAcross: "all" } },
      'identity.shareAcross: is not a known field; did you mean "sharedAcross"? (got "all")',
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
    expect(problemsIn({})).toEqual([
      expect.stringMatching(/^environment: is required; .*\(got nothing\)$/),
      expect.stringMatching(/^sources: is required; /),
      expect.stringMatching(/^destinations: is required; /),
    ]);
  });

  test("names a destination type that does not exist", () => {
    expect(problemsWith({ destinations: { metta: META_LANE } })).toEqual([
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
    expect(problemsIn({ ...SMALLEST_CONFIG, destinations: lanes }, { strict, wordy })).toEqual([
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
    expect(problemsWith({ destinations: { [id]: { ...META_LANE, type: "meta" } } }).length).toBeGreaterThan(0);
  });

  test("keeps receipts for less than it retries", () => {
    expect(problemsWith({ delivery: { retryHours: 200 }, retention: { deliveryDays: 7 } })).toEqual([
      expect.stringMatching(/^retention\.deliveryDays: must cover delivery\.retryHours \(200\)/),
    ]);
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
    expect(
      problemsWith({ sources: { a: key }, destinations: { meta: { ...META_LANE, secret: "shared" } } }),
    ).toHaveLength(1);
    const lanes = { meta: { ...META_LANE, secret: "same" }, other: { ...META_LANE, type: "meta", secret: "same" } };
    expect(problemsWith({ destinations: lanes })).toEqual([]);
  });
});

test("no secret that was put into the wrong place is repeated", () => {
  const secrets = [`EAAB${"x1Y2".repeat(20)}`, "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", "0123456789abcdef0123456789abcdef"];
  for (const secret of secrets) {
    const told = [
      ...problemsWith({ destinations: { meta: { settings: { datasetId: secret, accessToken: secret } } } }),
      ...problemsWith({ destinations: { meta: { ...META_LANE, accessToken: secret } } }),
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
      const input = Object.freeze({ ...SMALLEST_CONFIG, [name]: value });
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
    expect(resolvedWith({ sources: paired }).merge).toEqual(merge);
    expect(resolvedWith({ sources: paired, production: true }).merge).toEqual({ ...merge, windowSeconds: 30 });
    const own = { events: ["sign_up", "Trial Booked", "sign_up"], windowSeconds: 900 };
    expect(resolvedWith({ sources: paired, merge: own }).merge).toEqual({
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
    expect(resolvedWith(overrides)).not.toHaveProperty("merge");
  });

  test.each([
    [{ windowSeconds: 901 }, /merge\.windowSeconds/],
    [{ windowSeconds: 0 }, /merge\.windowSeconds/],
    [{ events: ["identify"] }, /merge\.events/],
    [{ events: ["custom"] }, /merge\.events/],
    [true, /merge/],
  ])("%j is refused", (merge, problem) => {
    expect(() => resolvedWith({ sources: paired, merge })).toThrow(problem);
  });
});
