import { DAY_MS } from "../../core/durations.ts";
import type { ActionSource, CanonicalEvent } from "../../core/event.ts";
import type { EventSource, TikTokSettings } from "./settings.ts";

/** The usual kind of each action source. What a system did by itself, such as a renewal, belongs to the website. */
const USUAL: Readonly<Record<ActionSource, EventSource>> = {
  website: "web",
  app: "app",
  physical_store: "offline",
  phone_call: "offline",
  chat: "offline",
  email: "offline",
  system_generated: "web",
  other: "web",
};

/**
 * Oldest event of each kind. TikTok says 28 days of offline events and nothing of websites and apps, where 7 is what
 * its peers hold to. CRM sets are offline sets with leads.
 */
export const MAX_AGE_MS: Readonly<Record<EventSource, number>> = {
  web: 7 * DAY_MS,
  app: 7 * DAY_MS,
  offline: 28 * DAY_MS,
  crm: 28 * DAY_MS,
};

/**
 * The kind that an event is sent as: what the settings say of its action source, else the usual one. What becomes of a
 * lead outside of website and app is the CRM's, where there is a set for it.
 */
export function eventSource(event: CanonicalEvent, settings: TikTokSettings): EventSource {
  const { action_source: action } = event;
  const chosen = settings.eventSources[action];
  if (chosen !== undefined) return chosen;
  const usual = USUAL[action];
  const isOfLead = event.lead_id !== undefined && action !== "website" && action !== "app";
  return isOfLead && settings.crmEventSetId !== undefined ? "crm" : usual;
}
