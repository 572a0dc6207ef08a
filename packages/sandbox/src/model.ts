/** The platforms that the sandbox stands in for; every host it does not know is somebody's webhook receiver. */
export const PLATFORMS = ["meta", "ga4", "webhook"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** One HTTP request as a platform sees it. Header names are lower case. */
export interface PlatformRequest {
  readonly method: string;
  /** Public host name, lower case, without port. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What goes back over the wire. */
export interface PlatformAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One event found in a request, with everything that is wrong with it. */
export interface JudgedEvent {
  readonly event_name: string;
  readonly event_id?: string;
  /** What the platform drops second copies by, within one target and event name; absent when it cannot. */
  readonly dedup_key?: string;
  readonly problems: readonly string[];
  /** False when the platform does not take it: its own problems, or a neighbour's where one bad event fails all. */
  readonly taken: boolean;
  readonly event: unknown;
}

/** A platform's view of one request: the answer it gives and the verdict on each event. */
export interface Judgement {
  readonly platform: Platform;
  /** Dataset, measurement id, or host and path of a webhook. */
  readonly target: string;
  readonly answer: PlatformAnswer;
  readonly events: readonly JudgedEvent[];
  /** True for validation servers: nothing is counted. */
  readonly dryRun?: boolean;
}

/**
 * What became of one event.
 *
 * - `counted`: a new conversion
 * - `duplicate`: taken, and dropped as a second copy
 * - `refused`: breaks the contract, or fell with a neighbour that does
 * - `failed`: a scripted failure came first; the platform never looked at it
 * - `validated`: seen by a validation server only
 */
export type Verdict = "counted" | "duplicate" | "refused" | "failed" | "validated";

/** One event as the sandbox keeps it for tests and for the person watching. */
export interface ReceivedEvent {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly platform: Platform;
  readonly host: string;
  readonly target: string;
  readonly event_name: string;
  readonly event_id?: string;
  readonly verdict: Verdict;
  /** False when the event breaks the contract, whatever the platform answered. */
  readonly valid: boolean;
  readonly problems: readonly string[];
  /** Status that the sender got; 0 for a reset connection. */
  readonly status: number;
  readonly event: unknown;
}

/** A JSON answer with the headers that JSON answers have. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): PlatformAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=UTF-8", ...headers },
    body: JSON.stringify(body),
  };
}
