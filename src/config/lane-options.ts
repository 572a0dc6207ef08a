import type { ConsentPurpose } from "../core/consent.ts";
import type { EventName } from "../core/event.ts";
import type { EventRule } from "../core/event-rules.ts";
import type { LaneConsentRule } from "./consent-options.ts";
import type { DestinationSettings, DestinationType } from "./destination-settings.ts";

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

/** How one lane takes one event. */
type EventMapping = string | false | Omit<EventRule, "drop">;

/** Lanes by id; another id than a type's name needs a `type`. */
export interface DestinationConfigs {
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
