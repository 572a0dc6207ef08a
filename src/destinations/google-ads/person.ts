import { countryCode, googleAdsPostalCode } from "../../core/address.ts";
import { limitsDataUse } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { isPublicIp } from "../../core/ip-address.ts";
import { perEvent } from "../../core/per-event.ts";
import { googleFirstName, googleLastName } from "../../core/person-name.ts";
import { present, presentOrNothing } from "../../core/present.ts";
import { type GoogleClick, googleClick } from "./click.ts";

/** One of Google's `userIdentifiers`; exactly one field each, digests in hex. */
interface UserIdentifier {
  emailAddress?: string;
  phoneNumber?: string;
  address?: { givenName: string; familyName: string; regionCode: string; postalCode: string };
}

/** What a conversion says of the person; a key is absent when there is nothing to say. */
interface GooglePerson {
  adIdentifiers?: Readonly<Partial<Record<GoogleClick["name"], string>>>;
  userData?: { userIdentifiers: UserIdentifier[] };
  consent?: Readonly<Partial<Record<"adUserData" | "adPersonalization", "CONSENT_GRANTED" | "CONSENT_DENIED">>>;
  eventDeviceInfo?: { userAgent?: string; ipAddress?: string };
}

/** Everything that Google matches on, as far as the event or the identity graph knows it. */
export const person = perEvent((event): GooglePerson => {
  const click = googleClick(event);
  const userIdentifiers = identifiersOf(event, click);
  return present({
    adIdentifiers: click === undefined ? undefined : { [click.name]: click.value },
    userData: userIdentifiers.length === 0 ? undefined : { userIdentifiers },
    consent: consentOf(event),
    eventDeviceInfo: deviceInfo(event),
  });
});

/** Whether Google would have anything to find the person by; it refuses the request over one event without. */
export function isFindable({ adIdentifiers, userData }: GooglePerson): boolean {
  return adIdentifiers !== undefined || userData !== undefined;
}

// Beside a braid Google takes no user identifiers.
function identifiersOf(event: CanonicalEvent, click: GoogleClick | undefined): UserIdentifier[] {
  if (isUserDataDenied(event) || (click !== undefined && click.name !== "gclid")) return [];
  const emailAddress = hashVariant(event, "email_google");
  const phoneNumber = hashVariant(event, "phone_e164");
  const address = addressOf(event);
  return [
    ...(emailAddress === undefined ? [] : [{ emailAddress }]),
    ...(phoneNumber === undefined ? [] : [{ phoneNumber }]),
    ...(address === undefined ? [] : [{ address }]),
  ];
}

/** All four fields or nothing: Google refuses a part of an address. */
function addressOf({ user }: CanonicalEvent): UserIdentifier["address"] | undefined {
  const { first_name: first, last_name: last, country, postal_code: code } = user;
  if (!first || !last || !country || !code) return undefined;
  const regionCode = countryCode(country)?.toUpperCase();
  const postalCode = googleAdsPostalCode(code, regionCode);
  if (regionCode === undefined || postalCode === undefined) return undefined;
  const givenName = hashWith(googleFirstName, first);
  const familyName = hashWith(googleLastName, last);
  return givenName === undefined || familyName === undefined
    ? undefined
    : { givenName, familyName, regionCode, postalCode };
}

/**
 * What the person answered. A purpose that only a default granted is absent, and stays so: Google reads that as not
 * specified, which is the truth. It drops conversions without an answer where a law asks for one, and there the default
 * should be a refusal. A request to limit the use of data has no field of its own here: personalised ads are what it
 * rules out.
 */
function consentOf(event: CanonicalEvent): GooglePerson["consent"] {
  const { ad_user_data: userData, ad_personalization: answered } = event.consent ?? {};
  const personalization = limitsDataUse(event) ? "denied" : answered;
  return presentOrNothing({
    adUserData: userData === undefined ? undefined : CONSENT[userData],
    adPersonalization: personalization === undefined ? undefined : CONSENT[personalization],
  });
}

const CONSENT = { granted: "CONSENT_GRANTED", denied: "CONSENT_DENIED" } as const;

// The lane may be open to people who refused this purpose: its required ones are the config's to choose.
function isUserDataDenied({ consent }: CanonicalEvent): boolean {
  return consent?.ad_user_data === "denied";
}

function deviceInfo(event: CanonicalEvent): GooglePerson["eventDeviceInfo"] {
  if (isUserDataDenied(event)) return undefined;
  const { ip, user_agent: userAgent } = event.user;
  return presentOrNothing({
    userAgent: userAgent || undefined,
    ipAddress: ip !== undefined && isPublicIp(ip) && mayTellIp(event) ? ip : undefined,
  });
}

/** The EEA, the United Kingdom and Switzerland, with the parts of member states that have codes of their own. */
const NO_IP: ReadonlySet<string> = new Set(
  [
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO GB CH",
    "AX GF GI GP MF MQ RE YT GG IM JE EU UK",
  ].flatMap((codes) => codes.split(" ")),
);

/**
 * Google must not get the IP addresses of people in those countries, so one goes out only where it is known that the
 * person is elsewhere; the law that the sender names counts like the country.
 * Source: https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest
 */
function mayTellIp({ user, consent, location }: CanonicalEvent): boolean {
  const said = [user.country, consent?.jurisdiction?.slice(0, 2), location?.country];
  const places = said.filter((code) => code !== undefined);
  return places.length > 0 && !places.some((code) => NO_IP.has(code.toUpperCase()));
}
