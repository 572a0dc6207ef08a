import type { ConsentPurpose } from "../core/consent.ts";
import type { PartialBehaviour } from "../core/consent-behaviour.ts";
import type { LaneConsentRules } from "../core/consent-firewall.ts";
import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { CanonicalEvent, EventKey } from "../core/event.ts";
import type { LaneEventRules } from "../core/event-rules.ts";
import type { Outcome } from "../core/outcome.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import type { Deadline, RetryPolicy } from "../core/retry.ts";
import { nestsTooDeep } from "../core/safe-json.ts";
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

/** A parsed message, or why it can never be one. */
export type ParsedMessage = { ok: true; body: LaneMessage } | { ok: false; reason: string };

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

/** Reads a message body. Only what this code relies on is checked: enrich validated the event itself. */
export function parseLaneMessage(text: string, lane: string): ParsedMessage {
  let body: Partial<LaneMessage> | null;
  try {
    body = JSON.parse(text);
  } catch {
    return { ok: false, reason: "not JSON" };
  }
  if (typeof body !== "object" || body === null) return { ok: false, reason: "not an object" };
  if (nestsTooDeep(text)) return { ok: false, reason: "nested too deep" };
  if (body.v !== 1) return { ok: false, reason: `unknown message version ${JSON.stringify(body.v)?.slice(0, 20)}` };
  if (body.lane !== lane) return { ok: false, reason: "meant for another lane" };
  if (typeof body.enqueued_at !== "number") return { ok: false, reason: "enqueued_at is not a number" };
  const problem = eventProblem(body.event);
  return problem === undefined ? { ok: true, body: body as LaneMessage } : { ok: false, reason: problem };
}

/** The body of an event that is given up, with the mark by which a lane knows it when it is redriven. */
export function deadLetterBody(text: string, at: number): string {
  const body = JSON.parse(text) as LaneMessage;
  return JSON.stringify({ ...body, dead_lettered_at: at } satisfies LaneMessage);
}

function eventProblem(event: Partial<CanonicalEvent> | undefined): string | undefined {
  if (typeof event !== "object" || event === null) return "event is not an object";
  if (event.schema_version !== 1) return `unknown event version ${JSON.stringify(event.schema_version)?.slice(0, 20)}`;
  for (const field of ["event_id", "event_name"] as const) {
    if (typeof event[field] !== "string" || event[field] === "") return `event.${field} is not a text`;
  }
  for (const field of ["event_time", "received_at"] as const) {
    if (!Number.isFinite(event[field])) return `event.${field} is not a number`;
  }
  if (typeof event.source?.dedup_scope !== "string") return "event.source.dedup_scope is not a text";
  return typeof event.user === "object" && event.user !== null ? undefined : "event.user is not an object";
}
