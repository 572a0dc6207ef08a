/** Id of a platform that the sandbox stands in for: equal to the id of the destination that delivers to it. */
export type Platform = string;

/** One platform: who it is, what it takes, and how it fails. One file each under `platforms/`, listed in `platforms.ts`. */
export interface SandboxPlatform {
  readonly id: Platform;
  /** Host names in lower case, or a test where each account has its own (`*.braze.com`). */
  readonly hosts: readonly string[] | ((host: string) => boolean);
  /** Which paths are its own, where several platforms share a host; absent means all. */
  readonly paths?: (path: string) => boolean;
  /** How long it drops second copies of a `dedup_key`; 0 when it never does. */
  readonly dedupWindowMs: number;
  /** Whether one `dedup_key` stands for one event whatever its name; else only within one event name. */
  readonly dedupAcrossNames?: boolean;
  /** The answer to a request and the verdict on each of its events. Pure: `now` is epoch ms. */
  judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement;
  /** The answer for a scripted status, in the platform's own error shape. */
  failure(status: number): PlatformAnswer;
}

/** How to judge beyond the platform's rules. */
export interface JudgeOptions {
  /** Refuse fields that the platform's documents do not name (real ones ignore most of them). */
  readonly strict: boolean;
  /** Event ids to refuse although nothing is wrong with them, in the platform's own shape. */
  readonly rejectEventIds: readonly string[];
  /** Whether an OAuth access token is good now; see `token-endpoints.ts`. */
  readonly isLiveToken: (token: string, now: number) => boolean;
  /** Signing secrets registered for this host and path (two during a rotation); none means that only the form is checked. */
  readonly secrets: readonly string[];
}

/** Options with everything strict, nothing scripted and every token good, for whoever judges without a server. */
export function judgeOptions(changes: Partial<JudgeOptions> = {}): JudgeOptions {
  return { strict: true, rejectEventIds: [], isLiveToken: () => true, secrets: [], ...changes };
}

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
  /** Dataset, measurement id, or host and path of a webhook: ids of two targets never collide. */
  readonly target: string;
  readonly answer: PlatformAnswer;
  readonly events: readonly JudgedEvent[];
  /** True for validation servers and test modes: nothing is counted. */
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

/** An event as judges found it: `name`, `id` and `dedupKey` are whatever the request held there, text or not. */
export function judgedEvent(found: {
  readonly name: unknown;
  readonly id: unknown;
  /** The id unless the platform drops copies by something else; null when it drops none. */
  readonly dedupKey?: unknown;
  readonly problems: readonly string[];
  readonly taken: boolean;
  readonly event: unknown;
}): JudgedEvent {
  const { name, id, dedupKey = id, problems, taken, event } = found;
  return {
    event_name: typeof name === "string" && name !== "" ? name : "(unreadable)",
    ...(typeof id === "string" ? { event_id: id } : {}),
    ...(typeof dedupKey === "string" ? { dedup_key: dedupKey } : {}),
    problems,
    taken,
    event,
  };
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
