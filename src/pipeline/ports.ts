import type {
  ClaimResult,
  CopyView,
  DeliveryRecord,
  EventStory,
  LaneCopy,
  LaterCopy,
  QuarantinedEvent,
} from "../core/delivery-record.ts";
import type { DestinationRequest, DestinationResponse } from "../core/destination.ts";
import type { EventKey } from "../core/event-key.ts";
import type { MetricName } from "../core/metric-names.ts";

/** Time, passed in so that nothing inside reads a clock. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Identifiers and jitter, passed in for the same reason. */
export interface Random {
  /** A UUIDv7 of this moment. */
  uuid(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}

/** One message for `events.fifo`. `groupId`: those of one group are handed out in order, one batch at a time. */
export interface FifoMessage {
  body: string;
  groupId: string;
  deduplicationId: string;
}

/** What became of one message of a send; `reason` is the queue's code. */
export type SendResult = { sent: true; messageId: string } | { sent: false; reason: string };

/** The events queue. Splits by count and bytes, retries what failed, and answers per message, in order. Never throws for the queue's refusals. */
export interface EventQueue {
  /** `deadline` (epoch ms) ends the trying: what is not on the queue by then counts as not sent. */
  send(messages: readonly FifoMessage[], deadline?: number): Promise<SendResult[]>;
}

/** `group` is who must not delay the others at the lane: the source's id, or `REPLAY_GROUP`. It orders nothing and drops nothing. */
export interface LaneQueueMessage {
  body: string;
  group: string;
  /** Nobody gets it before that, 0 to 900. */
  delaySeconds?: number;
}

/** The lanes' queues, seen from enrich. Same contract as `EventQueue`. */
export interface LaneQueues {
  send(lane: string, messages: readonly LaneQueueMessage[]): Promise<SendResult[]>;
}

/** One lane's queue, seen from its own λ. */
export interface OwnLaneQueue {
  /** Hides messages for this many seconds (0 to 43,200) from now; failures are tolerated: they come back sooner. */
  postpone(entries: readonly { receiptHandle: string; seconds: number }[]): Promise<void>;
  /** Puts bodies on the DLQ with the reason as a message attribute. Throws when the DLQ does not have them all. */
  deadLetter(entries: readonly { body: string; reason: string }[]): Promise<void>;
}

/** A record that is to be written, and what was read in its place. */
export interface AttemptClaim {
  readonly record: DeliveryRecord;
  readonly previous: DeliveryRecord | undefined;
}

/** `failed`: the store did not answer, with the error's class; the record may be written or not. */
export type AttemptClaimResult = { result: "won" } | { result: "lost" } | { result: "failed"; error: string };

/** Claims, receipts, quarantine. See `delivery-record.ts` for the shapes. */
export interface DeliveryStore {
  /** One write: the first copy becomes the owner and its story stays. Copies are counted up to a bound. */
  claim(key: EventKey, copyId: string, story: EventStory): Promise<ClaimResult>;
  /**
   * Keeps what a later copy of a waiting event brings, one of each source, and answers the copy that is kept: for a
   * redelivery what it wrote before. One write.
   */
  addCopy(key: EventKey, copy: LaterCopy, views: readonly CopyView[]): Promise<LaterCopy>;
  /**
   * What later copies of these events bring for one lane, in order of the events, oldest first. Consistent: a copy that
   * was kept before is in the answer. Batched.
   */
  readCopies(lane: string, keys: readonly EventKey[]): Promise<LaneCopy[][]>;
  /**
   * Records of these events in one lane, in order; undefined where there is none. Batched. Consistent unless
   * `mayBeStale`, which costs half and may miss what was written within the last second.
   */
  readRecords(
    lane: string,
    keys: readonly EventKey[],
    options?: { mayBeStale?: boolean },
  ): Promise<(DeliveryRecord | undefined)[]>;
  /**
   * Writes records. A stored `delivered` is never replaced by another state, and `rejected` and `skipped` by none but
   * `delivered`: of two workers with one message, the one without an answer must not undo what the other one found out.
   */
  writeRecords(records: readonly DeliveryRecord[]): Promise<void>;
  /**
   * Writes each record if the stored one is still `previous`, and answers in order what came of it: of many who read
   * the same, one wins. For marks of attempts, and for what else must not undo one. A write whose answer was lost may be told as lost to the one who made it.
   */
  claimAttempts(claims: readonly AttemptClaim[]): Promise<AttemptClaimResult[]>;
  quarantine(entry: QuarantinedEvent): Promise<void>;
  /**
   * Takes out of the claim of this event whose it was, and what the copy of this source brought; nothing where there is
   * neither. The claim stays.
   */
  forget(key: EventKey, source: string): Promise<void>;
}

/** Sends one request. Throws `SendError` when there is no answer. */
export interface HttpSender {
  send(request: DestinationRequest, options: { timeoutMs: number }): Promise<DestinationResponse>;
}

/** No answer from the platform. `refused_address` is our own refusal of a private or metadata address. */
export class SendError extends Error {
  readonly code: "timeout" | "connection" | "refused_address";
  constructor(code: SendError["code"], message: string) {
    super(message);
    this.name = "SendError";
    this.code = code;
  }
}

/** Secrets by name, cached. Throws `SecretError` when a secret is missing or not a flat JSON object of strings. */
export interface Secrets {
  get(name: string): Promise<Readonly<Record<string, string>>>;
}

/** Only a person can help: the secret is missing, or holds something else than it should. */
export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SecretError";
  }
}

/** Metrics gathered in one invocation and flushed once at its end. */
export interface Metrics {
  add(name: MetricName, value: number, dimensions?: Readonly<Record<string, string>>): void;
  /** Writes what was gathered and forgets it. */
  flush(): void;
}

/** Structured log: an allow-list of fields, never whole objects, never personal data. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  error(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  /** One step of one event's way. Written for a share of the events, and for those in whole. */
  step(step: EventStep): void;
}

/** A line of an event's way through the pipeline. */
interface EventStep {
  /** What happened: `claimed`, `duplicate`, or a delivery state. */
  readonly step: string;
  /** As `loggableId` gives it. */
  readonly event_id: string;
  readonly event_name: string;
  readonly lane?: string;
  readonly detail?: string;
}
