import { AMAZON_ADS } from "./amazon-ads.ts";
import { AWIN } from "./awin.ts";
import { BRAZE } from "./braze.ts";
import { CUSTOMER_IO } from "./customer-io.ts";
import type { DestinationExplanations } from "./entry.ts";
import { GA4 } from "./ga4.ts";
import { GOOGLE_ADS } from "./google-ads.ts";
import { HUBSPOT } from "./hubspot.ts";
import { KLAVIYO } from "./klaviyo.ts";
import { LINKEDIN } from "./linkedin.ts";
import { META } from "./meta.ts";
import { MICROSOFT_ADS } from "./microsoft-ads.ts";
import { NEXTDOOR } from "./nextdoor.ts";
import { OPENAI_ADS } from "./openai-ads.ts";
import { OUTBRAIN } from "./outbrain.ts";
import { PINTEREST } from "./pinterest.ts";
import { QUORA } from "./quora.ts";
import { REDDIT } from "./reddit.ts";
import { SNAPCHAT } from "./snapchat.ts";
import { TABOOLA } from "./taboola.ts";
import { TIKTOK } from "./tiktok.ts";
import { WEBHOOK } from "./webhook.ts";
import { X } from "./x.ts";

/** What is known of each destination's failures, by the destination's id. For people's tools; no λ needs it to deliver. */
export const EXPLANATIONS: Readonly<Record<string, DestinationExplanations>> = {
  "amazon-ads": AMAZON_ADS,
  awin: AWIN,
  braze: BRAZE,
  "customer-io": CUSTOMER_IO,
  ga4: GA4,
  "google-ads": GOOGLE_ADS,
  hubspot: HUBSPOT,
  klaviyo: KLAVIYO,
  linkedin: LINKEDIN,
  meta: META,
  "microsoft-ads": MICROSOFT_ADS,
  nextdoor: NEXTDOOR,
  "openai-ads": OPENAI_ADS,
  outbrain: OUTBRAIN,
  pinterest: PINTEREST,
  quora: QUORA,
  reddit: REDDIT,
  snapchat: SNAPCHAT,
  taboola: TABOOLA,
  tiktok: TIKTOK,
  webhook: WEBHOOK,
  x: X,
};
