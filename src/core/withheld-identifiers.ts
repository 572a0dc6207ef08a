import type { BrowserId } from "./browser-ids.ts";
import type { ClickId } from "./click-ids.ts";
import { CONSENT_PURPOSES, type ConsentPurpose, type ConsentState, isTakenBack } from "./consent.ts";
import { refusedPurposes } from "./consent-decision.ts";
import type { CanonicalEvent } from "./event.ts";
import { presentOrNothing } from "./present.ts";

/** Ids of analytics and lifecycle tools; all others are of ad platforms. */
const ANALYTICS: ReadonlySet<BrowserId | ClickId> = new Set(["ga_client_id", "hubspotutk", "_kx"]);

/** What a person's refusals keep out of their events: nothing of it is filled in from what the graph knows. */
export interface WithheldIdentifiers {
  /** Hashes of e-mail and phone: who refused `ad_user_data` is not to be matched by them. */
  readonly hashes: boolean;
  /** E-mail and phone in clear: tools that write to people get none from the graph after any of these two refusals. */
  readonly contacts: boolean;
  /** The user id and the anonymous id: while one of ads and analytics is allowed, they say whose event it is. */
  readonly ownIds: boolean;
  /** A stored id of a platform's tag, or a click. */
  storedId(name: BrowserId | ClickId): boolean;
}

/** By the event's own answers, and by what the person `said` earlier where the event is silent. */
export function withheldIdentifiers(
  { consent }: Pick<CanonicalEvent, "consent">,
  said: ConsentState = {},
  honourGpc = true,
): WithheldIdentifiers {
  const answers = { ...said, ...consent };
  for (const purpose of CONSENT_PURPOSES) if (isTakenBack(purpose, consent, said)) answers[purpose] = "denied";
  const refused = refusedPurposes(answers, honourGpc);
  const isDenied = (purpose: ConsentPurpose) => refused[purpose] === "denied";
  return {
    hashes: isDenied("ad_user_data"),
    contacts: isDenied("ad_user_data") || isDenied("analytics_storage"),
    ownIds: isDenied("ad_user_data") && isDenied("analytics_storage"),
    storedId: (name) => isDenied(ANALYTICS.has(name) ? "analytics_storage" : "ad_storage"),
  };
}

/**
 * An event on its way without what the graph filled in and its person refuses by now, later or in another copy of it. Its
 * consent is decided already, whatever was to be said of Global Privacy Control; what of it is `undecided` only a default
 * refused, which takes nothing.
 */
export function withoutRefused(event: CanonicalEvent, undecided: readonly ConsentPurpose[] = []): CanonicalEvent {
  if (event.known === undefined) return event;
  const consent = { ...event.consent };
  for (const purpose of undecided) delete consent[purpose];
  const refused = withheldIdentifiers({ consent }, {}, false);
  const { anonymous_id, browser_ids, campaigns, click_ids, contacts, hashes, user_id, ...whose } = event.known;
  const filled = presentOrNothing({
    hashes: refused.hashes ? undefined : hashes,
    contacts: refused.contacts ? undefined : contacts,
    user_id: refused.ownIds ? undefined : user_id,
    anonymous_id: refused.ownIds ? undefined : anonymous_id,
    browser_ids: presentOrNothing(allowedOf(browser_ids ?? {}, refused)),
    click_ids: presentOrNothing(allowedOf(click_ids ?? {}, refused)),
    campaigns: refusesStorage({ consent }) ? undefined : campaigns,
  });
  return { ...event, known: { ...whose, ...filled } };
}

/** Stored ids without those that were refused. */
export function allowedOf<Ids extends object>(ids: Ids, refused: WithheldIdentifiers): Partial<Ids> {
  const kept = Object.entries(ids).filter(([name]) => !refused.storedId(name as BrowserId | ClickId));
  return Object.fromEntries(kept) as Partial<Ids>;
}

/**
 * Whether the event itself refuses to be stored for ads and for analytics. The graph then remembers the refusal, so that
 * it holds for what comes after, and nothing else of the event.
 */
export function refusesStorage({ consent }: Pick<CanonicalEvent, "consent">): boolean {
  return consent?.ad_storage === "denied" && consent.analytics_storage === "denied";
}
