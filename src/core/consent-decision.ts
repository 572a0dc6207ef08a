import {
  CONSENT_PURPOSES,
  CONSENT_STRINGS,
  type ConsentPurpose,
  type ConsentState,
  type ConsentString,
  type ConsentValue,
  isTakenBack,
  vendorRefusals,
  withoutAnswersOf,
  withoutConsentStrings,
} from "./consent.ts";
import { listsPlace } from "./event-places.ts";

/** The part of the configuration that decides what silence means. */
export interface ConsentRules {
  /** The first rule that lists the place, or its country, decides an unanswered purpose; `*` lists every place. */
  readonly defaults: readonly {
    readonly countries: readonly string[];
    readonly purposes: Readonly<Record<ConsentPurpose, ConsentValue>>;
  }[];
  /** True: Global Privacy Control denies `ad_user_data` and `ad_personalization` whatever else was said. */
  readonly honourGpc: boolean;
}

/**
 * Who decided a purpose. The last four are of a lane that asks again: as enrich decided, refused after the event, refused
 * in another copy of it, and answered in none.
 */
export type ConsentDecider =
  | ("person" | ConsentString | "tcf_vendor" | "earlier" | "gpc" | "default" | "no_rule")
  | ("decided" | "later" | "other_copy" | "no_copy");

/** One purpose as it will be treated, who decided it, and for which places, in words for people. */
interface PurposeDecision {
  readonly value: ConsentValue;
  readonly by: ConsentDecider;
  readonly place: string;
}

/** All four purposes of one event, decided. */
export interface EffectiveConsent {
  readonly purposes: Readonly<Record<ConsentPurpose, PurposeDecision>>;
}

/** Whether one destination may have the event, in words that trace shows. */
export interface ConsentDecision {
  allowed: boolean;
  reason: string;
  required: ConsentPurpose[];
}

const STRING_NAMES: Readonly<Record<ConsentString, string>> = { tcf: "TCF", gpp: "GPP", us_privacy: "US Privacy" };

/** What the consent strings speak of. */
const AD_PURPOSES = ["ad_storage", "ad_user_data", "ad_personalization"] as const;

const DENIED_BY_GPC: ReadonlySet<ConsentPurpose> = new Set(["ad_user_data", "ad_personalization"]);

/**
 * Decides every purpose: GPC (when honoured) over the person's answer, the answer over what they said earlier, that
 * over the default of the place. What a string grants gives way to a refusal that is newer than the string.
 * Which place's law is meant cannot be known where there are several (`placesOf` tells why): then silence is a no as
 * soon as one of them says so. An event without any gets the first rule that lists `unknown` or `*`: no law can be
 * picked for it, so the config says what its silence means. Without a rule that fits, silence is a no.
 */
export function effectiveConsent(
  state: ConsentState | undefined,
  places: readonly string[],
  rules: ConsentRules,
  earlier: ConsentState = {},
): EffectiveConsent {
  const optedOut = state?.gpc ?? earlier.gpc;
  const laws = (places.length === 0 ? [undefined] : places).map((code) => ({
    place: code ?? "an unknown country",
    rule: rules.defaults.find(({ countries }) => listsPlace(countries, code)),
  }));
  const place = laws.map((law) => law.place).join(" and ");
  const decide = (purpose: ConsentPurpose): PurposeDecision => {
    if (rules.honourGpc && optedOut === true && DENIED_BY_GPC.has(purpose)) {
      return { value: "denied", by: "gpc", place };
    }
    const answer = isTakenBack(purpose, state, earlier) ? undefined : state?.[purpose];
    if (answer !== undefined) return { value: answer, by: state?.answered_by?.[purpose] ?? "person", place };
    const before = earlier[purpose];
    if (before !== undefined) return { value: before, by: "earlier", place };
    const denying = laws.find(({ rule }) => rule?.purposes[purpose] !== "granted");
    if (denying === undefined) return { value: "granted", by: "default", place };
    return { value: "denied", by: denying.rule === undefined ? "no_rule" : "default", place: denying.place };
  };
  const [adStorage, adUserData, adPersonalization, analyticsStorage] = CONSENT_PURPOSES.map(decide) as [
    PurposeDecision,
    PurposeDecision,
    PurposeDecision,
    PurposeDecision,
  ];
  return {
    purposes: {
      ad_storage: adStorage,
      ad_user_data: adUserData,
      ad_personalization: adPersonalization,
      analytics_storage: analyticsStorage,
    },
  };
}

/** Decides for one destination: every purpose it requires must be granted. */
export function decideConsent(required: readonly ConsentPurpose[], effective: EffectiveConsent): ConsentDecision {
  const denied = required.filter((purpose) => effective.purposes[purpose].value === "denied");
  const allowed = denied.length === 0;
  const reason = allowed ? grantReason(required, effective) : denied.map((it) => denialOf(it, effective)).join("; ");
  return { allowed, reason, required: [...required] };
}

/**
 * The consent that travels with the outgoing event: what the person said, every refusal whoever decided it, and what
 * else the sender said of consent. A purpose that only a default granted stays absent: nobody granted it, and a
 * platform that is told so would put it over the refusal which its own tag in the browser recorded.
 */
export function consentToSend(state: ConsentState | undefined, effective: EffectiveConsent): ConsentState {
  const decided: ConsentState = withoutAnswersOf(
    state ?? {},
    CONSENT_PURPOSES.filter((purpose) => effective.purposes[purpose].by === "earlier"),
  );
  for (const purpose of CONSENT_PURPOSES) {
    const { value, by } = effective.purposes[purpose];
    if (by === "default" && value === "granted") delete decided[purpose];
    else decided[purpose] = value;
  }
  const outdated = CONSENT_STRINGS.filter((name) => decided[name] !== undefined && refusesMore(effective, name));
  return outdated.length === 0 ? decided : withoutConsentStrings(decided, outdated);
}

/**
 * Whether anything is refused by somebody else than this string. A platform reads it in place of our own words, and would
 * find granted what the person took back, or what a law or a rule denies.
 */
function refusesMore({ purposes }: EffectiveConsent, name: ConsentString): boolean {
  return AD_PURPOSES.some((purpose) => purposes[purpose].value === "denied" && purposes[purpose].by !== name);
}

/** Refusals that nobody made but a default, or the lack of one: an answer that comes later counts for more. */
export function undecidedPurposes({ purposes }: EffectiveConsent): ConsentPurpose[] {
  return CONSENT_PURPOSES.filter((purpose) => {
    const { by, value } = purposes[purpose];
    return value === "denied" && (by === "default" || by === "no_rule");
  });
}

/** The same with these purposes refused to one vendor by the event's TC string. */
export function withVendorRefusals(
  { purposes }: EffectiveConsent,
  refused: readonly ConsentPurpose[],
): EffectiveConsent {
  const changed = { ...purposes };
  for (const purpose of refused) {
    const { place, value } = purposes[purpose];
    if (value === "granted") changed[purpose] = { value: "denied", by: "tcf_vendor", place };
  }
  return { purposes: changed };
}

/** The consent of one vendor's copy, which its platform's flags go by. */
export function vendorConsent(consent: ConsentState, vendorId: number | undefined): ConsentState {
  const refused = vendorRefusals(consent, vendorId);
  return refused.length === 0
    ? consent
    : { ...consent, ...Object.fromEntries(refused.map((purpose) => [purpose, "denied" as const])) };
}

/** The same, were these purposes granted. */
export function withGranted({ purposes }: EffectiveConsent, granted: readonly ConsentPurpose[]): EffectiveConsent {
  const changed = { ...purposes };
  for (const purpose of granted) changed[purpose] = { ...purposes[purpose], value: "granted" };
  return { purposes: changed };
}

/** Consent as a lane's copy says it: what is not refused there was allowed when enrich decided. */
export function decidedConsent(
  consent: ConsentState | undefined,
  deciderOf: (purpose: ConsentPurpose) => ConsentDecider,
): EffectiveConsent {
  const decision = (purpose: ConsentPurpose): PurposeDecision =>
    consent?.[purpose] === "denied"
      ? { value: "denied", by: deciderOf(purpose), place: "" }
      : { value: "granted", by: "decided", place: "" };
  return {
    purposes: {
      ad_storage: decision("ad_storage"),
      ad_user_data: decision("ad_user_data"),
      ad_personalization: decision("ad_personalization"),
      analytics_storage: decision("analytics_storage"),
    },
  };
}

/** What somebody refused, with what an opt-out by Global Privacy Control refuses where that is honoured. */
export function refusedPurposes(refused: ConsentState, honourGpc: boolean): ConsentState {
  if (refused.gpc !== true || !honourGpc) return refused;
  return { ...refused, ...Object.fromEntries([...DENIED_BY_GPC].map((purpose) => [purpose, "denied" as const])) };
}

/** Who denied a purpose, in words. */
export function denialOf(purpose: ConsentPurpose, { purposes }: EffectiveConsent): string {
  const { by, place } = purposes[purpose];
  switch (by) {
    case "person":
      return `${purpose} denied by the person`;
    case "tcf":
    case "gpp":
    case "us_privacy":
      return `${purpose} denied by the ${STRING_NAMES[by]} string`;
    case "tcf_vendor":
      return `${purpose} not granted to this vendor by the TCF string`;
    case "earlier":
      return `${purpose} denied by the person earlier`;
    case "gpc":
      return `${purpose} denied by Global Privacy Control`;
    case "default":
      return `${purpose} not answered; denied by default in ${place}`;
    case "no_rule":
      return `${purpose} not answered; no rule for ${place}`;
    case "decided":
      return `${purpose} is denied`;
    case "later":
      return `${purpose} denied by the person after the event`;
    case "other_copy":
      return `${purpose} denied by another copy of the event`;
    case "no_copy":
      return `${purpose} not answered in any copy; denied by default`;
  }
}

function grantReason(required: readonly ConsentPurpose[], { purposes }: EffectiveConsent): string {
  const [first] = required;
  if (first === undefined) return "none required";
  const { place } = purposes[first];
  const now = required.flatMap((purpose) => answererOf(purposes[purpose].by) ?? []);
  const answered = now.length + required.filter((purpose) => purposes[purpose].by === "earlier").length;
  const whose = now.length === 0 ? "the person" : [...new Set(now)].join(" and ");
  if (now.length === required.length) return `granted by ${whose}`;
  if (answered === required.length) return "granted by the person earlier";
  if (answered === 0) return `granted by default in ${place}`;
  return `granted by ${whose} and by default in ${place}`;
}

/** Who answered in the event itself, in words; undefined for whoever decided in place of an answer. */
function answererOf(by: ConsentDecider): string | undefined {
  if (by === "person") return "the person";
  return by === "tcf" || by === "gpp" || by === "us_privacy" ? `the ${STRING_NAMES[by]} string` : undefined;
}
