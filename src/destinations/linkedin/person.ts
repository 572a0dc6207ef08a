import { advertisingId } from "../../core/advertising-id.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant, preHashed } from "../../core/hashing.ts";
import { idInClear, isContact } from "../../core/id-in-clear.ts";
import { isPublicIp } from "../../core/ip-address.ts";
import { ownClickId } from "../../core/own-ids.ts";

/** Settings of one lane to LinkedIn. */
export interface LinkedinSettings {
  /** Version of LinkedIn's API as `YYYYMM`; each lives about a year. */
  apiVersion: string;
  /** Also match by the person's IPv4 address, in clear. */
  ipAddress: boolean;
  /** Name of the property that holds the person's job title; sent only together with the name. */
  titleProperty?: string | undefined;
  /** Name of the property that holds the person's company; sent only together with the name. */
  companyProperty?: string | undefined;
}

interface UserId {
  idType: "SHA256_EMAIL" | "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID" | "GOOGLE_AID" | "PLAINTEXT_IP_ADDRESS";
  idValue: string;
}

interface UserInfo {
  firstName: string;
  lastName: string;
  title?: string;
  companyName?: string;
  countryCode?: string;
}

/** LinkedIn's `user`. `userIds` must be there even when it is empty: without it the request fails with 422. */
export interface LinkedinUser {
  userIds: UserId[];
  userInfo?: UserInfo;
  externalIds?: string[];
  lead?: string;
}

/** Everything that LinkedIn matches on, as far as the event or the identity graph knows it. It takes no phone. */
export function person(event: CanonicalEvent, settings: LinkedinSettings): LinkedinUser {
  const { user, known, lead_id: leadId } = event;
  const userInfo = infoOf(event, settings);
  const externalId = (user.user_id ?? known?.user_id)?.trim();
  return {
    userIds: userIds(event, settings),
    ...(userInfo === undefined ? {} : { userInfo }),
    // A list of which LinkedIn uses the first.
    ...(externalId ? { externalIds: [idInClear(externalId)] } : {}),
    ...(leadId !== undefined && LEAD_URN.test(leadId) ? { lead: leadId } : {}),
  };
}

/** Whether LinkedIn would take an event of this person. An empty list of ids is enough only beside something else. */
export function isMatchable({ userIds, userInfo, externalIds, lead }: LinkedinUser): boolean {
  return userIds.length > 0 || userInfo !== undefined || externalIds !== undefined || lead !== undefined;
}

/** A response to a lead form on LinkedIn itself; lead ids of other systems say nothing there. */
const LEAD_URN = /^urn:li:leadGenFormResponse:[\w-]{1,200}$/;

/** LinkedIn's own are UUIDs. Whatever else was in the parameter could cost the whole request. */
const CLICK_ID = /^[\w.~-]{8,200}$/;

/** The version that brought Google's advertising id: an older one refuses the whole request over a type it does not know. */
const FIRST_WITH_DEVICES = "202605";

/** LinkedIn names no limit. What is longer than a name can be here is no job title and no company either. */
const LONGEST_NAME = 200;

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

function userIds(event: CanonicalEvent, { apiVersion, ipAddress }: LinkedinSettings): UserId[] {
  const { app, user } = event;
  const ids: UserId[] = [];
  const email = hashVariant(event, "email_plain");
  if (email !== undefined) ids.push({ idType: "SHA256_EMAIL", idValue: email });
  const click = ownClickId(event, "li_fat_id")?.value;
  if (click !== undefined && CLICK_ID.test(click)) {
    ids.push({ idType: "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", idValue: click });
  }
  // Google's advertising id only: for Apple's there is no type.
  const device = app?.platform === "android" && apiVersion >= FIRST_WITH_DEVICES ? advertisingId(event) : undefined;
  if (device !== undefined) ids.push({ idType: "GOOGLE_AID", idValue: device });
  if (ipAddress && user.ip !== undefined && IPV4.test(user.ip) && isPublicIp(user.ip)) {
    ids.push({ idType: "PLAINTEXT_IP_ADDRESS", idValue: user.ip });
  }
  return ids;
}

// First and last name are both mandatory in it, so that what stands beside them goes only with both.
function infoOf({ user, properties }: CanonicalEvent, settings: LinkedinSettings): UserInfo | undefined {
  const [firstName, lastName] = [inClear(user.first_name), inClear(user.last_name)];
  if (firstName === undefined || lastName === undefined) return undefined;
  const title = inClear(propertyOf(properties, settings.titleProperty));
  const companyName = inClear(propertyOf(properties, settings.companyProperty));
  return {
    firstName,
    lastName,
    ...(title === undefined ? {} : { title }),
    ...(companyName === undefined ? {} : { companyName }),
    ...(user.country === undefined ? {} : { countryCode: user.country }),
  };
}

function propertyOf(properties: CanonicalEvent["properties"], name: string | undefined): unknown {
  return properties !== undefined && name !== undefined && Object.hasOwn(properties, name)
    ? properties[name]
    : undefined;
}

// LinkedIn compares names in clear: a digest is none, and an e-mail address in a name field must not leave.
function inClear(raw: unknown): string | undefined {
  const name = typeof raw === "string" ? raw.normalize("NFC").trim() : "";
  const isName = name !== "" && name.length <= LONGEST_NAME && preHashed(name) === undefined && !isContact(name);
  return isName ? name : undefined;
}
