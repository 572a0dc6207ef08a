import type { ClickId } from "./click-ids.ts";

/** In this order they are stored: a new one goes to the end. */
export const CAMPAIGN_FIELDS = ["source", "medium", "name", "term", "content", "id"] as const;

/** What an advertiser wrote behind a link: `utm_source`, `utm_medium`, `utm_campaign` (the name) and so on. */
export type Campaign = Partial<Record<(typeof CAMPAIGN_FIELDS)[number], string>>;

/** A visit that came through a campaign or an ad. Cleaned and cut; see `campaign-touches.ts`. */
export interface CampaignTouch extends Campaign {
  /** Which platform's click id stood in the landing page's address. */
  click?: ClickId;
  /** Host and path of the landing page, without its query. */
  page?: string;
  /** Event time of the visit, epoch ms. */
  at: number;
}
