import type { AppInfo, DeviceInfo } from "./app-info.ts";
import type { Campaign, CampaignTouch } from "./campaign.ts";
import type { ClickId } from "./click-ids.ts";
import type { ConsentState } from "./consent.ts";

/** Version of the canonical event. It changes only when a consumer of the old shape would misread the new one. */
export const SCHEMA_VERSION = 1;

/**
 * Canonical event names: the GA4 recommended ones. `custom` keeps the source's own name in `custom_name`;
 * `identify` teaches the identity graph and is never delivered.
 */
export const EVENT_NAMES = [
  "page_view",
  "view_item",
  "view_item_list",
  "search",
  "add_to_cart",
  "remove_from_cart",
  "view_cart",
  "add_to_wishlist",
  "begin_checkout",
  "add_shipping_info",
  "add_payment_info",
  "purchase",
  "refund",
  "lead",
  "sign_up",
  "login",
  "subscribe",
  "start_trial",
  "contact",
  "schedule",
  "submit_application",
  "identify",
  "custom",
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** Where the action happened, in the terms that ad platforms share (Meta `action_source` and its peers). */
export const ACTION_SOURCES = [
  "website",
  "app",
  "email",
  "phone_call",
  "chat",
  "physical_store",
  "system_generated",
  "other",
] as const;
export type ActionSource = (typeof ACTION_SOURCES)[number];

/** Who holds the key: every visitor's browser, every copy of an app, or a server that keeps it secret. */
export type SourceKind = "browser" | "app" | "server";
type Dialect = "tracklayer" | "segment" | "rudderstack";

/** A decimal number as text ("149.85", "-3", "0"): money is never held as a float. See `money.ts`. */
export type Decimal = string;

/** Whatever a sender may put beside the fields that have a meaning here. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A product line. `price` is per unit, in the event's currency. */
export interface Item {
  id?: string;
  name?: string;
  brand?: string;
  category?: string;
  variant?: string;
  price?: Decimal;
  quantity?: number;
  coupon?: string;
  discount?: Decimal;
  index?: number;
}

/**
 * The person as this event knows them, raw. `email` and `phone` may be absent with only `*_sha256` given by the
 * sender; such a hash passes through with its normalisation rule unknown.
 */
export interface User {
  user_id?: string;
  anonymous_id?: string;
  email?: string;
  phone?: string;
  /** 64 lower-case hex digits, hashed by the sender under a rule we do not know. */
  email_sha256?: string;
  /** 64 lower-case hex digits, hashed by the sender under a rule we do not know. */
  phone_sha256?: string;
  first_name?: string;
  last_name?: string;
  gender?: "m" | "f";
  /** `YYYY-MM-DD`. */
  date_of_birth?: string;
  street?: string;
  city?: string;
  region?: string;
  postal_code?: string;
  /** ISO 3166-1 alpha-2, upper case. */
  country?: string;
  /** Public IPv4 or IPv6 of the person's device; never a server's own address. */
  ip?: string;
  user_agent?: string;
}

/** Browser ids of the platforms' own tags, from cookies or given by the sender. */
export interface BrowserIds {
  /** Meta `_fbp`. */
  fbp?: string;
  /** Meta `_fbc` as the cookie holds it. */
  fbc?: string;
  /** GA4 client id: the last two dot fields of `_ga`. */
  ga_client_id?: string;
  /** TikTok `_ttp`. */
  ttp?: string;
  /** Snapchat `_scid`. */
  scid?: string;
  /** Reddit `_rdt_uuid` without the time in front of it. */
  rdt_uuid?: string;
  /** Microsoft `_uetvid`. */
  uetvid?: string;
  /** HubSpot `hubspotutk`. */
  hubspotutk?: string;
  /** OpenAI `__obref`, byte for byte. */
  obref?: string;
  /** GA4 session id by measurement-stream suffix (`G-ABC` → `ABC`); `*` when the sender did not say which stream. */
  ga_sessions?: Record<string, string>;
}

/** A click id with the first time (epoch ms) at which we saw it. */
export interface SeenClickId {
  value: string;
  seen_at: number;
}

/**
 * Hash variants by normalisation rule (lower-case hex SHA-256); see `hashing.ts` for the rules. A name begins with the
 * contact that it is a hash of, `email_` or `phone_`: whatever handles variants goes by that.
 */
export const HASH_VARIANTS = [
  "email_plain",
  "email_google",
  "email_microsoft",
  "email_reddit",
  "email_amazon",
  "phone_e164",
  "phone_digits",
] as const;
export type HashVariant = (typeof HASH_VARIANTS)[number];

/**
 * What the identity graph knew about this person and the event itself did not carry. Destinations use it where the
 * raw field is missing: hash variants and opaque ids, and texts for lanes that take e-mail and phone in clear.
 */
export interface KnownIdentifiers {
  person_id: string;
  /** Whom the graph knew behind other copies that are in this event: what any of them refuses since counts. */
  other_person_ids?: string[];
  /** Where the purchase may have belonged to by law whose order led to the person, as `placesOf` tells it. */
  places?: string[];
  user_id?: string;
  anonymous_id?: string;
  hashes?: Partial<Record<HashVariant, string>>;
  /**
   * E-mail and phone (E.164) in clear, each beside its hashes. Personal: only lanes whose platform takes raw contact data
   * get it, and the archive never does.
   */
  contacts?: { email?: string; phone?: string };
  browser_ids?: BrowserIds;
  click_ids?: Partial<Record<ClickId, SeenClickId>>;
  /** The earliest and the latest visit through a campaign that is still remembered of this person, in this dedup scope. */
  campaigns?: { first?: CampaignTouch; last?: CampaignTouch };
  /** What the person said earlier of the purposes that this event leaves unanswered. */
  consent?: ConsentState;
}

/** The one shape that every source is turned into and every destination is built from. JSON-serialisable. */
export interface CanonicalEvent {
  schema_version: typeof SCHEMA_VERSION;
  /** Deduplication id, sent unchanged to every platform. 1 to 200 characters. */
  event_id: string;
  event_id_origin: "given" | "order_id" | "generated";
  event_name: EventName;
  /** The source's own name; present exactly when `event_name` is `custom`. */
  custom_name?: string;
  /** When it happened: epoch ms, corrected for client clock skew, never after `received_at`. */
  event_time: number;
  /** When ingest took it: epoch ms of our clock. */
  received_at: number;
  /** The sender's clock readings as given (epoch ms), kept for diagnosis. */
  clock?: { event_time?: number; sent_at?: number; corrected_by_ms?: number };
  source: {
    id: string;
    kind: SourceKind;
    dialect: Dialect;
    /** Sources with the same scope share event ids: the browser and the server copy of one purchase are one event. */
    dedup_scope: string;
    /** Within which user and anonymous ids name one person; absent: within `dedup_scope`. */
    identity_scope?: string;
    /** Within which e-mails, phones and browser ids do; absent: everywhere. Two brands' people are kept apart by it. */
    contact_scope?: string;
    library?: string;
  };
  action_source: ActionSource;
  page?: { url?: string; referrer?: string; title?: string };
  /** As the sender gave it, beside what the page's address says. */
  campaign?: Campaign;
  app?: AppInfo;
  device?: DeviceInfo;
  user: User;
  browser_ids?: BrowserIds;
  click_ids?: Partial<Record<ClickId, SeenClickId>>;
  consent?: ConsentState;
  /** Where the visitor's connection came from, by a gateway's word: the country and, within it, the region's code. */
  location?: { country: string; region?: string };
  order_id?: string;
  lead_id?: string;
  value?: Decimal;
  /** ISO 4217, upper case. */
  currency?: string;
  tax?: Decimal;
  shipping?: Decimal;
  discount?: Decimal;
  coupon?: string;
  items?: Item[];
  search_term?: string;
  payment_type?: string;
  method?: string;
  /** Everything else the sender gave about the event, untouched; offered to webhooks, never to ad platforms. */
  properties?: { [key: string]: JsonValue };
  /** Per-event routing by destination id (Segment `integrations`): `all: false` means none unless listed. */
  destinations?: { [destination: string]: boolean };
  /** A synthetic event: delivered only in a platform's test mode. */
  test?: boolean;
  /**
   * Hashes of this event's own `user.email` and `user.phone`, one per normalisation rule. Added by enrich (see
   * `hash-variants.ts`), so that delivery needs no phone metadata; absent at ingest.
   */
  hashes?: Partial<Record<HashVariant, string>>;
  /**
   * The event's own phone as E.164 when it parses, added by enrich beside the hashes. Personal: only lanes whose
   * platform takes raw contact data get it.
   */
  phone_e164?: string;
  /** Added by enrich; absent at ingest. */
  known?: KnownIdentifiers;
}

/** The name that people know the event by: the canonical one, or the source's own for `custom`. */
export function displayName(event: Pick<CanonicalEvent, "event_name" | "custom_name">): string {
  return event.custom_name ?? event.event_name;
}
