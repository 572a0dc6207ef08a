import { CONSENT_PURPOSES, type ConsentPurpose, type ConsentState, type ConsentValue } from "../core/consent.ts";
import { isObject } from "../core/safe-json.ts";
import { firstText, looseObject } from "./loose-fields.ts";

/** Consent category of the sender's CMP → the purposes it stands for, from the config. */
export type ConsentCategories = Readonly<Record<string, readonly ConsentPurpose[]>>;

/**
 * The answer of the sender's consent manager, in either vendor's form: events are relayed from one vendor to the other
 * with their context as it was. Where both forms answer, a denial wins.
 */
export function sdkConsent(context: Record<string, unknown>, categories: ConsentCategories): ConsentState {
  const state = segmentConsent(context, categories);
  for (const [purpose, value] of Object.entries(rudderstackConsent(context, categories))) {
    if (state[purpose as ConsentPurpose] !== "denied") state[purpose as ConsentPurpose] = value as ConsentValue;
  }
  return state;
}

/**
 * The consent strings in `context.consent`, under our names or under those by which consent managers keep them on a device.
 * Source: the "In-app details" of TCF 2, GPP and US Privacy.
 */
export function sdkConsentStrings(context: Record<string, unknown>): Record<string, unknown> {
  const consent = looseObject(context.consent);
  const sections = consent.gpp_sid ?? consent.IABGPP_GppSID;
  return {
    tcf: firstText(consent, ["tcf", "IABTCF_TCString"]),
    gpp: firstText(consent, ["gpp", "IABGPP_HDR_GppString"]),
    us_privacy: firstText(consent, ["us_privacy", "IABUSPrivacy_String"], 20),
    ...(sections === undefined ? {} : { gpp_sid: sections }),
  };
}

/**
 * Segment's `context.consent.categoryPreferences`. No object is no answer; an empty object denies every category; a
 * category missing from it is denied. A purpose that several categories stand for needs all of them.
 */
function segmentConsent(context: Record<string, unknown>, categories: ConsentCategories): ConsentState {
  const preferences = looseObject(context.consent).categoryPreferences;
  if (!isObject(preferences)) return {};
  return byPurpose(categories, (ids) => (ids.every((id) => preferences[id] === true) ? "granted" : "denied"));
}

/**
 * RudderStack's `context.consentManagement`. An explicit denial wins always; a category in neither list is denied when
 * the allowed ones are listed, and no answer when only the denied ones are (older SDKs).
 */
function rudderstackConsent(context: Record<string, unknown>, categories: ConsentCategories): ConsentState {
  const management = looseObject(context.consentManagement);
  const allowed = idsIn(management.allowedConsentIds);
  const denied = idsIn(management.deniedConsentIds);
  if (allowed.size === 0 && denied.size === 0) return {};
  const any = management.resolutionStrategy === "or";
  return byPurpose(categories, (ids) => {
    if (ids.some((id) => denied.has(id))) return "denied";
    if (allowed.size === 0) return undefined;
    return (any ? ids.some((id) => allowed.has(id)) : ids.every((id) => allowed.has(id))) ? "granted" : "denied";
  });
}

function byPurpose(
  categories: ConsentCategories,
  decide: (ids: readonly string[]) => ConsentValue | undefined,
): ConsentState {
  const state: ConsentState = {};
  for (const purpose of CONSENT_PURPOSES) {
    const ids = Object.keys(categories).filter((id) => categories[id]?.includes(purpose));
    const value = ids.length === 0 ? undefined : decide(ids);
    if (value !== undefined) state[purpose] = value;
  }
  return state;
}

// Some CMPs give an object of ids instead of a list.
function idsIn(value: unknown): ReadonlySet<string> {
  const ids = Array.isArray(value) ? value : Object.values(looseObject(value));
  return new Set(ids.filter((id) => typeof id === "string"));
}
