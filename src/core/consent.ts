/** The four purposes of Google consent mode v2 that every rule and destination speaks in. */
export const CONSENT_PURPOSES = ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];
export type ConsentValue = "granted" | "denied";

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
}
