import fc from "fast-check";
import type { ConsentPurpose, ConsentState } from "../../src/core/consent.ts";
import { type CopyConsent, mergedConsent } from "../../src/core/merged-consent.ts";

describe("consent of two copies", () => {
  const of = (consent: ConsentState, undecided: ConsentPurpose[] = [], kind: "browser" | "server" = "browser") => ({
    kind,
    consent,
    undecided,
  });

  test.each<[string, ConsentState, ConsentPurpose[], ConsentState, ConsentPurpose[], string | undefined, boolean]>([
    [
      "a grant beats a default's no",
      { ad_storage: "denied" },
      ["ad_storage"],
      { ad_storage: "granted" },
      [],
      "granted",
      false,
    ],
    ["a refusal beats a grant", { ad_storage: "granted" }, [], { ad_storage: "denied" }, [], "denied", false],
    ["a refusal beats a default's yes", {}, [], { ad_storage: "denied" }, [], "denied", false],
    ["a default's no beats a default's yes", {}, [], { ad_storage: "denied" }, ["ad_storage"], "denied", true],
    [
      "nobody answered",
      { ad_storage: "denied" },
      ["ad_storage"],
      { ad_storage: "denied" },
      ["ad_storage"],
      "denied",
      true,
    ],
    ["two defaults say yes", {}, [], {}, [], undefined, false],
  ])("%s", (_, first, open, second, secondOpen, expected, isOpen) => {
    const both = mergedConsent([of(first, open), of(second, secondOpen, "server")]);
    expect(both.consent.ad_storage).toBe(expected);
    expect(both.undecided.includes("ad_storage")).toBe(isOpen);
  });

  test("an opt-out in either copy is one, and the law is the one that the browser named", () => {
    const both = mergedConsent([of({ jurisdiction: "US" }, [], "server"), of({ gpc: true, jurisdiction: "US-CA" })]);
    expect(both.consent).toEqual({ gpc: true, jurisdiction: "US-CA" });
  });

  const values = fc.constantFrom("granted" as const, "denied" as const);
  const said = (kind: "browser" | "server") =>
    fc
      .record(
        {
          ad_storage: values,
          ad_user_data: values,
          ad_personalization: values,
          analytics_storage: values,
          gpc: fc.boolean(),
          limited_data_use: fc.boolean(),
          refused_to: fc.record({ ad_storage: fc.uniqueArray(fc.constantFrom(42, 755), { minLength: 1 }) }),
          answered_at: fc.record({ ad_storage: fc.nat(9) }),
        },
        { requiredKeys: [] },
      )
      .chain((consent) => {
        const denied = (["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"] as const).filter(
          (purpose) => consent[purpose] === "denied",
        );
        return fc
          .subarray(denied)
          .map((undecided): CopyConsent & { kind: typeof kind } => ({ kind, consent, undecided }));
      });

  test("is the same in any order, and as strict as every answer", () => {
    fc.assert(
      fc.property(said("browser"), said("server"), (a, b) => {
        const both = mergedConsent([a, b]);
        expect(mergedConsent([b, a])).toEqual(both);
        expect(mergedConsent([{ kind: "browser", ...both }, b])).toEqual(both);
        for (const { consent, undecided } of [a, b]) {
          for (const [purpose, value] of Object.entries(consent)) {
            const isAnswer = value === "denied" && !undecided.includes(purpose as ConsentPurpose);
            if (isAnswer) expect(both.consent).toMatchObject({ [purpose]: "denied" });
          }
          const { ad_storage: at = Number.POSITIVE_INFINITY } = consent.answered_at ?? {};
          expect(both.consent.answered_at?.ad_storage ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(at);
          const leftOut = consent.refused_to?.ad_storage ?? [];
          expect(both.consent.refused_to?.ad_storage ?? []).toEqual(expect.arrayContaining(leftOut));
        }
      }),
    );
  });

  test("a string stays only while the union refuses no more than each copy", () => {
    const said: ConsentState = { ad_storage: "granted", tcf: "CPX", gpp_sid: [6] };
    const merged = (ad_storage: "granted" | "denied") =>
      mergedConsent([
        { kind: "browser", consent: said, undecided: [] },
        { kind: "server", consent: { ad_storage }, undecided: [] },
      ]).consent;
    expect(merged("granted")).toEqual({ ad_storage: "granted", tcf: "CPX", gpp_sid: [6] });
    expect(merged("denied")).toEqual({ ad_storage: "denied" });
  });
});
