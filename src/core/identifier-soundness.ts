import { CLICK_IDS, type ClickId } from "./click-ids.ts";
import { CLICK_LIFETIME_DAYS } from "./click-lifetimes.ts";
import { isDataCentre } from "./data-centres.ts";
import { DAY_MS } from "./durations.ts";
import { emailPlain } from "./email.ts";
import type { CanonicalEvent } from "./event.ts";
import { fbcTime } from "./fbc.ts";
import { preHashed } from "./hashing.ts";
import { isPublicIp } from "./ip-address.ts";
import type { Doubt, Doubts } from "./match-quality.ts";
import {
  DISPOSABLE_DOMAINS,
  PLACEHOLDER_DOMAINS,
  PLACEHOLDER_MAILBOXES,
  PROGRAM_USER_AGENT,
  RESERVED_TLDS,
  ROLE_MAILBOXES,
} from "./unsound-values.ts";

/** What part of an identifier's weight counts, by what is wrong with it: judgements, for platforms publish none. */
export const SOUNDNESS_FACTORS = {
  placeholder: 0,
  disposable: 0.1,
  /** Several people read it, and one of them may be known by it. */
  role: 0.5,
  program: 0.1,
  /** People use VPNs whose exits are there. */
  dataCentre: 0.5,
  expired: 0,
  /** Past half of the time for which its platform attributes: fewer of such clicks still count. */
  old: 0.5,
} as const;

/** A test of an identifier's value; undefined when there is nothing against it. */
type Doubted = Doubt | undefined;

/**
 * What is wrong with the identifiers of an event that are well formed all the same. Asked of the whole event, before raw
 * contact data is taken out of a lane's copy. A hash tells nothing of what it is made of, and counts in full.
 */
export function identifierDoubts(event: CanonicalEvent): Doubts {
  const { user } = event;
  return {
    ...named("email", doubtOfEmail(user.email)),
    ...named("phone", doubtOfPhone(event.phone_e164)),
    ...named("ip_and_user_agent", doubtOfDevice(user.ip, user.user_agent)),
  };
}

/**
 * What is wrong with the click ids that a platform gets of this event; undefined when one of them is sound. `destination`
 * is the declaration's id: `google-ads` takes the clicks of `google`.
 */
export function doubtOfClick(event: CanonicalEvent, destination: string): Doubted {
  const platform = destination.replace(/-ads$/, "");
  const names = Object.keys({ ...event.click_ids, ...event.known?.click_ids }) as ClickId[];
  const doubts = names
    .filter((name) => CLICK_IDS[name].platform === platform)
    .map((name) => doubtOfAge(CLICK_LIFETIME_DAYS[name], firstSeen(event, name), event.event_time));
  if (platform === "meta") doubts.push(...doubtsOfFbc(event));
  // The platform takes any of them: the best one counts.
  if (doubts.includes(undefined)) return undefined;
  return doubts.toSorted((a, b) => (b?.factor ?? 1) - (a?.factor ?? 1))[0];
}

function named<Name extends string>(name: Name, doubt: Doubted): Partial<Record<Name, Doubt>> {
  return doubt === undefined ? {} : ({ [name]: doubt } as Record<Name, Doubt>);
}

function doubtOfEmail(raw: string | undefined): Doubted {
  if (raw === undefined || preHashed(raw) !== undefined) return undefined;
  const address = emailPlain(raw) ?? "";
  const at = address.lastIndexOf("@");
  const mailbox = address.slice(0, Math.max(at, 0)).replace(/\+.*$/, "");
  const domain = address.slice(at + 1);
  const isReserved = RESERVED_TLDS.has(domain.slice(domain.lastIndexOf(".") + 1));
  if (isReserved || PLACEHOLDER_DOMAINS.has(domain) || PLACEHOLDER_MAILBOXES.has(mailbox)) {
    return { factor: SOUNDNESS_FACTORS.placeholder, reason: "a test or placeholder address" };
  }
  if (DISPOSABLE_DOMAINS.has(domain)) return { factor: SOUNDNESS_FACTORS.disposable, reason: "a disposable address" };
  if (!ROLE_MAILBOXES.has(mailbox)) return undefined;
  return { factor: SOUNDNESS_FACTORS.role, reason: "an address of a role, which several people read" };
}

/** A number that does not parse is no case of this: it has no hash, and is not sent. */
function doubtOfPhone(e164: string | undefined): Doubted {
  if (e164 === undefined) return undefined;
  const digits = e164.slice(1);
  // What is typed to get past a field. Numbers kept for examples count, like the addresses that are.
  const isTyped = /(\d)\1{6}$/.test(digits) || /123456789|234567890|987654321|876543210/.test(digits);
  return isTyped ? { factor: SOUNDNESS_FACTORS.placeholder, reason: "a placeholder number" } : undefined;
}

function doubtOfDevice(ip: string | undefined, userAgent: string | undefined): Doubted {
  if (ip !== undefined && !isPublicIp(ip)) {
    return { factor: SOUNDNESS_FACTORS.placeholder, reason: "an address of a private network" };
  }
  if (userAgent !== undefined && PROGRAM_USER_AGENT.test(userAgent)) {
    return { factor: SOUNDNESS_FACTORS.program, reason: "a user agent of a program, not of a person's device" };
  }
  if (ip === undefined || !isDataCentre(ip)) return undefined;
  return { factor: SOUNDNESS_FACTORS.dataCentre, reason: "an address of a data centre: a server's own, or a VPN's" };
}

/** The graph may know an earlier sight of the event's own click. */
function firstSeen({ click_ids: own, known }: CanonicalEvent, name: ClickId): number {
  return Math.min(
    own?.[name]?.seen_at ?? Number.POSITIVE_INFINITY,
    known?.click_ids?.[name]?.seen_at ?? Number.POSITIVE_INFINITY,
  );
}

/** Meta's cookie holds the click's time. */
function doubtsOfFbc({ browser_ids: own, event_time, known }: CanonicalEvent): Doubted[] {
  const seenAt = fbcTime(own?.fbc ?? known?.browser_ids?.fbc ?? "");
  return Number.isFinite(seenAt) ? [doubtOfAge(CLICK_LIFETIME_DAYS.fbclid, seenAt, event_time)] : [];
}

function doubtOfAge(lifetimeDays: number, seenAt: number, at: number): Doubted {
  const days = (at - seenAt) / DAY_MS;
  if (days > lifetimeDays) {
    return { factor: SOUNDNESS_FACTORS.expired, reason: `a click of more than ${lifetimeDays} days ago` };
  }
  if (days <= lifetimeDays / 2) return undefined;
  return { factor: SOUNDNESS_FACTORS.old, reason: `a click past half of its ${lifetimeDays} days` };
}
