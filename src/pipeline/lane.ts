import type { ConsentPurpose } from "../core/consent.ts";
import type { PartialBehaviour } from "../core/consent-behaviour.ts";
import type { LaneConsentRules } from "../core/consent-firewall.ts";
import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { EventKey } from "../core/event-key.ts";
import type { LaneEventRules } from "../core/event-rules.ts";
import type { Outcome } from "../core/outcome.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import type { Deadline, RetryPolicy } from "../core/retry.ts";
import type { AccessTokens } from "./access-token.ts";
import type { Erasures } from "./erasures.ts";
import type { IdentityStore } from "./identity.ts";
import type { LaneBreaker } from "./lane-breaker.ts";
import type { Clock, DeliveryStore, HttpSender, Log, Metrics, OwnLaneQueue, Random } from "./ports.ts";

/** A message as a lane's λ gets it from SQS. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often SQS handed it out, this time included. It never decides over an event: receives are not attempts. */
  readonly receiveCount: number;
  /** When it was put on the queue, epoch ms: from then on SQS keeps it for 14 days. A redriven message is a new one. */
  readonly sentAt: number;
  /** When SQS first handed it out, epoch ms. */
  readonly firstReceivedAt: number;
}

/** A message that is an event of this lane. */
export interface ReadMessage {
  readonly message: ReceivedMessage;
  readonly body: LaneMessage;
  readonly key: EventKey;
  /** Purposes that the person refused after the event happened. */
  readonly takenBack?: ReadonlySet<ConsentPurpose>;
  /** Its person was erased after it came. */
  readonly isErased?: true;
  /** Present for an event that waited for its other copy, with what the copies are together as its body. */
  readonly merged?: MergedCopies;
}

/** What the configuration says about one lane. */
export interface LaneSettings extends LaneEventRules, LaneConsentRules {
  readonly id: string;
  readonly settings: unknown;
  readonly secretName: string;
  readonly testMode: boolean;
  readonly retryWindowMs: number;
  /** False: Global Privacy Control refuses nothing. */
  readonly honourGpc?: boolean;
  readonly defaultCountry?: string;
}

/** The lane's secret. Both throw `SecretError` when only a person can help, and anything else when time can. */
export interface LaneCredentials {
  get(name: string): Promise<Readonly<Record<string, string>>>;
  /** Past every cache: for when the platform refuses what `get` gave. */
  refresh(name: string): Promise<Readonly<Record<string, string>>>;
}

/** Everything that delivering a batch needs from outside. */
export interface DeliverDeps {
  readonly lane: LaneSettings;
  readonly store: Pick<DeliveryStore, "readRecords" | "readCopies" | "writeRecords" | "claimAttempts">;
  /** Who is asked what they refused since, for events that waited. Absent where none can have: in a test of a lane. */
  readonly identities?: Pick<IdentityStore, "readPersons">;
  /** Who was erased since; lives as long as the container. Absent where nobody can have been: in a test of a lane. */
  readonly erasures?: Erasures;
  readonly queue: OwnLaneQueue;
  readonly http: HttpSender;
  readonly credentials: LaneCredentials;
  /** Lives as long as the container; undefined only for a destination without `tokenRequest`. */
  readonly accessTokens: AccessTokens | undefined;
  /** Lives as long as the container. Absent where nothing may stop the lane: in a test of it. */
  readonly breaker?: LaneBreaker;
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "fraction">;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Time that this invocation has left, ms. */
  readonly remainingMs: () => number;
  /** Requests under way at once; 4 unless told. */
  readonly concurrentRequests?: number;
  readonly retryPolicy?: RetryPolicy;
}

/** What became of an event's wait for its other copy. */
export interface MergedCopies {
  /** Sources whose copies were taken in, oldest first; none when it goes alone. */
  readonly sources: readonly string[];
  /** Sources of those that brought nothing to send. A copy of neither came after the lane had asked. */
  readonly heard: readonly string[];
  /** Match quality of what goes out; absent where the platform matches nobody. */
  readonly score?: number;
  /** Purposes that nobody answered in any copy, so that a default stands. */
  readonly unanswered: readonly ConsentPurpose[];
  /** Purposes that only a later copy refused. */
  readonly refused: readonly ConsentPurpose[];
}

/** One event of the batch on its way: its message, and what was known about it before. */
export interface LaneItem {
  readonly message: ReceivedMessage;
  readonly deadline: Deadline;
  readonly event: CanonicalEvent;
  readonly key: EventKey;
  readonly record: DeliveryRecord | undefined;
  /** Given up once, and put back on the lane by a person. */
  readonly redriven: boolean;
  /** Id of the replay that put it on the lane. */
  readonly replay?: string;
  /** Present for an event that waited for its other copy. */
  readonly merged?: MergedCopies;
  /** Consent lets the platform have only this much of it; absent: all. */
  readonly behaviour?: PartialBehaviour;
  /** Events share a request only within one group: the destination's `batchKey`. */
  readonly group: string;
}

/** What one exchange with the platform came to. `status` is absent when there was no answer. */
export interface Exchange {
  readonly at: number;
  readonly tookMs: number;
  readonly batch: number;
  readonly status?: number;
}

/** What happens to one item next. `exchange` is absent when nothing was sent. */
export interface Verdict {
  readonly item: LaneItem;
  readonly outcome: Outcome;
  readonly exchange?: Exchange;
}
