import { limitsDataUse } from "../../core/data-use.ts";
import type { DeliveryContext } from "../../core/destination.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { webUrl, withoutAddresses } from "../../core/page-url.ts";
import { tikTokEventName } from "./event-name.ts";
import { tikTokProperties } from "./properties.ts";
import type { EventSource, TikTokSettings } from "./settings.ts";
import { leadId, tikTokUser } from "./user.ts";

/** One entry of a request's `data`. */
export function tikTokEvent(
  event: CanonicalEvent,
  source: EventSource,
  context: DeliveryContext<TikTokSettings>,
): Record<string, unknown> {
  const properties = tikTokProperties(event);
  const page = source === "app" ? undefined : pageOf(event);
  const app = source === "app" ? appOf(event) : undefined;
  const lead = source === "crm" ? leadOf(event, context.settings) : undefined;
  return {
    event: tikTokEventName(event, source, context),
    // Seconds. Senders' clocks run ahead, and an event of the future would fail its whole request.
    event_time: Math.floor(Math.min(event.event_time, context.now) / 1000),
    event_id: event.event_id,
    user: tikTokUser(event, source),
    ...(properties === undefined ? {} : { properties }),
    ...(page === undefined ? {} : { page }),
    ...(app === undefined ? {} : { app }),
    ...(lead === undefined ? {} : { lead }),
    limited_data_use: limitsDataUse(event),
  };
}

function pageOf({ page }: CanonicalEvent): { url?: string; referrer?: string } | undefined {
  const [url, referrer] = [webUrl(page?.url), webUrl(page?.referrer)];
  if (url === undefined && referrer === undefined) return undefined;
  return {
    ...(url === undefined ? {} : { url: withoutAddresses(url) }),
    ...(referrer === undefined ? {} : { referrer: withoutAddresses(referrer) }),
  };
}

/** The app by its id in the store: Apple's number, Google's package name. Undefined when neither is known. */
export function appOf({ app }: CanonicalEvent): Record<string, string> | undefined {
  const id = app?.platform === "ios" ? (app.store_id ?? app.id) : (app?.id ?? app?.store_id);
  if (!id) return undefined;
  return {
    app_id: withoutAddresses(id),
    ...(app?.name ? { app_name: withoutAddresses(app.name) } : {}),
    ...(app?.version ? { app_version: withoutAddresses(app.version) } : {}),
  };
}

function leadOf(event: CanonicalEvent, settings: TikTokSettings): Record<string, string> | undefined {
  const id = leadId(event);
  if (id === undefined) return undefined;
  return {
    lead_id: id,
    ...(settings.leadEventSource === undefined ? {} : { lead_event_source: settings.leadEventSource }),
  };
}
