/** The four purposes of Google consent mode v2 that every rule and destination speaks in. */
export const CONSENT_PURPOSES = ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];
export type ConsentValue = "granted" | "denied";

/** The consent strings that an event may carry, by their fields. */
export const CONSENT_STRINGS = ["tcf", "gpp", "us_privacy"] as const;
export type ConsentString = (typeof CONSENT_STRINGS)[number];

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
  /** Companies (`TCF_VENDORS`) to which a TC string does not grant what it grants to the site. Added by enrich. */
  refused_to?: Partial<Record<ConsentPurpose, number[]>>;
}

/** The purposes that a TC string grants to the site and not to this vendor. */
export function vendorRefusals(consent: ConsentState | undefined, vendorId: number | undefined): ConsentPurpose[] {
  if (vendorId === undefined) return [];
  return CONSENT_PURPOSES.filter((purpose) => consent?.refused_to?.[purpose]?.includes(vendorId));
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
