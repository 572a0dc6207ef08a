import type { ConsentState } from "./consent.ts";
import type { CanonicalEvent, Item } from "./event.ts";
import { placesOf } from "./event-places.ts";
import { sha256Hex } from "./hashing.ts";
import { present } from "./present.ts";
import { siteOf } from "./site-of.ts";

/**
 * The event as one of nobody: what happened, when, for how much and in which country or state. It names what it keeps, so
 * that a field which the event learns later stays out. Free texts and page addresses go too, since both hold order
 * numbers, names and click ids, and so does the event's id, which is often made of the order's: a digest stands in for
 * it, the same for every copy, so that platforms can still drop the second one.
 */
export function withoutIdentifiers(event: CanonicalEvent): CanonicalEvent {
  const { app, consent, items, page, source } = event;
  const [country, region] = placesOf({ user: event.user })[0]?.split("-") ?? [];
  return {
    schema_version: event.schema_version,
    event_id: unlinkedId(event),
    event_id_origin: "generated",
    event_name: event.event_name,
    event_time: event.event_time,
    received_at: event.received_at,
    source: { id: source.id, kind: source.kind, dialect: source.dialect, dedup_scope: source.dedup_scope },
    action_source: event.action_source,
    user: present({ country, region }),
    ...present({
      custom_name: event.custom_name,
      page: page === undefined ? undefined : present({ url: sited(page.url), referrer: sited(page.referrer) }),
      app:
        app === undefined ? undefined : { platform: app.platform, ...present({ id: app.id, store_id: app.store_id }) },
      location: event.location,
      consent: consent === undefined ? undefined : answersOnly(consent),
      value: event.value,
      currency: event.currency,
      tax: event.tax,
      shipping: event.shipping,
      discount: event.discount,
      items: items?.map(product),
      destinations: event.destinations,
      test: event.test,
    }),
  };
}

const UNLINKED = /^anonymous-[0-9a-f]{32}$/;

/** Of an event that has none any more it is the same again: the lane strips what enrich stripped before. */
function unlinkedId({ event_id: id, source }: CanonicalEvent): string {
  if (UNLINKED.test(id)) return id;
  return `anonymous-${sha256Hex(JSON.stringify(["unlinked event", source.dedup_scope, id])).slice(0, 32)}`;
}

function sited(url: string | undefined): string | undefined {
  return url === undefined ? undefined : siteOf(url);
}

/** A coupon may be one person's own. */
function product({ coupon: _, ...line }: Item): Item {
  return line;
}

/** Consent strings hold when and where somebody was asked: enough to know a browser again. */
function answersOnly(consent: ConsentState): ConsentState {
  const { ad_storage, ad_user_data, ad_personalization, analytics_storage, gpc, limited_data_use, jurisdiction } =
    consent;
  return present({
    ad_storage,
    ad_user_data,
    ad_personalization,
    analytics_storage,
    gpc,
    limited_data_use,
    jurisdiction,
  });
}
