import type { EventName } from "../core/event.ts";
import type { ConsentConfig } from "./consent-options.ts";
import type { DestinationConfigs } from "./lane-options.ts";
import type { SensitiveDataConfig } from "./sensitive-data-options.ts";
import type { SourceConfig } from "./source-options.ts";

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

/** Types the user's configuration and returns it as it is; `resolveConfig` checks it. */
export function defineConfig(config: TracklayerConfig): TracklayerConfig {
  return config;
}
