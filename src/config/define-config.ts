import type { ConsentPurpose, ConsentValue } from "../core/consent.ts";
import type { ConsentBehaviour } from "../core/consent-behaviour.ts";
import type { Destination } from "../core/destination.ts";
import type { EventName } from "../core/event.ts";
import type { EventRule } from "../core/event-rules.ts";
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

/** What a user writes in `tracklayer.config.ts`. Only `environment`, `sources` and `destinations` are required. */
export interface TracklayerConfig {
  /** Lower-case name of this installation, part of every resource and secret name: `production`, `staging` ... */
  environment: string;
  /**
   * Keeps tables, queues and secrets when the stack is deleted, and protects the tables from deletion.
   * @default true when `environment` is `production`
   */
  production?: boolean;
  /** Who may send events. The key is the source's id. */
  sources: Record<string, SourceConfig>;
  /** Where events go. The key is the lane's id and, unless `type` says otherwise, the destination's type. */
  destinations: DestinationConfigs;
  consent?: ConsentConfig;
  sensitiveData?: SensitiveDataConfig;
  /**
   * ISO 3166-1 alpha-2; national phone numbers of events without a country are read in it.
   * @default only international numbers are understood
   */
  defaultCountry?: string;
  /**
   * Events counted one by one on the dashboard and watched by the detectors. Each is a billed metric.
   * @default ["purchase", "lead"]
   */
  keyEvents?: EventName[];
  /**
   * Whether the first copy of an event waits for another one, so that platforms get one event with what both know: the
   * browser's cookies, click ids and address, the server's e-mail, phone and true value. Only where a `dedupScope` has
   * sources on both sides; `false` sends every first copy at once.
   */
  merge?:
    | false
    | {
        /**
         * Canonical names, and own names of custom events.
         * @default ["purchase", "lead"]
         */
        events?: string[];
        /**
         * How long the first copy waits, seconds, 1 to 900: so much later these events are delivered.
         * @default 30 in production, else 5
         */
        windowSeconds?: number;
      };
  alarms?: {
    /**
     * Each address gets a mail to confirm.
     * @default none; alarms still show in the console
     */
    emails?: string[];
    /**
     * Hours without one event after which the silence alarm fires; 0 turns it off.
     * @default 24
     */
    silentHours?: number;
  };
  delivery?: {
    /**
     * How long a failing delivery is retried, hours, unless the platform's own age limit ends it sooner.
     * @default 24
     */
    retryHours?: number;
    /**
     * Longest wait before the second attempt, seconds; it doubles with every further one.
     * @default 10
     */
    firstRetrySeconds?: number;
    /**
     * Where that doubling ends, seconds. A platform that asks for more is obeyed.
     * @default 3600
     */
    longestRetrySeconds?: number;
  };
  /**
   * Every accepted event in an encrypted bucket of yours, from which it can be replayed, also to a destination that is
   * added later. Holds personal data in clear; `false` turns it off, and with it replays.
   */
  archive?:
    | false
    | {
        /**
         * Until an event is deleted from it, days.
         * @default 30
         */
        days?: number;
        /**
         * How long events are gathered into one object, seconds, 0 to 900; until then a replay does not see them.
         * @default 300 in production, else 60
         */
        bufferSeconds?: number;
      };
  identity?: {
    /**
     * Who is one person by an e-mail, a phone or a browser id. `all`: whoever has it, in any source. `scope`: whoever has it
     * in sources of one `identityScope`; two brands in one installation then never learn of each other's customers.
     * @default "all"
     */
    sharedAcross?: "all" | "scope";
  };
  logs?: {
    /**
     * Share of events, 0 to 1, whose way is told line by line. What is not delivered is logged always.
     * @default 0.01 in production, else 1
     */
    eventShare?: number;
  };
  retention?: {
    /**
     * Claims, receipts and stories, days; at least 7.
     * @default 30
     */
    deliveryDays?: number;
    /**
     * Identity graph after a person's last activity, days.
     * @default 180
     */
    identityDays?: number;
    /**
     * Events that failed validation, days.
     * @default 14
     */
    quarantineDays?: number;
    /**
     * Logs, days; one of CloudWatch's own steps.
     * @default 30
     */
    logDays?: number;
  };
  ingest?: {
    /**
     * Requests per second over all sources.
     * @default 500
     */
    rateLimit?: number;
    /**
     * Requests at one instant over all sources.
     * @default 1000
     */
    burstLimit?: number;
  };
}

/** One sender of events with its own key. */
interface SourceConfig {
  /**
   * `browser`: a public key, usable only from `origins`. `app`: a public key for mobile apps, refused when a page sends
   * it. `server`: a secret key, refused when a browser sends it. Public keys cannot refund or name another address.
   */
  kind: "browser" | "app" | "server";
  /** Exact origins such as `https://shop.example.com`; required for browsers, forbidden for the others. */
  origins?: string[];
  /**
   * Sources with the same scope share event ids, so that the browser's and the server's copy of a purchase are one.
   * @default the source's id
   */
  dedupScope?: string;
  /**
   * Sources with the same scope have the same accounts and visitors: a user id or an anonymous id of one is that of all.
   * @default the source's `dedupScope`
   */
  identityScope?: string;
  /**
   * Secrets Manager name of the key.
   * @default "tracklayer/<environment>/source/<id>"
   */
  keySecret?: string;
  /**
   * Events per second, 1 to 10,000, counted over windows of ten seconds. Beyond it requests are answered 429 with
   * `Retry-After`. Each request of a source with a limit costs one write of the delivery table.
   * @default none; the gateway's own limit over all sources always holds
   */
  rateLimit?: number;
  /**
   * Event id of a purchase from a Segment or RudderStack SDK when the SDK made its message id up: that id, or one made
   * of the order id so that copies from different SDKs meet. A message id that the caller chose always stays.
   * @default "order_id"
   */
  purchaseEventId?: "message_id" | "order_id";
  /**
   * Which of an SDK's amounts becomes the event's value; the first present wins.
   * @default ["revenue", "total", "value"]
   */
  valueFrom?: ("revenue" | "total" | "value")[];
}

/** What a user gives of a destination's settings: the `Required` ones; the others have defaults. */
type SettingsInput<Declared, Required extends string> =
  Declared extends Destination<infer Settings> ? Partial<Settings> & Pick<Settings, Required & keyof Settings> : never;

/** Settings of each destination type, as its own file under `src/destinations/` declares them. */
interface DestinationSettings {
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

type DestinationType = keyof DestinationSettings;

/** One lane: a destination with its settings. */
interface DestinationConfig<Type extends DestinationType> {
  /**
   * Which destination this is.
   * @default the lane's id
   */
  type?: Type;
  settings: DestinationSettings[Type];
  /**
   * Secrets Manager name of the credentials.
   * @default "tracklayer/<environment>/destination/<lane>"
   */
  secret?: string;
  /**
   * What becomes of an event here: a text is the platform's name for it, in place of the usual one, or the id of the
   * conversion action, rule or event where the platform knows events by ids; `false` keeps it from this destination;
   * an object also sets conditions and the value.
   */
  events?: Partial<Record<EventName, EventMapping>>;
  /** The same for custom events, by the source's own name. Goes before `events.custom`. */
  customEvents?: Record<string, EventMapping>;
  /**
   * Purposes without which nothing is sent. May ask for more than the destination's own, which must be among them; for less,
   * see `consent.overrides`.
   * @default the destination's own
   */
  consent?: ConsentPurpose[];
  /**
   * What else consent asks of this lane; the first entry that fits an event decides. It can only let less through.
   * @default none
   */
  consentRules?: LaneConsentRule[];
  /**
   * Send in the platform's test mode.
   * @default false
   */
  testMode?: boolean;
  /**
   * Ask the platform for its own score of match quality once a day, and show it beside ours. For `meta` and `pinterest`;
   * the credentials in the lane's secret need a permission for it that sending does not: see docs/match-quality.md.
   * @default false
   */
  readBackQuality?: boolean;
  /**
   * How long to gather a batch, seconds, 0 to 300. Longer is cheaper, shorter is sooner.
   * @default 5, or what the platform asks for: 10 for Awin
   */
  batchWindowSeconds?: number;
  /**
   * Most requests in parallel, 2 to 1000.
   * @default 5
   */
  maxConcurrency?: number;
}

/** Which events an entry is for; what is left out is no condition. */
interface ConsentScopeConfig {
  /** Canonical names, and the sender's own of custom events. */
  events?: string[];
  /** As in `consent.defaults`: `DE`, `EEA`, `US-CA`, `unknown`. One place that the event may belong to is enough. */
  countries?: string[];
  /** Ids of sources. */
  sources?: string[];
}

/** What a lane does with events of some kind or from somewhere; at least one of the fields below the scope. */
interface LaneConsentRule extends ConsentScopeConfig {
  /** Shown with each decision in place of the rule's number. */
  name?: string;
  /** Purposes without which nothing is sent: `whenDenied` with `drop`. */
  require?: ConsentPurpose[];
  /** By purpose, when it was refused. `limited` and `without_identifiers` only where the destination takes such events. */
  whenDenied?: Partial<Record<ConsentPurpose, ConsentBehaviour>>;
  /** Whatever was answered. */
  send?: Exclude<ConsentBehaviour, "send">;
  /** Fields that this lane does not get, named as in `sensitiveData.blockedFields`. */
  denyFields?: string[];
  /** Of those fields the only ones that it gets. */
  allowFields?: string[];
}

/** Where a lane gets more than its destination's declaration lets through. */
interface ConsentOverrideConfig extends ConsentScopeConfig {
  /** Shown with every decision that it touches. */
  name: string;
  /** Id of the lane. */
  destination: string;
  /** Why that is allowed, for whoever reads this configuration later. */
  because: string;
  whenDenied: Partial<Record<ConsentPurpose, ConsentBehaviour>>;
}

/** How one lane takes one event. */
type EventMapping = string | false | Omit<EventRule, "drop">;

/** Lanes by id; another id than a type's name needs a `type`. */
interface DestinationConfigs {
  nextdoor?: DestinationConfig<"nextdoor">;
  quora?: DestinationConfig<"quora">;
  "customer-io"?: DestinationConfig<"customer-io">;
  "amazon-ads"?: DestinationConfig<"amazon-ads">;
  braze?: DestinationConfig<"braze">;
  hubspot?: DestinationConfig<"hubspot">;
  klaviyo?: DestinationConfig<"klaviyo">;
  linkedin?: DestinationConfig<"linkedin">;
  meta?: DestinationConfig<"meta">;
  ga4?: DestinationConfig<"ga4">;
  "google-ads"?: DestinationConfig<"google-ads">;
  "microsoft-ads"?: DestinationConfig<"microsoft-ads">;
  pinterest?: DestinationConfig<"pinterest">;
  reddit?: DestinationConfig<"reddit">;
  "openai-ads"?: DestinationConfig<"openai-ads">;
  awin?: DestinationConfig<"awin">;
  taboola?: DestinationConfig<"taboola">;
  outbrain?: DestinationConfig<"outbrain">;
  snapchat?: DestinationConfig<"snapchat">;
  tiktok?: DestinationConfig<"tiktok">;
  x?: DestinationConfig<"x">;
  webhook?: DestinationConfig<"webhook">;
  [lane: string]: { [Type in DestinationType]: DestinationConfig<Type> }[DestinationType] | undefined;
}

/** What an absent answer means, by country, and which signals bind. */
interface ConsentConfig {
  /**
   * The first rule that names the event's country decides; the last must be for `*`. `EEA` stands for its 30 countries,
   * `unknown` for events that carry none. One that grants anything in the EEA needs a name and a reason.
   * @default denied in EEA, GB and CH, granted elsewhere
   */
  defaults?: {
    countries: string[];
    purposes: ConsentValue | Record<ConsentPurpose, ConsentValue>;
    name?: string;
    because?: string;
  }[];
  /**
   * Headers in which a proxy in front of ingest says where a visitor is: CloudFront's, or those of your own. Only where
   * ingest cannot be reached past that proxy: whoever can writes into them what they like.
   * @default none is believed
   */
  geoHeaders?: "cloudfront" | { country: string; region?: string; address?: string };
  /**
   * Treat Global Privacy Control as an opt-out of ad_user_data and ad_personalization.
   * @default true
   */
  honourGpc?: boolean;
  /** Consent category ids of a Segment or RudderStack consent manager → the purposes they stand for. */
  categories?: Record<string, ConsentPurpose[]>;
  /**
   * Where destinations may get more than their declarations let through, each with a name and a reason. `cdk synth`,
   * `tracklayer doctor` and every decision that one touches say so.
   * @default none
   */
  overrides?: ConsentOverrideConfig[];
}

/**
 * What is taken out of events beside what always is: contacts, tokens, and numbers of cards and accounts in page addresses
 * and free texts.
 */
interface SensitiveDataConfig {
  /**
   * What becomes of events that name an illness, a medicine, pregnancy or the like, at ad and analytics platforms: they
   * forbid it. `drop_field` leaves out the text and cuts addresses down to their site, `drop_event` holds the event back.
   * Lifecycle tools and webhooks get all of it. Turn it on in a pharmacy or a clinic, and look at what it would hold back
   * first: a bookshop sells books on depression.
   * @default "off"
   */
  healthTerms?: "off" | "drop_field" | "drop_event";
  /**
   * Words and phrases beside the built-in English list, in any language.
   * @default none
   */
  moreHealthTerms?: string[];
  /**
   * Fields that are taken from every event before anything gets it, the archive included: `page.title`, `items.name`,
   * `user.date_of_birth`, `properties.diagnosis` ...
   * @default none
   */
  blockedFields?: string[];
  /**
   * `drop`: what people searched for goes nowhere, as a field or in an address.
   * @default "keep"
   */
  searchTerms?: "keep" | "drop";
}

/** Types the user's configuration and returns it as it is; `resolveConfig` checks it. */
export function defineConfig(config: TracklayerConfig): TracklayerConfig {
  return config;
}
