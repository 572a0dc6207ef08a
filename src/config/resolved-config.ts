import type { ConsentPurpose, ConsentValue } from "../core/consent.ts";
import type { LaneConsentRules } from "../core/consent-firewall.ts";
import type { EventName, SourceKind } from "../core/event.ts";
import type { EventRule } from "../core/event-rules.ts";
import type { GeoHeaders } from "../core/geo-headers.ts";
import type { MergeRules } from "../core/merge-rules.ts";
import type { SensitiveDataRules } from "../core/sensitive-data.ts";

/**
 * The configuration after validation and defaults: what the CDK app builds from, and what each λ reads at cold start
 * (`config.json` beside its bundle). Plain JSON, no secrets: secrets are names.
 */
export interface ResolvedConfig {
  /** Lower-case name in every resource name, metric namespace and secret name, such as `production`. */
  readonly environment: string;
  /** True keeps tables and queues when the stack is deleted, and turns deletion protection on. */
  readonly production: boolean;
  readonly sources: readonly ResolvedSource[];
  readonly destinations: readonly ResolvedDestination[];
  /**
   * Secrets Manager name; JSON `{"key": "...", "previousKey"?: "..."}`, which seals what the identity graph keeps of e-mail
   * and phone in clear. Absent when no lane takes them so: then it keeps none.
   */
  readonly contactsSecretName?: string;
  readonly consent: ResolvedConsent;
  /** Absent in files of versions before it was there: the defaults. */
  readonly sensitiveData?: SensitiveDataRules;
  /** ISO 3166-1 alpha-2; national phone numbers of events without a country are read in it. */
  readonly defaultCountry?: string;
  /** Names counted one by one as `KeyEvents`; each is a billed metric. */
  readonly keyEvents: readonly EventName[];
  /** Which events wait for their other copy; absent when none does, or none could come. */
  readonly merge?: MergeRules;
  readonly alarms: {
    readonly emails: readonly string[];
    /** Hours without one event after which the silence alarm fires; 0 or absent turns it off. */
    readonly silentHours?: number;
  };
  readonly delivery: {
    /** How long a lane keeps trying, ms, when the platform's own age limit does not end it sooner. */
    readonly retryWindowMs: number;
    /** Longest wait before the second attempt, ms; it doubles with every further one. */
    readonly firstRetryMs: number;
    /** Where that doubling ends, ms. */
    readonly longestRetryMs: number;
  };
  readonly retention: {
    /** Claims, receipts and stories, days. At least 7: SDK retries surface days later. */
    readonly deliveryDays: number;
    readonly identityDays: number;
    readonly quarantineDays: number;
    readonly logDays: number;
  };
  /** Every accepted event in S3, for replays; absent when turned off. */
  readonly archive?: {
    /** Until its objects are deleted. */
    readonly days: number;
    /** How long events are gathered into one object, seconds, 0 to 900. */
    readonly bufferSeconds: number;
  };
  /** Share of events, 0 to 1, whose way is logged line by line. */
  readonly logs: { readonly eventShare: number };
  readonly ingest: {
    /** Requests per second and burst over all sources, enforced by API Gateway. */
    readonly rateLimit: number;
    readonly burstLimit: number;
  };
}

/** A source with its defaults. Its scopes travel with every event, so those that say nothing new are left out. */
export interface ResolvedSource {
  readonly id: string;
  readonly kind: SourceKind;
  /** Exact origins (`https://shop.example.com`) that may use a browser key; empty for servers. */
  readonly allowedOrigins: readonly string[];
  /** See `CanonicalEvent.source.dedup_scope`. */
  readonly dedupScope: string;
  /** Within which user and anonymous ids name one person; absent: within `dedupScope`. */
  readonly identityScope?: string;
  /** Within which e-mails, phones and browser ids do; absent: in the whole installation. */
  readonly contactScope?: string;
  /** Secrets Manager name; JSON `{"key": "...", "previousKey"?: "..."}`, or `keySha256` and `previousKeySha256`. */
  readonly keySecretName: string;
  /** Events per second over all containers, in windows of ten seconds; absent is none. */
  readonly rateLimit?: number;
  /** Event id of a purchase whose message id an SDK made up: that id, or one made of the order id. */
  readonly purchaseEventId: "message_id" | "order_id";
  /** Which of a dialect's amounts becomes `value`, first present wins. */
  readonly valueFrom: readonly ("revenue" | "total" | "value")[];
}

/** A lane with its defaults, whose settings its destination has parsed. */
export interface ResolvedDestination extends LaneConsentRules {
  /** Lane id: names the queue, λ, metrics dimension and receipts. */
  readonly id: string;
  /** File name under `src/destinations/`. */
  readonly type: string;
  readonly settings: unknown;
  /** Secrets Manager name; flat JSON object with the destination's credential fields. */
  readonly secretName: string;
  /** Rules by canonical name; see `event-rules.ts`. */
  readonly events: Readonly<Partial<Record<EventName, EventRule>>>;
  /** Rules for custom events by the source's own name. */
  readonly customEvents: Readonly<Record<string, EventRule>>;
  readonly testMode: boolean;
  /** The platform's own score of match quality is asked for, once a day; absent: it is not. */
  readonly readBackQuality?: true;
  /** How long a lane gathers a batch, seconds, 0 to 300. */
  readonly batchWindowSeconds: number;
  /** Most concurrent λs of the lane, 2 to 1000. */
  readonly maxConcurrency: number;
}

/** What holds for all lanes. */
export interface ResolvedConsent {
  /** First rule whose countries contain the event's country decides what an absent answer means; `*` matches all, `unknown` none. */
  readonly defaults: readonly {
    readonly countries: readonly string[];
    readonly purposes: Readonly<Record<ConsentPurpose, ConsentValue>>;
    /** Of a rule that takes silence for consent where the law does not. */
    readonly name?: string;
    readonly because?: string;
  }[];
  /** Believed about where visitors are; absent: no header is. */
  readonly geoHeaders?: GeoHeaders;
  /** True: GPC denies ad_user_data and ad_personalization whatever else was said. */
  readonly honourGpc: boolean;
  /** Segment/RudderStack consent category id → the purposes it stands for. */
  readonly categories: Readonly<Record<string, readonly ConsentPurpose[]>>;
}
