import type { ConsentPurpose, ConsentValue } from "../core/consent.ts";
import type { ConsentBehaviour } from "../core/consent-behaviour.ts";

/** What an absent answer means, by country, and which signals bind. */
export interface ConsentConfig {
  /**
   * The first rule that names the event's country decides; the last must be for `*`. `EEA` stands for its 30 countries,
   * `unknown` for events that carry none. One that grants anything in the EEA needs a name and a reason.
   * @default denied in EEA, GB and CH, granted elsewhere
   */
  defaults?: {
    countries: string[];
    purposes: ConsentValue | Record<ConsentPurpose, ConsentValue>;
    name?: string;
    because?: string;
  }[];
  /**
   * Headers in which a proxy in front of ingest says where a visitor is: CloudFront's, or those of your own. Only where
   * ingest cannot be reached past that proxy: whoever can writes into them what they like.
   * @default none is believed
   */
  geoHeaders?: "cloudfront" | { country: string; region?: string; address?: string };
  /**
   * Treat Global Privacy Control as an opt-out of ad_user_data and ad_personalization.
   * @default true
   */
  honourGpc?: boolean;
  /** Consent category ids of a Segment or RudderStack consent manager → the purposes they stand for. */
  categories?: Record<string, ConsentPurpose[]>;
  /**
   * Where destinations may get more than their declarations let through, each with a name and a reason. `cdk synth`,
   * `tracklayer doctor` and every decision that one touches say so.
   * @default none
   */
  overrides?: ConsentOverrideConfig[];
}

/** Which events an entry is for; what is left out is no condition. */
interface ConsentScopeConfig {
  /** Canonical names, and the sender's own of custom events. */
  events?: string[];
  /** As in `consent.defaults`: `DE`, `EEA`, `US-CA`, `unknown`. One place that the event may belong to is enough. */
  countries?: string[];
  /** Ids of sources. */
  sources?: string[];
}

/** What a lane does with events of some kind or from somewhere; at least one of the fields below the scope. */
export interface LaneConsentRule extends ConsentScopeConfig {
  /** Shown with each decision in place of the rule's number. */
  name?: string;
  /** Purposes without which nothing is sent: `whenDenied` with `drop`. */
  require?: ConsentPurpose[];
  /** By purpose, when it was refused. `limited` and `without_identifiers` only where the destination takes such events. */
  whenDenied?: Partial<Record<ConsentPurpose, ConsentBehaviour>>;
  /** Whatever was answered. */
  send?: Exclude<ConsentBehaviour, "send">;
  /** Fields that this lane does not get, named as in `sensitiveData.blockedFields`. */
  denyFields?: string[];
  /** Of those fields the only ones that it gets. */
  allowFields?: string[];
}

/** Where a lane gets more than its destination's declaration lets through. */
interface ConsentOverrideConfig extends ConsentScopeConfig {
  /** Shown with every decision that it touches. */
  name: string;
  /** Id of the lane. */
  destination: string;
  /** Why that is allowed, for whoever reads this configuration later. */
  because: string;
  whenDenied: Partial<Record<ConsentPurpose, ConsentBehaviour>>;
}
