import type { BrowserId } from "./browser-ids.ts";
import type { ClickId } from "./click-ids.ts";
import type { ConsentPurpose, ConsentState } from "./consent.ts";
import { refusedPurposes } from "./consent-decision.ts";
import type { CanonicalEvent } from "./event.ts";

/** Ids of analytics and lifecycle tools; all others are of ad platforms. */
const ANALYTICS: ReadonlySet<BrowserId | ClickId> = new Set(["ga_client_id", "hubspotutk", "_kx"]);

/** What a person's refusals keep out of their events: nothing of it is filled in from what the graph knows. */
export interface WithheldIdentifiers {
  /** Hashes of e-mail and phone: who refused `ad_user_data` is not to be matched by them. */
  readonly hashes: boolean;
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
  const refused = refusedPurposes({ ...said, ...consent }, honourGpc);
  const isDenied = (purpose: ConsentPurpose) => refused[purpose] === "denied";
  return {
    hashes: isDenied("ad_user_data"),
    ownIds: isDenied("ad_user_data") && isDenied("analytics_storage"),
    storedId: (name) => isDenied(ANALYTICS.has(name) ? "analytics_storage" : "ad_storage"),
  };
}

/**
 * Whether the event itself refuses to be stored for ads and for analytics. The graph then remembers the refusal, so that
 * it holds for what comes after, and nothing else of the event.
 */
export function refusesStorage({ consent }: Pick<CanonicalEvent, "consent">): boolean {
  return consent?.ad_storage === "denied" && consent.analytics_storage === "denied";
}
