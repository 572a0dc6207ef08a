import type { ConsentRules } from "../../src/core/consent-decision.ts";

/** A yes to everything that is asked. */
export const GRANTED = {
  ad_storage: "granted",
  ad_user_data: "granted",
  ad_personalization: "granted",
  analytics_storage: "granted",
} as const;

/** A no to everything that is asked. */
export const DENIED = {
  ad_storage: "denied",
  ad_user_data: "denied",
  ad_personalization: "denied",
  analytics_storage: "denied",
} as const;

/** Rules of tests that are not about consent: wherever people say nothing, it counts as a yes. */
export const GRANTED_BY_DEFAULT: ConsentRules = {
  defaults: [{ countries: ["*"], purposes: GRANTED }],
  honourGpc: true,
};
