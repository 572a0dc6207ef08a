import type { ResolvedConfig, ResolvedSource } from "../config/resolved-config.ts";
import type { Clock, EventQueue, Log, Metrics, Random } from "./ports.ts";
import type { SourceRates } from "./source-rates.ts";

/** One HTTP request, free of any gateway's shape. */
export interface IngestRequest {
  method: string;
  /** Percent-encoded path without the query. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** `name=value` pairs of the `Cookie` header. */
  cookies: readonly string[];
  /** As it came over the wire, still compressed. */
  body: Uint8Array;
  /** Address of the connection. */
  ip: string;
  requestId: string;
  /** Epoch ms by which the answer has to be ready; the function is stopped soon after. */
  deadline?: number;
}

/** The answer. `base64` says that `body` is binary in base64. CORS headers belong to the gateway. */
export interface IngestResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
  base64?: true;
}

/** Which source a key belongs to. */
export interface SourceKeys {
  /** The source with this key, or undefined. Throws `SecretError` when a source's key could not be read and no other matched. */
  find(key: string): Promise<ResolvedSource | undefined>;
}

/** Everything that answering a request needs from outside. */
export interface IngestDependencies {
  config: Pick<ResolvedConfig, "consent" | "destinations">;
  keys: SourceKeys;
  queue: EventQueue;
  /** Absent where no source has a limit. */
  rates?: SourceRates;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  log: Log;
}

/** Tells a sender when to come back; whole seconds, because no SDK reads a date there. */
export const RETRY_AFTER = { "retry-after": "5" };

/** A JSON answer. */
export function answer(status: number, body: object, headers: Record<string, string> = {}): IngestResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** An error answer: a code for programs and a sentence for people. */
export function failure(status: number, code: string, message: string, request: IngestRequest): IngestResponse {
  const retry = status === 503 ? RETRY_AFTER : undefined;
  return answer(status, { success: false, error: code, message, request_id: request.requestId }, retry);
}

/** The answer to a source that is over its rate limit. Segment's browser SDK reads its own header, all others the standard one. */
export function throttled(seconds: number, { requestId }: IngestRequest): IngestResponse {
  const message = "this source is over its rate limit: send the request again later";
  const body = { success: false, error: "rate_limited", message, request_id: requestId };
  return answer(429, body, { "retry-after": String(seconds), "x-ratelimit-reset": String(seconds) });
}
