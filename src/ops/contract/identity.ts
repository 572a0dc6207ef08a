import type { CampaignTouch } from "../../core/campaign.ts";
import type { Suspicion } from "../../core/suspect-identifiers.ts";

/** What the identity graph knows of one person. Values are there with `personal` only, hashes cut short even then. */
export interface IdentityView {
  readonly found: boolean;
  readonly person?: PersonView;
  /** How the identifier asked for is known: its kinds, the person each leads to, and with how many others each was seen. */
  readonly matched: readonly {
    readonly kind: string;
    readonly person_id: string;
    readonly seen_with: number;
    /** It finds and joins nobody any more. */
    readonly blocked: boolean;
    /** Why: it was seen with more other persons, e-mails or phones than one person's identifier is. */
    readonly suspect?: Suspicion;
    readonly expires_at: number;
  }[];
}

/** One person. */
export interface PersonView {
  readonly person_id: string;
  /** The person id asked for, when that person turned out to be this one. */
  readonly merged_from?: string;
  readonly created_at: number;
  readonly expires_at: number;
  /** Named persons that turned out to be this one. */
  readonly merges: number;
  /** The newest merges, visitors without a name among them: the event, and the two identifiers that stood in it. */
  readonly merged: readonly {
    readonly person_id: string;
    readonly at: number;
    readonly event_id: string;
    readonly joined_by: readonly string[];
  }[];
  /** Persons that were taken out again, and are never joined with this one. */
  readonly kept_apart: readonly string[];
  /** `value` is masked, or in clear with `personal`; that of a hash is its beginning. */
  readonly identifiers: readonly { readonly kind: string; readonly value: string; readonly scope?: string }[];
  /** What was last said, by dedup scope and by who said it: the person by name, or whoever sat at a device of theirs. */
  readonly consent: readonly {
    readonly scope: string;
    readonly said_by: "named" | "anonymous";
    readonly purpose: string;
    readonly value: string;
    readonly at: number;
    /** Companies that the consent string which granted this left out. */
    readonly except?: readonly string[];
    /** What older strings are held against, where that is not the same; see `ConsentAnswer.dated`. */
    readonly by_date?: { readonly value: string; readonly at: number };
  }[];
  /** The first and the last visit through a campaign, by dedup scope; see `CampaignTouch`. */
  readonly campaigns: readonly ({
    readonly scope: string;
    readonly touch: "first" | "last";
  } & Readonly<CampaignTouch>)[];
}

/** What taking a person out of another one changed. `pointers` counts the identifiers that lead to the person again. */
export interface IdentitySplit {
  readonly person_id: string;
  readonly split_id: string;
  readonly pointers: number;
}
