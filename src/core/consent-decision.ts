import { CONSENT_PURPOSES, type ConsentPurpose, type ConsentState, type ConsentValue } from "./consent.ts";

/** The part of the configuration that decides what silence means. */
export interface ConsentRules {
  /** The first rule that lists the country decides an unanswered purpose; `*` lists every country. */
  readonly defaults: readonly {
    readonly countries: readonly string[];
    readonly purposes: Readonly<Record<ConsentPurpose, ConsentValue>>;
  }[];
  /** True: Global Privacy Control denies `ad_user_data` and `ad_personalization` whatever else was said. */
  readonly honourGpc: boolean;
}

/** One purpose as it will be treated, and who decided it. */
interface PurposeDecision {
  readonly value: ConsentValue;
  readonly by: "person" | "gpc" | "default" | "no_rule";
}

/** All four purposes of one event, decided. `place` is the country for people to read. */
export interface EffectiveConsent {
  readonly purposes: Readonly<Record<ConsentPurpose, PurposeDecision>>;
  readonly place: string;
}

/** Whether one destination may have the event, in words that trace shows. */
export interface ConsentDecision {
  allowed: boolean;
  reason: string;
  required: ConsentPurpose[];
}

/** In a rule's list of countries: events that carry none. */
export const UNKNOWN_COUNTRY = "unknown";

const DENIED_BY_GPC: ReadonlySet<ConsentPurpose> = new Set(["ad_user_data", "ad_personalization"]);

/**
 * Decides every purpose: GPC (when honoured) over the person's answer, the answer over the default of the country.
 * An event without a country gets the first rule that lists `unknown` or `*`: no law can be picked for it, so the config
 * says what its silence means. Without any rule that fits, silence is a no.
 */
export function effectiveConsent(
  state: ConsentState | undefined,
  country: string | undefined,
  rules: ConsentRules,
): EffectiveConsent {
  const place = country ?? "an unknown country";
  const fallback = rules.defaults.find(
    ({ countries }) => countries.includes("*") || countries.includes(country ?? UNKNOWN_COUNTRY),
  );
  const decide = (purpose: ConsentPurpose): PurposeDecision => {
    if (rules.honourGpc && state?.gpc === true && DENIED_BY_GPC.has(purpose)) return { value: "denied", by: "gpc" };
    const answer = state?.[purpose];
    if (answer !== undefined) return { value: answer, by: "person" };
    if (fallback === undefined) return { value: "denied", by: "no_rule" };
    return { value: fallback.purposes[purpose], by: "default" };
  };
  const [adStorage, adUserData, adPersonalization, analyticsStorage] = CONSENT_PURPOSES.map(decide) as [
    PurposeDecision,
    PurposeDecision,
    PurposeDecision,
    PurposeDecision,
  ];
  return {
    place,
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
  const reason = allowed ? grantReason(required, effective) : denied.map((it) => denyReason(it, effective)).join("; ");
  return { allowed, reason, required: [...required] };
}

/** The consent that travels with the outgoing event: the decided values, and what else the sender said of consent. */
export function consentToSend(state: ConsentState | undefined, effective: EffectiveConsent): ConsentState {
  const decided: ConsentState = { ...state };
  for (const purpose of CONSENT_PURPOSES) decided[purpose] = effective.purposes[purpose].value;
  return decided;
}

function denyReason(purpose: ConsentPurpose, { purposes, place }: EffectiveConsent): string {
  switch (purposes[purpose].by) {
    case "person":
      return `${purpose} denied by the person`;
    case "gpc":
      return `${purpose} denied by Global Privacy Control`;
    case "default":
      return `${purpose} not answered; denied by default in ${place}`;
    case "no_rule":
      return `${purpose} not answered; no rule for ${place}`;
  }
}

function grantReason(required: readonly ConsentPurpose[], { purposes, place }: EffectiveConsent): string {
  if (required.length === 0) return "none required";
  const answered = required.filter((purpose) => purposes[purpose].by === "person").length;
  if (answered === required.length) return "granted by the person";
  if (answered === 0) return `granted by default in ${place}`;
  return `granted by the person and by default in ${place}`;
}
