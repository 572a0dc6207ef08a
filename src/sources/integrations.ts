import { BROWSER_ID_NAMES } from "../core/browser-ids.ts";
import { looseObject, looseText } from "./loose-fields.ts";

/**
 * What Segment and RudderStack call the platforms in `integrations` → our destination type. Case-sensitive, as there.
 * Names of platforms that we do not have are not passed on.
 */
const DESTINATION_TYPES: Readonly<Record<string, string>> = {
  "Nextdoor Conversions API": "nextdoor",
  "Nextdoor Conversions Api": "nextdoor",
  "Nextdoor CAPI": "nextdoor",
  Nextdoor: "nextdoor",
  "Quora Conversions API": "quora",
  "Quora Conversions Api": "quora",
  "Quora Conversion Pixel": "quora",
  Quora: "quora",
  "Customer.io": "customer-io",
  "Customer.io (Actions)": "customer-io",
  "Customer io": "customer-io",
  CUSTOMERIO: "customer-io",
  "Amazon Conversions Api": "amazon-ads",
  "Amazon Conversions API": "amazon-ads",
  "Amazon Conversions API (Actions)": "amazon-ads",
  "Amazon Ads": "amazon-ads",
  "Amazon Advertising": "amazon-ads",
  Braze: "braze",
  "Braze Cloud Mode (Actions)": "braze",
  "Braze Web Mode (Actions)": "braze",
  Appboy: "braze",
  BRAZE: "braze",
  "Facebook Conversions API": "meta",
  "Facebook Conversions API (Actions)": "meta",
  "Facebook Conversions": "meta",
  "Facebook Pixel": "meta",
  "Google Analytics 4": "ga4",
  "Google Analytics 4 Web": "ga4",
  "Google Analytics 4 Cloud": "ga4",
  "Google Analytics 4 (GA4)": "ga4",
  GA4: "ga4",
  "Google Ads": "google-ads",
  "Google Ads Conversions": "google-ads",
  "Google Ads Enhanced Conversions": "google-ads",
  "Google Ads Offline Conversions": "google-ads",
  "Google Enhanced Conversions": "google-ads",
  "LinkedIn Conversions API": "linkedin",
  "Linkedin Conversions API": "linkedin",
  "LinkedIn Ads": "linkedin",
  "Linkedin Ads": "linkedin",
  "LinkedIn Insight Tag": "linkedin",
  "Bing Ads": "microsoft-ads",
  "Microsoft Ads": "microsoft-ads",
  "Microsoft Advertising": "microsoft-ads",
  "Microsoft Bing CAPI": "microsoft-ads",
  "Ms Bing Capi": "microsoft-ads",
  "Reddit Conversions Api": "reddit",
  "Reddit Conversions API": "reddit",
  Reddit: "reddit",
  REDDIT: "reddit",
  "OpenAI Ads": "openai-ads",
  "OpenAI Ads Conversions API": "openai-ads",
  "OpenAI Conversions API": "openai-ads",
  AWIN: "awin",
  Awin: "awin",
  "Awin (Actions)": "awin",
  Taboola: "taboola",
  TABOOLA: "taboola",
  "Taboola (Actions)": "taboola",
  Outbrain: "outbrain",
  OUTBRAIN: "outbrain",
  "Snap Conversions Api": "snapchat",
  "Snap Conversions API": "snapchat",
  "Snapchat Conversions API": "snapchat",
  "Snapchat Conversion": "snapchat",
  "TikTok Conversions": "tiktok",
  "TikTok Conversions (Actions)": "tiktok",
  "Tiktok Conversions": "tiktok",
  "TikTok Offline Conversions": "tiktok",
  "TikTok App Events": "tiktok",
  "TikTok Ads": "tiktok",
  "TikTok Ads Offline Events": "tiktok",
  "TikTok Pixel": "tiktok",
  Klaviyo: "klaviyo",
  "Klaviyo (Actions)": "klaviyo",
  KLAVIYO: "klaviyo",
  "Pinterest Conversions API": "pinterest",
  "Pinterest Conversions API (Actions)": "pinterest",
  "Pinterest Tag": "pinterest",
  "Pinterest Ads": "pinterest",
  HubSpot: "hubspot",
  "HubSpot (Actions)": "hubspot",
  "HubSpot Cloud Mode (Actions)": "hubspot",
  HS: "hubspot",
  Webhook: "webhook",
  Webhooks: "webhook",
  "Webhooks (Actions)": "webhook",
  "Webhook (Actions)": "webhook",
  "Twitter Ads": "x",
  "X Ads": "x",
  "X (Twitter) Ads": "x",
  "X Conversions API": "x",
  "Twitter Conversions API": "x",
};

/** A configured lane, as far as routing needs it. */
export interface RoutedLane {
  readonly id: string;
  readonly type: string;
}

/**
 * The `integrations` object as routing by lane. `All` becomes `all`; an object counts as true; a lane may be named by
 * its own id. When two names mean one lane, false wins: to send against someone's word is worse than not to send.
 */
export function routingOf(integrations: unknown, lanes: readonly RoutedLane[]): Record<string, boolean> {
  const routing: Record<string, boolean> = {};
  for (const [name, setting] of Object.entries(looseObject(integrations))) {
    const on = typeof setting === "boolean" ? setting : typeof setting === "object" && setting !== null;
    if (typeof setting !== "boolean" && !on) continue;
    if (name === "All" || name === "all") routing.all = on;
    const type = Object.hasOwn(DESTINATION_TYPES, name) ? DESTINATION_TYPES[name] : undefined;
    for (const lane of lanes.filter((candidate) => candidate.id === name || candidate.type === type)) {
      routing[lane.id] = on && routing[lane.id] !== false;
    }
  }
  return routing;
}

const GOOGLE_ANALYTICS = /^(?:google analytics|ga4?\b|actions google analytics)/i;

/**
 * Browser ids under our own names for them. Google's goes by `clientId`, which many systems call an id of their own, and
 * is read from Google's integration only.
 */
export function browserIdsIn(from: Record<string, unknown>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of BROWSER_ID_NAMES) {
    const id = name === "ga_client_id" ? undefined : looseText(from[name], 1000);
    if (id !== undefined) found[name] = id;
  }
  return found;
}

/** Browser ids that senders put into the settings of single integrations; the first to name one wins. */
export function browserIdsFromIntegrations(integrations: unknown): Record<string, string | undefined> {
  let found: Record<string, string | undefined> = {};
  for (const [name, setting] of Object.entries(looseObject(integrations))) {
    const settings = looseObject(setting);
    found = { ...browserIdsIn(settings), ...found };
    if (!GOOGLE_ANALYTICS.test(name)) continue;
    found.ga_client_id ??= looseText(settings.clientId, 200);
    found.ga_session_id ??= looseText(settings.sessionId, 64);
  }
  return found;
}
