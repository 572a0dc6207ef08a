import { advertisingIdAsWritten } from "../../core/advertising-id.ts";
import type { Identifier } from "../../core/destination.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { idDigest } from "../../core/external-ids.ts";
import { dashedGuid } from "../../core/guid.ts";
import { hashVariant } from "../../core/hashing.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { identifiersWithValue } from "../../core/identifiers-with-value.ts";
import { publicIp } from "../../core/ip-address.ts";
import { ownBrowserId, ownClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";
import { present } from "../../core/present.ts";

/** Microsoft's `userData`: digests of e-mail and phone, the rest in clear. */
export interface MicrosoftUserData {
  em?: string;
  ph?: string;
  externalId?: string;
  anonymousId?: string;
  msclkid?: string;
  clientIpAddress?: string;
  clientUserAgent?: string;
  idfa?: string;
  gaid?: string;
}

/**
 * The flag for what the person said of storage and use of their data for ads: `G` granted, `D` denied, which is also the
 * only way to ask Microsoft for limited use. Nothing where nobody answered: a grant of ours would be put over the refusal
 * that Microsoft's own tag may have recorded.
 */
export function adStorageConsent({ consent }: CanonicalEvent): "G" | "D" | undefined {
  if (consent?.ad_storage === "denied" || consent?.ad_user_data === "denied") return "D";
  if (consent?.limited_data_use === true) return "D";
  return consent?.ad_storage === "granted" ? "G" : undefined;
}

/**
 * Everything that Microsoft matches on, as far as the event or the identity graph knows it. Without consent only the
 * click id that came with this event: nothing of the person, and nothing that was stored before.
 */
export function userData(event: CanonicalEvent, hashExternalId: boolean): MicrosoftUserData {
  return hashExternalId ? withHashedId(event) : withClearId(event);
}

const withHashedId = perEvent((event) => userDataOf(event, hashedUserId(event)));
const withClearId = perEvent((event) => userDataOf(event, clearUserId(event)));

function userDataOf(event: CanonicalEvent, externalId: string | undefined): MicrosoftUserData {
  if (adStorageConsent(event) === "D") return present({ msclkid: clickId(event.click_ids?.msclkid?.value) });
  const { app, user } = event;
  // In clear, as the device writes it.
  const device = advertisingIdAsWritten(event);
  return present({
    em: hashVariant(event, "email_microsoft"),
    ph: hashVariant(event, "phone_e164"),
    externalId,
    anonymousId: visitorId(event),
    msclkid: clickId(ownClickId(event, "msclkid")?.value),
    clientIpAddress: publicIp(user.ip),
    clientUserAgent: user.user_agent || undefined,
    idfa: app?.platform === "ios" ? device : undefined,
    gaid: app?.platform === "android" ? device : undefined,
  });
}

/** Whether the data points at somebody: address and browser alone do not. */
export function isIdentified({ clientIpAddress: _, clientUserAgent: __, ...ids }: MicrosoftUserData): boolean {
  return Object.keys(ids).length > 0;
}

/** Which identifiers the data holds, in the words of diagnostics. */
export function identifiersIn(data: MicrosoftUserData): ReadonlySet<Identifier> {
  const sent: Partial<Record<Identifier, unknown>> = {
    email: data.em,
    phone: data.ph,
    external_id: data.externalId,
    click_id: data.msclkid,
    browser_id: data.anonymousId ?? data.idfa ?? data.gaid,
    ip_and_user_agent: data.clientIpAddress && data.clientUserAgent,
  };
  return identifiersWithValue(sent);
}

function hashedUserId({ user, known }: CanonicalEvent): string | undefined {
  return idDigest(user.user_id ?? known?.user_id);
}

function clearUserId({ user, known }: CanonicalEvent): string | undefined {
  const id = (user.user_id ?? known?.user_id)?.trim();
  return id ? idInClear(id) : undefined;
}

// What is no GUID was never Microsoft's.
function clickId(value: string | undefined): string | undefined {
  return value === undefined ? undefined : dashedGuid(value);
}

// As the cookie has it: the browser's tag sends the same.
function visitorId(event: CanonicalEvent): string | undefined {
  const id = ownBrowserId(event, "uetvid");
  return id !== undefined && dashedGuid(id) !== undefined ? id : undefined;
}
