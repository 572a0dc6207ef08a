import fc from "fast-check";
import { CONSENT_PURPOSES, type ConsentPurpose } from "../../src/core/consent.ts";
import {
  CONSENT_BEHAVIOURS,
  type ConsentBehaviour,
  declaredBehaviours,
  isStricter,
  isTaken,
} from "../../src/core/consent-behaviour.ts";
import { decidedConsent } from "../../src/core/consent-decision.ts";
import { type ConsentLane, type ConsentRule, decideForLane } from "../../src/core/consent-firewall.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { hashedEvent } from "../support/events.ts";

const PLATFORM = {
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited", "without_identifiers"],
} as const satisfies ConsentLane["destination"];

const purchase = hashedEvent({ user: { country: "US", region: "CA" }, consent: {} });

function decide(denied: readonly ConsentPurpose[], lane: Partial<ConsentLane> = {}, event: CanonicalEvent = purchase) {
  const state = Object.fromEntries(denied.map((purpose) => [purpose, "denied" as const]));
  const effective = decidedConsent(state, () => "person");
  return decideForLane(event, { destination: PLATFORM, ...lane }, effective);
}

/** What is sent, as one word. */
function outcome({ allowed, behaviour }: ReturnType<typeof decide>): ConsentBehaviour {
  return allowed ? (behaviour ?? "send") : "drop";
}

describe("what the destination declares", () => {
  test("a refusal that it has a mode for limits the event, and says whose refusal it is", () => {
    expect(decide(["ad_personalization"])).toEqual({
      allowed: true,
      behaviour: "limited",
      reason: "limited use: ad_personalization denied by the person",
      required: ["ad_storage", "ad_user_data"],
      rule: "declaration",
    });
  });

  test("of two refusals the stricter counts", () => {
    expect(outcome(decide(["ad_personalization", "ad_user_data"]))).toBe("drop");
    const destination = {
      ...PLATFORM,
      whenDenied: { ...PLATFORM.whenDenied, ad_storage: "without_identifiers" },
    } as const;
    expect(decide(["ad_personalization", "ad_storage"], { destination })).toMatchObject({
      behaviour: "without_identifiers",
      reason: "without identifiers: ad_storage denied by the person",
    });
  });

  test("a purpose that stands nowhere is not asked about", () => {
    expect(decide(["analytics_storage"])).toMatchObject({ allowed: true, rule: "declaration" });
    expect(decide(["analytics_storage"]).behaviour).toBeUndefined();
  });
});

describe("rules of a lane", () => {
  const drop = { name: "california", places: ["US-CA"], send: "drop" } as const;

  test.each([
    ["the place", drop, "drop"],
    ["the country of the place", { places: ["US"], send: "drop" }, "drop"],
    ["another place", { places: ["DE", "US-NY"], send: "drop" }, "send"],
    ["an unknown place", { places: ["unknown"], send: "drop" }, "send"],
    ["the event", { events: ["purchase"], send: "limited" }, "limited"],
    ["another event", { events: ["lead"], send: "limited" }, "send"],
    ["the source", { sources: [purchase.source.id], send: "without_identifiers" }, "without_identifiers"],
    ["another source", { sources: ["other"], send: "drop" }, "send"],
    ["the place but another event", { ...drop, events: ["lead"] }, "send"],
  ] as const)("%s", (_, rule, expected) => {
    expect(outcome(decide([], { consentRules: [rule] }))).toBe(expected);
  });

  test("an event without a place fits `unknown`", () => {
    const nowhere = hashedEvent({ user: {}, consent: {} });
    expect(outcome(decide([], { consentRules: [{ places: ["unknown"], send: "drop" }] }, nowhere))).toBe("drop");
  });

  test("a rule that drops says which it is, by name or by number", () => {
    expect(decide([], { consentRules: [drop] })).toMatchObject({
      allowed: false,
      reason: "held back by consentRules california",
      rule: "consentRules california",
    });
    const { name: _, ...unnamed } = drop;
    const second: ConsentRule[] = [{ events: ["lead"], send: "limited" }, unnamed];
    expect(decide([], { consentRules: second }).rule).toBe("consentRules[1]");
  });

  test("the first that fits decides, also when a later one is stricter", () => {
    const rules: ConsentRule[] = [{ places: ["US"], send: "limited" }, drop];
    expect(outcome(decide([], { consentRules: rules }))).toBe("limited");
  });

  test("a rule for a refusal does nothing without one", () => {
    const consentRules: ConsentRule[] = [{ whenDenied: { ad_personalization: "drop" } }];
    expect(outcome(decide([], { consentRules }))).toBe("send");
    expect(decide(["ad_personalization"], { consentRules })).toMatchObject({
      allowed: false,
      reason: "ad_personalization denied by the person",
      rule: "consentRules[0]",
      required: ["ad_storage", "ad_user_data", "ad_personalization"],
    });
  });

  test("the lane's list is told as the reason where it is the one", () => {
    expect(decide(["analytics_storage"], { consent: ["analytics_storage"] })).toMatchObject({
      allowed: false,
      rule: "consent",
    });
  });
});

describe("overrides", () => {
  const consentOverrides = [
    { name: "contract-with-agency", because: "Clause 7.", whenDenied: { ad_user_data: "limited" } },
  ] as const;

  test("let more through, and every decision that they touch says so", () => {
    expect(decide(["ad_user_data"], { consentOverrides })).toEqual({
      allowed: true,
      behaviour: "limited",
      reason: "limited use: ad_user_data denied by the person; loosened by override contract-with-agency",
      required: ["ad_storage"],
      rule: "override contract-with-agency",
    });
    const all = [{ name: "all", because: "Own data.", whenDenied: { ad_user_data: "send" } }] as const;
    expect(decide(["ad_user_data"], { consentOverrides: all })).toMatchObject({ allowed: true, rule: "override all" });
  });

  test("are not mentioned where they change nothing", () => {
    for (const denied of [[], ["ad_storage"]] as const) {
      expect(decide(denied, { consentOverrides }).reason).not.toContain("override");
    }
  });

  test("a rule of the lane is stronger than an override", () => {
    const consentRules: ConsentRule[] = [{ whenDenied: { ad_user_data: "drop" } }];
    const decision = decide(["ad_user_data"], { consentOverrides, consentRules });
    expect(decision).toMatchObject({ allowed: false, rule: "consentRules[0]" });
    expect(decision.reason).not.toContain("override");
  });
});

const purposes = fc.subarray([...CONSENT_PURPOSES]);
const behaviour = fc.constantFrom(...CONSENT_BEHAVIOURS);
const whenDenied = fc.dictionary(fc.constantFrom(...CONSENT_PURPOSES), behaviour);
const rule = fc.record(
  {
    places: fc.constantFrom(["US"], ["US-CA"], ["DE"], ["*"]),
    events: fc.constantFrom(["purchase"], ["lead"]),
    whenDenied,
    send: fc.constantFrom<Exclude<ConsentBehaviour, "send">>("limited", "without_identifiers", "drop"),
  },
  { requiredKeys: [] },
);
const override = whenDenied.map((denied) => ({ name: "o", because: "why", whenDenied: denied }));
const lanes = fc.record({
  destination: fc.record({ consent: purposes, whenDenied }),
  consent: purposes,
  consentRules: fc.array(rule, { maxLength: 3 }),
  consentOverrides: fc.array(override, { maxLength: 2 }),
}) as fc.Arbitrary<ConsentLane>;

describe("for any lane", () => {
  test("refusing one more purpose never sends more", () => {
    fc.assert(
      fc.property(lanes, purposes, fc.constantFrom(...CONSENT_PURPOSES), (lane, denied, more) => {
        const before = outcome(decide(denied, lane));
        const after = outcome(decide([...denied, more], lane));
        expect(isStricter(before, after)).toBe(false);
      }),
    );
  });

  test("a rule or a purpose that is added never sends more", () => {
    fc.assert(
      fc.property(lanes, purposes, rule, purposes, (lane, denied, extra, asked) => {
        const { consentRules: _, ...without } = lane;
        const before = outcome(decide(denied, without));
        const added = { ...without, consentRules: [extra as ConsentRule] };
        expect(isStricter(before, outcome(decide(denied, added)))).toBe(false);
        const listed = { ...without, consent: [...(lane.consent ?? []), ...asked] };
        expect(isStricter(before, outcome(decide(denied, listed)))).toBe(false);
      }),
    );
  });

  test("without an override nothing is looser than the declaration", () => {
    fc.assert(
      fc.property(lanes, purposes, ({ consentOverrides: _, ...lane }, denied) => {
        const declared = declaredBehaviours(lane.destination);
        const got = outcome(decide(denied, lane));
        for (const purpose of denied) expect(isStricter(declared[purpose], got)).toBe(false);
      }),
    );
  });

  test("the rule that is told is one that there is", () => {
    fc.assert(
      fc.property(lanes, purposes, (lane, denied) => {
        expect(decide(denied, lane).rule).toMatch(/^(?:declaration|consent|override o|consentRules\[[0-2]\])$/);
      }),
    );
  });
});

test("no destination declares a form that it does not take, and all give their reason", () => {
  for (const destination of Object.values(DESTINATIONS)) {
    const behaviours = Object.values(declaredBehaviours(destination));
    expect(behaviours.filter((it) => !isTaken(destination, it))).toEqual([]);
    expect(destination.catalogue.consentRule.because).toMatch(/^[A-Z`].*\.$/);
    const { consentRule, docs } = destination.catalogue;
    expect(consentRule.source ?? docs).toMatch(/^https:\/\//);
  }
});

test("what every destination does with every refusal", () => {
  const table = Object.values(DESTINATIONS).map((it) => {
    const { ad_storage, ad_user_data, ad_personalization, analytics_storage } = declaredBehaviours(it);
    return [it.id, ad_storage, ad_user_data, ad_personalization, analytics_storage].join(" ");
  });
  expect(table.sort()).toEqual([
    "amazon-ads drop drop drop send",
    "awin drop send send send",
    "braze send send send drop",
    "customer-io send send send drop",
    "ga4 send limited limited drop",
    "google-ads drop drop limited send",
    "hubspot send send send drop",
    "klaviyo send send send drop",
    "linkedin drop drop drop send",
    "meta drop drop limited send",
    "microsoft-ads limited limited limited send",
    "nextdoor drop drop limited send",
    "openai-ads drop drop limited send",
    "outbrain drop drop drop send",
    "pinterest drop drop limited send",
    "quora drop drop drop send",
    "reddit drop drop limited send",
    "snapchat drop drop limited send",
    "taboola drop drop drop send",
    "tiktok drop drop limited send",
    "webhook send send send send",
    "x drop drop drop send",
  ]);
});
