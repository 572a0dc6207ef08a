import type { ConsentValue } from "../../core/consent.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { publicIp } from "../../core/ip-address.ts";
import { present } from "../../core/present.ts";

/** Where Amazon processes nothing without a signal: the European Economic Area and the United Kingdom. */
const CONSENT_COUNTRIES: ReadonlySet<string> = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

/**
 * Amazon's `consent`: what the person said, in a consent string or outright, or where they are, from which Amazon finds
 * out whether to ask.
 */
export type AmazonConsent =
  | { readonly tcf: string }
  | { readonly gpp: string }
  | { readonly amazonConsent: { readonly amznAdStorage?: string; readonly amznUserData: string } }
  | { readonly geo: { readonly ipAddress: string } };

/**
 * One signal, as Amazon asks for: of several it would take the TC string. Enrich leaves only such strings on the event as
 * refuse all that is refused. What only a default of the region grants is nobody's answer, and is not passed on as
 * one. `amznUserData` is mandatory inside Amazon's own format.
 * Source: https://advertising.amazon.com/API/docs/en-us/guides/events/events
 */
export function amazonConsent({ consent, user }: CanonicalEvent): AmazonConsent | undefined {
  if (consent?.tcf !== undefined) return { tcf: consent.tcf };
  if (consent?.gpp !== undefined) return { gpp: consent.gpp };
  const [storage, userData] = [said(consent?.ad_storage), said(consent?.ad_user_data)];
  if (userData !== undefined)
    return { amazonConsent: { ...present({ amznAdStorage: storage }), amznUserData: userData } };
  const ipAddress = publicIp(user.ip);
  return ipAddress === undefined ? undefined : { geo: { ipAddress } };
}

/** Whether Amazon refuses the event without a signal: of advertisers in Europe, and of people there. */
export function needsConsent(region: string, country: string | undefined): boolean {
  return region === "EU" || (country !== undefined && CONSENT_COUNTRIES.has(country));
}

/**
 * Amazon does not process events that carry this at all. A refusal of personalised ads is not enough for it: that
 * person still lets conversions be counted.
 */
export function limitsUse({ consent }: CanonicalEvent): boolean {
  return consent?.limited_data_use === true || consent?.gpc === true;
}

function said(answer: ConsentValue | undefined): "GRANTED" | "DENIED" | undefined {
  if (answer === undefined) return undefined;
  return answer === "granted" ? "GRANTED" : "DENIED";
}
