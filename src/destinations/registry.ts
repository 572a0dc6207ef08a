import type { Destination } from "../core/destination.ts";
import { amazonAds } from "./amazon-ads.ts";
import { awin } from "./awin.ts";
import { braze } from "./braze.ts";
import { customerIo } from "./customer-io.ts";
import { ga4 } from "./ga4.ts";
import { googleAds } from "./google-ads.ts";
import { hubspot } from "./hubspot.ts";
import { klaviyo } from "./klaviyo.ts";
import { linkedin } from "./linkedin.ts";
import { meta } from "./meta.ts";
import { microsoftAds } from "./microsoft-ads.ts";
import { nextdoor } from "./nextdoor.ts";
import { openaiAds } from "./openai-ads.ts";
import { outbrain } from "./outbrain.ts";
import { pinterest } from "./pinterest.ts";
import { quora } from "./quora.ts";
import { reddit } from "./reddit.ts";
import { snapchat } from "./snapchat.ts";
import { taboola } from "./taboola.ts";
import { tiktok } from "./tiktok.ts";
import { webhook } from "./webhook.ts";
import { x } from "./x.ts";

/** Every destination that a lane can have, by id. For enrich, the CLI and synth; a delivery λ imports only its own. */
export const DESTINATIONS: Readonly<Record<string, Destination>> = {
  "amazon-ads": amazonAds,
  awin,
  braze,
  "customer-io": customerIo,
  ga4,
  "google-ads": googleAds,
  hubspot,
  klaviyo,
  linkedin,
  meta,
  "microsoft-ads": microsoftAds,
  nextdoor,
  "openai-ads": openaiAds,
  outbrain,
  pinterest,
  quora,
  reddit,
  snapchat,
  taboola,
  tiktok,
  webhook,
  x,
};
