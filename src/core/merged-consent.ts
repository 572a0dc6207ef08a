import {
  CONSENT_PURPOSES,
  type ConsentPurpose,
  type ConsentState,
  joinedVendorRefusals,
  withoutConsentStrings,
} from "./consent.ts";
import type { MergeableCopy } from "./merged-copies.ts";

/** Consent of one copy as `consentToSend` gave it, and the refusals in it that nobody made but a default. */
export interface CopyConsent {
  readonly consent: ConsentState;
  readonly undecided: readonly ConsentPurpose[];
}

/**
 * What holds for the union, whatever the order: of two answers the stricter, of an answer and a default the answer, of
 * two defaults the stricter. A company that either copy's TC string leaves out is left out. What else was said of consent is the browser's word, where the person was asked.
 */
export function mergedConsent(given: readonly (CopyConsent & Pick<MergeableCopy, "kind">)[]): CopyConsent {
  const isServer = ({ kind }: Pick<MergeableCopy, "kind">) => Number(kind === "server");
  const copies = [...given].sort((a, b) => isServer(a) - isServer(b));
  const states = copies.map(({ consent }) => consent);
  const consent: ConsentState = Object.assign({}, ...[...states].reverse());
  const undecided: ConsentPurpose[] = [];
  for (const purpose of CONSENT_PURPOSES) {
    const answers = copies.flatMap((it) => (it.undecided.includes(purpose) ? [] : (it.consent[purpose] ?? [])));
    const isOpen = answers.length === 0 && copies.some((it) => it.undecided.includes(purpose));
    if (isOpen) undecided.push(purpose);
    delete consent[purpose];
    if (isOpen || answers.includes("denied")) consent[purpose] = "denied";
    else if (answers.length > 0) consent[purpose] = "granted";
  }
  const answeredAt = oldestAnswers(states);
  delete consent.answered_at;
  if (Object.keys(answeredAt).length > 0) consent.answered_at = answeredAt;
  const vendors = joinedVendorRefusals(states);
  if (Object.keys(vendors).length > 0) consent.refused_to = vendors;
  if (states.some(({ gpc }) => gpc === true)) consent.gpc = true;
  if (states.some(({ limited_data_use: limited }) => limited === true)) consent.limited_data_use = true;
  return { consent: isStricterThanAny(consent, states) ? withoutConsentStrings(consent) : consent, undecided };
}

/** A refusal since the older of two strings counts: what the newer one granted again, the person's memory knows. */
function oldestAnswers(states: readonly ConsentState[]): NonNullable<ConsentState["answered_at"]> {
  const oldest: NonNullable<ConsentState["answered_at"]> = {};
  for (const purpose of CONSENT_PURPOSES) {
    const times = states.flatMap((state) => state.answered_at?.[purpose] ?? []);
    if (times.length > 0) oldest[purpose] = Math.min(...times);
  }
  return oldest;
}

/** A string speaks of one copy: where the union refuses more than that, whoever reads the string is told too little. */
function isStricterThanAny(consent: ConsentState, states: readonly ConsentState[]): boolean {
  return CONSENT_PURPOSES.some((it) => consent[it] === "denied" && states.some((state) => state[it] !== "denied"));
}
