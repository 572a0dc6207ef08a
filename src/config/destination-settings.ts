import type { Destination } from "../core/destination.ts";
import type { amazonAds } from "../destinations/amazon-ads.ts";
import type { awin } from "../destinations/awin.ts";
import type { braze } from "../destinations/braze.ts";
import type { customerIo } from "../destinations/customer-io.ts";
import type { ga4 } from "../destinations/ga4.ts";
import type { googleAds } from "../destinations/google-ads.ts";
import type { hubspot } from "../destinations/hubspot.ts";
import type { klaviyo } from "../destinations/klaviyo.ts";
import type { linkedin } from "../destinations/linkedin.ts";
import type { meta } from "../destinations/meta.ts";
import type { microsoftAds } from "../destinations/microsoft-ads.ts";
import type { nextdoor } from "../destinations/nextdoor.ts";
import type { openaiAds } from "../destinations/openai-ads.ts";
import type { outbrain } from "../destinations/outbrain.ts";
import type { pinterest } from "../destinations/pinterest.ts";
import type { quora } from "../destinations/quora.ts";
import type { reddit } from "../destinations/reddit.ts";
import type { snapchat } from "../destinations/snapchat.ts";
import type { taboola } from "../destinations/taboola.ts";
import type { tiktok } from "../destinations/tiktok.ts";
import type { webhook } from "../destinations/webhook.ts";
import type { x } from "../destinations/x.ts";

/** What a user gives of a destination's settings: the `Required` ones; the others have defaults. */
type SettingsInput<Declared, Required extends string> =
  Declared extends Destination<infer Settings> ? Partial<Settings> & Pick<Settings, Required & keyof Settings> : never;

/** Settings of each destination type, as its own file under `src/destinations/` declares them. */
export interface DestinationSettings {
  nextdoor: SettingsInput<typeof nextdoor, "dataSourceId">;
  quora: SettingsInput<typeof quora, "accountId">;
  "customer-io": SettingsInput<typeof customerIo, "region">;
  "amazon-ads": SettingsInput<typeof amazonAds, "region" | "accountId">;
  braze: SettingsInput<typeof braze, "cluster">;
  hubspot: SettingsInput<typeof hubspot, never>;
  klaviyo: SettingsInput<typeof klaviyo, never>;
  linkedin: SettingsInput<typeof linkedin, never>;
  meta: SettingsInput<typeof meta, "datasetId">;
  ga4: SettingsInput<typeof ga4, "measurementId">;
  "google-ads": SettingsInput<typeof googleAds, "customerId">;
  "microsoft-ads": SettingsInput<typeof microsoftAds, "tagId">;
  pinterest: SettingsInput<typeof pinterest, "adAccountId">;
  reddit: SettingsInput<typeof reddit, "pixelId">;
  "openai-ads": SettingsInput<typeof openaiAds, "pixelId">;
  awin: SettingsInput<typeof awin, "advertiserId">;
  taboola: SettingsInput<typeof taboola, "accountId">;
  outbrain: SettingsInput<typeof outbrain, never>;
  snapchat: SettingsInput<typeof snapchat, never>;
  tiktok: SettingsInput<typeof tiktok, never>;
  x: SettingsInput<typeof x, "pixelId">;
  webhook: SettingsInput<typeof webhook, "url">;
}

/** What a lane may have as its `type`: the id of a destination. */
export type DestinationType = keyof DestinationSettings;
