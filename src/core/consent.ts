import { withoutEmpty } from "./present.ts";

/** The four purposes of Google consent mode v2 that every rule and destination speaks in. */
export const CONSENT_PURPOSES = ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];
/** What was answered of one purpose; silence is neither of them. */
export type ConsentValue = "granted" | "denied";

/** The consent strings that an event may carry, by their fields. */
export const CONSENT_STRINGS = ["tcf", "gpp", "us_privacy"] as const;
export type ConsentString = (typeof CONSENT_STRINGS)[number];

/** By purpose, companies (`TCF_VENDORS`) that a TC string leaves out of what it grants to the site. */
export type VendorRefusals = Partial<Record<ConsentPurpose, number[]>>;

/** What the person said, as the event carries it. An absent purpose is not an answer: the region's default decides. */
export interface ConsentState {
  ad_storage?: ConsentValue;
  ad_user_data?: ConsentValue;
  ad_personalization?: ConsentValue;
  analytics_storage?: ConsentValue;
  /** Global Privacy Control: `true` is an opt-out of sale and sharing. */
  gpc?: boolean;
  /** Ask platforms to limit data use (Meta LDU and its peers). */
  limited_data_use?: boolean;
  /** ISO 3166-2 region of the law that applies, such as `US-CA`; `EEA` is not a value here, a country is. */
  jurisdiction?: string;
  /** TC string of IAB Europe's TCF 2, as the consent manager wrote it. */
  tcf?: string;
  /** GPP string of the IAB Tech Lab. */
  gpp?: string;
  /** The sections of `gpp` that apply; absent, all of them. */
  gpp_sid?: number[];
  /** US Privacy string, such as `1YNN`. */
  us_privacy?: string;
  /** Which string answered a purpose, added by enrich: what is not in here the sender said outright. */
  answered_by?: Partial<Record<ConsentPurpose, ConsentString>>;
  /** When a string's answer was given, epoch ms, where that was before the event. Added by enrich, with `answered_by`. */
  answered_at?: Partial<Record<ConsentPurpose, number>>;
  /** Added by enrich, from the event's own TC string or from an earlier one of the person. */
  refused_to?: VendorRefusals;
}

/** The purposes that a TC string grants to the site and not to this vendor. */
export function vendorRefusals(consent: ConsentState | undefined, vendorId: number | undefined): ConsentPurpose[] {
  if (vendorId === undefined) return [];
  return CONSENT_PURPOSES.filter((purpose) => consent?.refused_to?.[purpose]?.includes(vendorId));
}

/** Of all that was said, for each purpose every company that is left out. In whatever order it was said. */
export function joinedVendorRefusals(states: readonly (ConsentState | undefined)[]): VendorRefusals {
  const joined: VendorRefusals = {};
  for (const purpose of CONSENT_PURPOSES) {
    const vendors = new Set(states.flatMap((state) => state?.refused_to?.[purpose] ?? []));
    if (vendors.size > 0) joined[purpose] = [...vendors].sort((a, b) => a - b);
  }
  return joined;
}

/**
 * The same with the companies that `other` leaves out left out, too. A string that grants a purpose to one of them goes:
 * `other` is newer than that.
 */
export function withVendorsOf(
  consent: ConsentState | undefined,
  other: ConsentState | undefined,
): ConsentState | undefined {
  if (other?.refused_to === undefined) return consent;
  const refused_to = joinedVendorRefusals([consent, other]);
  const leavesOutMore = (purpose: ConsentPurpose) =>
    (refused_to[purpose]?.length ?? 0) > (consent?.refused_to?.[purpose]?.length ?? 0);
  const outdated = CONSENT_STRINGS.filter((name) =>
    CONSENT_PURPOSES.some((purpose) => consent?.answered_by?.[purpose] === name && leavesOutMore(purpose)),
  );
  return { ...withoutConsentStrings(consent ?? {}, outdated), refused_to };
}

/**
 * Consent of an event with what was refused after it. The strings of before go, since they grant it still, and what one
 * had answered is no longer its answer. The very same object comes back when nothing was refused.
 */
export function withRefusals(consent: ConsentState, refused: ConsentState): ConsentState {
  const { refused_to: _, ...purposes } = refused;
  const vendors = joinedVendorRefusals([consent, refused]);
  const leavesOutMore = CONSENT_PURPOSES.some(
    (purpose) => (vendors[purpose]?.length ?? 0) > (consent.refused_to?.[purpose]?.length ?? 0),
  );
  if (Object.keys(purposes).length === 0 && !leavesOutMore) return consent;
  const { refused_to: __, ...kept } = withoutAnswersOf(
    withoutConsentStrings(consent),
    CONSENT_PURPOSES.filter((purpose) => purposes[purpose] !== undefined),
  );
  return { ...kept, ...purposes, ...withoutEmpty({ refused_to: vendors }) };
}

/** The same where these purposes are no string's answer any more: others decide them. */
export function withoutAnswersOf(consent: ConsentState, purposes: readonly ConsentPurpose[]): ConsentState {
  const { answered_at: at, answered_by: by, ...kept } = consent;
  const [answeredAt, answeredBy] = [{ ...at }, { ...by }];
  for (const purpose of purposes) {
    delete answeredAt[purpose];
    delete answeredBy[purpose];
  }
  return { ...kept, ...withoutEmpty({ answered_at: answeredAt, answered_by: answeredBy }) };
}

/**
 * Whether what the person said outright since takes back what a string of this event grants: `earlier` says of a purpose
 * that a string answered only what is newer than the string. Nobody's own word is taken back so.
 */
export function isTakenBack(
  purpose: ConsentPurpose,
  consent: ConsentState | undefined,
  earlier: ConsentState | undefined,
): boolean {
  const isByString = consent?.answered_by?.[purpose] !== undefined;
  return isByString && consent?.[purpose] === "granted" && earlier?.[purpose] === "denied";
}

/** The same without these strings: whoever reads one finds the answers of before. */
export function withoutConsentStrings(
  consent: ConsentState,
  names: readonly ConsentString[] = CONSENT_STRINGS,
): ConsentState {
  const kept = { ...consent };
  for (const name of names) delete kept[name];
  if (names.includes("gpp")) delete kept.gpp_sid;
  return kept;
}
