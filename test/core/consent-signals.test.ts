import fc from "fast-check";
import { CONSENT_PURPOSES, type ConsentState } from "../../src/core/consent.ts";
import { readSignals, signalProblems, withSignals } from "../../src/core/consent-signals.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { TCF_VENDORS } from "../../src/core/tcf-vendors.ts";
import { base64Url, canadianString, gppString, number, tcString } from "../support/consent-strings.ts";

const ALL_VENDORS = { ids: Object.values(TCF_VENDORS) };
const tcf = (...purposes: number[]) => tcString({ purposes, vendors: ALL_VENDORS });
const OPTED_OUT_IN_TEXAS = base64Url(number(1, 6) + number(0, 6) + number(1, 2) + number(0, 30));

/** Of the string's own time, so that nothing in it is older than the event. */
const EVENT_TIME = 1_500_000_000_000;

const read = (consent: ConsentState, eventTime = EVENT_TIME) => readSignals(consent, eventTime).consent;

test("without a string nothing changes", () => {
  const consent: ConsentState = { ad_storage: "granted", gpc: false };
  expect(readSignals(consent, EVENT_TIME)).toEqual({ consent, problems: [] });
  const silent = { event_time: EVENT_TIME };
  expect(withSignals(silent)).toEqual({ event: silent, problems: [] });
});

test("a TC string answers in plain words, says so, and stays", () => {
  const string = tcf(1, 7);
  expect(read({ tcf: string, analytics_storage: "granted" })).toEqual({
    tcf: string,
    ad_storage: "granted",
    ad_user_data: "granted",
    ad_personalization: "denied",
    analytics_storage: "granted",
    answered_by: { ad_storage: "tcf", ad_user_data: "tcf", ad_personalization: "tcf" },
  });
});

describe("of the sender's word and a string the refusal counts", () => {
  test.each<[string, ConsentState, ConsentState]>([
    [
      "the string refuses",
      { ad_user_data: "granted", tcf: tcf(1, 3, 4) },
      { ad_user_data: "denied", answered_by: { ad_storage: "tcf", ad_user_data: "tcf", ad_personalization: "tcf" } },
    ],
    [
      "the sender refuses",
      { ad_user_data: "denied", tcf: tcf(1, 3, 4, 7) },
      { ad_user_data: "denied", answered_by: { ad_storage: "tcf", ad_personalization: "tcf" } },
    ],
    [
      "both grant",
      { ad_user_data: "granted", tcf: tcf(1, 3, 4, 7) },
      { ad_user_data: "granted", answered_by: { ad_storage: "tcf", ad_personalization: "tcf" } },
    ],
    [
      "another string refuses",
      { us_privacy: "1YYN", tcf: tcf(1, 3, 4, 7) },
      {
        ad_storage: "granted",
        ad_user_data: "denied",
        ad_personalization: "denied",
        answered_by: { ad_storage: "tcf", ad_user_data: "us_privacy", ad_personalization: "us_privacy" },
      },
    ],
  ])("%s", (_, given, answers) => {
    expect(read(given)).toMatchObject(answers);
  });
});

describe("GPP and US Privacy", () => {
  test("an opt-out refuses what a sale would be made of, as Global Privacy Control does", () => {
    const answers = { ad_user_data: "denied", ad_personalization: "denied" };
    expect(read({ gpp: gppString({ 16: OPTED_OUT_IN_TEXAS }) })).toMatchObject(answers);
    expect(read({ us_privacy: "1YYN" })).toMatchObject(answers);
  });

  test("who did not opt out has granted nothing", () => {
    for (const purpose of CONSENT_PURPOSES) {
      expect(read({ gpp: gppString({ 6: "1YNN" }) })[purpose]).toBeUndefined();
      expect(read({ us_privacy: "1YNN" })[purpose]).toBeUndefined();
    }
  });

  test("its signal of the browser counts as Global Privacy Control, and an older word does not take it back", () => {
    const gpp = gppString({ 8: `${base64Url(number(1, 6) + number(0, 40))}.${base64Url(`${number(1, 2)}1`)}` });
    expect(read({ gpp })).toEqual({ gpp, gpc: true });
    expect(read({ gpp, gpc: false }).gpc).toBe(true);
    expect(read({ gpp, gpp_sid: [7] }).gpc).toBeUndefined();
  });

  test("its European section is a TC string, and is told as what it came in", () => {
    expect(read({ gpp: gppString({ 2: tcf(1, 7) }) })).toMatchObject({
      ad_user_data: "granted",
      ad_personalization: "denied",
      answered_by: { ad_storage: "gpp", ad_user_data: "gpp", ad_personalization: "gpp" },
    });
  });
});

describe("a string of before the event", () => {
  const LATER = EVENT_TIME + DAY_MS;
  const dated = (purposes: number[], updatedAt: number) => tcString({ purposes, vendors: ALL_VENDORS, updatedAt });

  test("says since when it answers, and an answer of the sender's own is of now", () => {
    const given = { tcf: dated([1, 3, 4], EVENT_TIME), ad_storage: "granted", ad_user_data: "denied" } as const;
    const { answered_at, answered_by } = read(given, LATER);
    expect(answered_by).toEqual({ ad_personalization: "tcf" });
    expect(answered_at).toEqual({ ad_personalization: EVENT_TIME });
  });

  test("within GPP says so as well, and an opt-out, which has no date, is of now", () => {
    const gpp = gppString({ 2: dated([1, 3, 4, 7], EVENT_TIME), 16: OPTED_OUT_IN_TEXAS });
    expect(read({ gpp }, LATER).answered_at).toEqual({ ad_storage: EVENT_TIME });
  });

  test("counts from the newer of two that say the same", () => {
    const tcf = dated([1, 3, 4, 7], EVENT_TIME);
    const gpp = gppString({ 2: dated([1, 3, 4, 7], EVENT_TIME + 5_000) });
    expect(read({ tcf, gpp }, LATER).answered_at?.ad_storage).toBe(EVENT_TIME + 5_000);
    expect(read({ tcf, gpp: gppString({ 2: dated([], EVENT_TIME + 5_000) }) }, LATER)).toMatchObject({
      ad_storage: "denied",
      answered_at: { ad_storage: EVENT_TIME + 5_000 },
    });
  });
});

test("Canada's section refuses what nobody consented to, from its date on, and grants nothing", () => {
  const gpp = gppString({ 5: canadianString({ express: [3], implied: [4], updatedAt: EVENT_TIME }) });
  expect(read({ gpp }, EVENT_TIME + 1)).toEqual({
    gpp,
    ad_user_data: "denied",
    answered_by: { ad_user_data: "gpp" },
    answered_at: { ad_user_data: EVENT_TIME },
  });
});

describe("companies", () => {
  test("that a TC string does not grant what it grants to the site are named, purpose by purpose", () => {
    const string = tcString({ purposes: [1, 7], vendors: { ids: [TCF_VENDORS.google, TCF_VENDORS.microsoft] } });
    const others = [TCF_VENDORS.taboola, TCF_VENDORS.outbrain, TCF_VENDORS.amazon, TCF_VENDORS.linkedin];
    expect(read({ tcf: string }).refused_to).toEqual({ ad_storage: others, ad_user_data: others });
  });

  test("are not named where all of them are granted it", () => {
    expect(read({ tcf: tcf(1, 3, 4, 7) }).refused_to).toBeUndefined();
  });
});

test.each<[ConsentState, string[]]>([
  [{ tcf: "CPX" }, ["consent.tcf is no whole TC string of TCF 2"]],
  [{ gpp: "DBA" }, ["consent.gpp is no whole GPP string"]],
  [{ gpp: gppString({ 5: "BPX", 6: "1YNN", 26: "B" }) }, ["consent.gpp has sections that are not read: 5, 26"]],
  [{ us_privacy: "YES" }, ["consent.us_privacy is no US Privacy string of version 1"]],
  [{ tcf: tcf(1), gpp: gppString({ 6: "1YNN" }), us_privacy: "1YNN" }, []],
])("what says nothing is told: %j", (consent, problems) => {
  expect(signalProblems(consent).map(({ field, problem }) => `${field} ${problem}`)).toEqual(problems);
});

test("what does not decode grants nothing", () => {
  for (const purpose of CONSENT_PURPOSES)
    expect(read({ tcf: "CPX", gpp: "?", us_privacy: "N" })[purpose]).toBeUndefined();
});

const answer = fc.constantFrom("granted", "denied", undefined);
const anyConsent = fc
  .record({
    ad_storage: answer,
    ad_user_data: answer,
    ad_personalization: answer,
    analytics_storage: answer,
    gpc: fc.option(fc.boolean(), { nil: undefined }),
    tcf: fc.option(
      fc.oneof(
        fc.string(),
        fc
          .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 11 })), fc.integer({ min: 0, max: 2 * EVENT_TIME }))
          .map(([purposes, updatedAt]) => tcString({ purposes, updatedAt })),
      ),
      { nil: undefined },
    ),
    gpp: fc.constantFrom(undefined, gppString({ 16: OPTED_OUT_IN_TEXAS }), gppString({ 2: tcf(1, 7) }), "DB"),
    us_privacy: fc.constantFrom(undefined, "1YYN", "1YNN", "no"),
  })
  .map(
    (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ConsentState,
  );

test("a string never takes a refusal back, never touches analytics, and reading twice changes nothing", () => {
  fc.assert(
    fc.property(anyConsent, (given) => {
      const before = structuredClone(given);
      const once = read(given);
      expect(given).toEqual(before);
      expect(read(once)).toEqual(once);
      expect(once.analytics_storage).toBe(given.analytics_storage);
      for (const purpose of CONSENT_PURPOSES) if (given[purpose] === "denied") expect(once[purpose]).toBe("denied");
      if (given.gpc === true) expect(once.gpc).toBe(true);
      for (const at of Object.values(once.answered_at ?? {})) expect(at).toBeLessThan(EVENT_TIME);
    }),
  );
});
