import { advertisingId } from "../../core/advertising-id.ts";
import { jurisdictionOf, limitsDataUse } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant, hashWith, sha256Hex } from "../../core/hashing.ts";
import { publicIp } from "../../core/ip-address.ts";
import { ownBrowserId, ownClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";

/** What Reddit matches on; undefined fields do not reach the body. Contact data and device ids are hex SHA-256. */
export interface RedditMatchKeys {
  readonly click_id: string | undefined;
  readonly user: {
    readonly email: string | undefined;
    readonly phone_number: string | undefined;
    readonly external_id: string | undefined;
    readonly idfa?: string | undefined;
    readonly aaid?: string | undefined;
    readonly ip_address?: string | undefined;
    readonly user_agent?: string | undefined;
    readonly uuid?: string | undefined;
  };
}

/**
 * Everything that Reddit matches on, as far as the event or the identity graph knows it. Of what happens in a store it
 * wants contact data only: no ids of clicks, browsers or devices.
 * Source: https://business.reddithelp.com/s/article/about-match-keys
 */
export const matchKeys = perEvent((event): RedditMatchKeys => {
  const { user } = event;
  const contact = {
    email: hashVariant(event, "email_reddit"),
    phone_number: hashVariant(event, "phone_e164"),
    external_id: hashWith(asItIs, externalId(event)),
  };
  if (event.action_source === "physical_store") return { click_id: undefined, user: contact };
  return {
    click_id: clickId(event),
    user: {
      ...contact,
      ...deviceId(event),
      ip_address: publicIp(user.ip),
      user_agent: user.user_agent || undefined,
      uuid: browserUuid(event),
    },
  };
});

/** Whether Reddit would find anyone: IP address and user agent count only together with the size of the screen. */
export function isMatchable({ click_id, user }: RedditMatchKeys): boolean {
  const { email, phone_number, external_id, idfa, aaid, uuid } = user;
  return (click_id ?? email ?? phone_number ?? external_id ?? idfa ?? aaid ?? uuid) !== undefined;
}

interface DataProcessing {
  readonly modes: readonly string[];
  readonly country?: string;
  readonly region?: string;
}

/** Limited Data Use for those who asked for it, with the place whose law applies where it is known. */
export function dataProcessing(event: CanonicalEvent): DataProcessing | undefined {
  if (!limitsDataUse(event)) return undefined;
  const { country, region } = jurisdictionOf(event);
  if (country === undefined) return { modes: ["LDU"] };
  return { modes: ["LDU"], country, ...(region === undefined ? {} : { region: `${country}-${region}` }) };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Apple's id is hashed in upper case, Google's in lower case. */
function deviceId(event: CanonicalEvent): { idfa: string } | { aaid: string } | undefined {
  const id = advertisingId(event);
  if (id === undefined) return undefined;
  if (event.app?.platform === "ios") return { idfa: sha256Hex(id.toUpperCase()) };
  return event.app?.platform === "android" ? { aaid: sha256Hex(id) } : undefined;
}

/** Reddit takes one id of the advertiser's: the person's where it is known, else the visitor's. */
function externalId({ user, known }: CanonicalEvent): string | undefined {
  for (const raw of [user.user_id, known?.user_id, user.anonymous_id, known?.anonymous_id]) {
    const id = raw?.normalize("NFC").trim();
    if (id) return id;
  }
  return undefined;
}

// Advertisements whose links are set up wrongly carry the macro itself ({{...}}).
function clickId(event: CanonicalEvent): string | undefined {
  const id = ownClickId(event, "rdt_cid")?.value;
  return id !== undefined && /^[\w-]{4,200}$/.test(id) ? id : undefined;
}

/** The pixel's cookie is `{ms}.{uuid}`; Reddit takes it so or without the time. */
function browserUuid(event: CanonicalEvent): string | undefined {
  const uuid = ownBrowserId(event, "rdt_uuid")?.replace(/^\d+\./, "");
  return uuid !== undefined && UUID.test(uuid) ? uuid : undefined;
}

function asItIs(text: string): string {
  return text;
}
