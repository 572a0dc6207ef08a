import { countryCode, postalCode } from "../../core/address.ts";
import { advertisingId } from "../../core/advertising-id.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { externalIdDigests } from "../../core/external-ids.ts";
import { hashVariant, hashWith, preHashed } from "../../core/hashing.ts";
import { idInClear, isContact } from "../../core/id-in-clear.ts";
import { publicIp } from "../../core/ip-address.ts";
import { opaqueClickId, opaqueId, ownBrowserId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";
import { foldedAlphanumeric, lettersOnly } from "../../core/person-name.ts";
import { present, presentList } from "../../core/present.ts";
import { regionCode } from "../../core/regions.ts";
import { vendorId } from "../../core/vendor-id.ts";
import type { EventSource } from "./settings.ts";

/** TikTok's answers to Apple's tracking prompt. */
type AttStatus = "AUTHORIZED" | "DENIED" | "NOT_DETERMINED" | "NOT_APPLICABLE";

/** TikTok's `user`: digests of the contact, names and postal code, and in clear what TikTok asks for in clear. */
export interface TikTokUser {
  email?: string[];
  phone?: string[];
  external_id?: string[];
  first_name?: string;
  last_name?: string;
  zip_code?: string;
  city?: string;
  state?: string;
  country?: string;
  ttclid?: string;
  ttp?: string;
  ip?: string;
  user_agent?: string;
  lead_id?: string;
  idfa?: string;
  gaid?: string;
  idfv?: string;
  att_status?: AttStatus;
}

type Parts = { [Key in keyof TikTokUser]: TikTokUser[Key] | undefined };

const USERS: Readonly<Record<EventSource, (event: CanonicalEvent) => TikTokUser>> = {
  web: perEvent((event) => userOf(event, "web")),
  app: perEvent((event) => userOf(event, "app")),
  offline: perEvent((event) => userOf(event, "offline")),
  crm: perEvent((event) => userOf(event, "crm")),
};

/** Everything that TikTok matches on, as far as the event or the identity graph knows it. Absent keys are left out. */
export function tikTokUser(event: CanonicalEvent, source: EventSource): TikTokUser {
  return USERS[source](event);
}

function userOf(event: CanonicalEvent, source: EventSource): TikTokUser {
  const { user } = event;
  return present({
    email: presentList(hashVariant(event, "email_plain")),
    // With its plus, unlike on most other platforms: another digest.
    phone: presentList(hashVariant(event, "phone_e164")),
    external_id: externalIdDigests(event),
    ...(source === "app" ? deviceOf(event) : placeAndClick(event)),
    ip: publicIp(user.ip),
    user_agent: user.user_agent || undefined,
    lead_id: source === "offline" ? leadId(event) : undefined,
  });
}

/** TikTok's id of the lead. A text always: as a JSON number its 19 digits would lose the last ones. */
export function leadId({ lead_id: id }: CanonicalEvent): string | undefined {
  return id === undefined ? undefined : idInClear(id);
}

function placeAndClick(event: CanonicalEvent): Parts {
  const { city, region, country, postal_code: zip, first_name: first, last_name: last } = event.user;
  return {
    first_name: hashWith(lettersOnly, first),
    last_name: hashWith(lettersOnly, last),
    zip_code: hashWith((code) => postalCode(code, country), zip),
    city: inClear(city),
    state: inClear(region, (name) => foldedAlphanumeric(regionCode(name, country))),
    country: country === undefined ? undefined : countryCode(country),
    ttclid: opaqueClickId(event, "ttclid"),
    ttp: opaqueId(ownBrowserId(event, "ttp")),
  };
}

function deviceOf(event: CanonicalEvent): Parts {
  const { app } = event;
  if (app === undefined) return {};
  const isApple = app.platform === "ios";
  const advertising = hashWith((id) => id, advertisingId(event));
  return {
    idfa: isApple ? advertising : undefined,
    gaid: isApple ? undefined : advertising,
    idfv: vendorId(event),
    att_status: attStatus(event),
  };
}

/** The first iOS that asks people whether they may be tracked. */
const FIRST_IOS_THAT_ASKS = 14;

// Nobody can tell "was not asked" from "the sender did not say"; TikTok treats the first as a refusal.
function attStatus({ app, device }: CanonicalEvent): AttStatus {
  if (app?.platform !== "ios" || Number.parseInt(device?.os_version ?? "", 10) < FIRST_IOS_THAT_ASKS) {
    return "NOT_APPLICABLE";
  }
  const allowed = device?.advertising_tracking_allowed;
  if (allowed === undefined) return "NOT_DETERMINED";
  return allowed ? "AUTHORIZED" : "DENIED";
}

// Places leave in clear. A digest is none, and people type addresses into every field of a form.
function inClear(raw: string | undefined, rule = foldedAlphanumeric): string | undefined {
  return raw === undefined || preHashed(raw) !== undefined || isContact(raw) ? undefined : rule(raw);
}
