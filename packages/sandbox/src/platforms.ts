import type { Platform, SandboxPlatform } from "./model.ts";
import { amazonAds } from "./platforms/amazon-ads.ts";
import { awin } from "./platforms/awin.ts";
import { braze } from "./platforms/braze.ts";
import { customerIo } from "./platforms/customer-io.ts";
import { ga4 } from "./platforms/ga4.ts";
import { googleAds } from "./platforms/google-ads.ts";
import { hubspot } from "./platforms/hubspot.ts";
import { klaviyo } from "./platforms/klaviyo.ts";
import { linkedin } from "./platforms/linkedin.ts";
import { meta } from "./platforms/meta.ts";
import { microsoftAds } from "./platforms/microsoft-ads.ts";
import { nextdoor } from "./platforms/nextdoor.ts";
import { openaiAds } from "./platforms/openai-ads.ts";
import { outbrain } from "./platforms/outbrain.ts";
import { pinterest } from "./platforms/pinterest.ts";
import { quora } from "./platforms/quora.ts";
import { reddit } from "./platforms/reddit.ts";
import { snapchat } from "./platforms/snapchat.ts";
import { taboola } from "./platforms/taboola.ts";
import { tiktok } from "./platforms/tiktok.ts";
import { webhook } from "./platforms/webhook.ts";
import { x } from "./platforms/x.ts";

/** Every platform that the sandbox stands in for. A drift test keeps the ids equal to those of the destinations. */
// biome-ignore format: one line each, so that two additions never touch the same line
export const PLATFORMS: readonly SandboxPlatform[] = [
  amazonAds,
  awin,
  braze,
  customerIo,
  ga4,
  googleAds,
  hubspot,
  klaviyo,
  linkedin,
  meta,
  microsoftAds,
  nextdoor,
  openaiAds,
  outbrain,
  pinterest,
  quora,
  reddit,
  snapchat,
  taboola,
  tiktok,
  webhook,
  x,
];

/** Their ids, for control calls and counters. */
export const PLATFORM_IDS: readonly Platform[] = PLATFORMS.map(({ id }) => id);

/**
 * Whose request this is. A path that nobody on a known host owns goes to the first platform there, which refuses it in
 * its own shape; a host that nobody knows is somebody's webhook receiver.
 */
export function platformAt(host: string, path: string): SandboxPlatform {
  const there = PLATFORMS.filter(({ hosts }) => (typeof hosts === "function" ? hosts(host) : hosts.includes(host)));
  return there.find(({ paths }) => paths?.(path) ?? true) ?? there[0] ?? webhook;
}

/** The platform of this id, if there is one. */
export function platformById(id: Platform): SandboxPlatform | undefined {
  return PLATFORMS.find((platform) => platform.id === id);
}
