import type { DestinationResponse } from "../../core/destination.ts";
import { HOUR_MS } from "../../core/durations.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isTransientStatus, jsonObject, statusOutcome, wordOf } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";
import { googleClick } from "./click.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reasons that speak of the account, its terms or the conversion action: no event passes until a person acts.
 * Source: https://developers.google.com/data-manager/api/reference/rest/v1/ErrorReason
 */
const CONFIGURATION: ReadonlySet<string> = new Set([
  "PERMISSION_DENIED",
  "INVALID_DESTINATION",
  "TERMS_AND_CONDITIONS_NOT_SIGNED",
  "INVALID_CONVERSION_ACTION_ID",
  "INVALID_CONVERSION_ACTION_TYPE",
  "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
  "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS",
  "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED",
  "DESTINATION_ACCOUNT_TYPE_MISMATCH",
  "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH",
  "MISMATCHED_ACCOUNT_TYPE",
  "INVALID_CLIENT_ACCOUNT_ID",
  "NOT_ALLOWLISTED",
  "ADVERTISER_TOS_NOT_ACCEPTED",
  "EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED",
  "ACCOUNT_INELIGIBLE_FOR_STORE_SALES",
  "INVALID_MERCHANT_ID",
  "INVALID_MERCHANT_FEED_LANGUAGE_CODE",
  "SERVICE_DISABLED",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
]);

/** Google's own trouble, whatever the status; the canonical codes that its API design guide calls retryable. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "INTERNAL",
  "INTERNAL_ERROR",
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "ABORTED",
  "CANCELLED",
  "RESOURCE_EXHAUSTED",
  "RATE_LIMIT_EXCEEDED",
]);

/** A new conversion action takes events after four to six hours. */
const NOT_YET = "CONVERSION_ACTION_TOO_RECENTLY_CREATED";
const NOT_YET_WAIT_MS = 6 * HOUR_MS;
/** A day's quota comes back at midnight, Pacific time; asking more often would only tell us so more often. */
const DAY_QUOTA_WAIT_MS = HOUR_MS;

interface Violation {
  /** Place of the event in the request; absent when the violation is not one of an event. */
  readonly row: number | undefined;
  readonly field: string;
  readonly reason: string;
  readonly words: string;
}

/** What Google's answer means for each event. It takes a request whole or not at all, and names the guilty rows. */
export function readAnswer(response: DestinationResponse, events: readonly CanonicalEvent[]): readonly Outcome[] {
  const body = jsonObject(response.body);
  if (isObject(body?.error)) return fromError(body.error, response, events);
  const { status } = response;
  if (status >= 200 && status < 300) return fromSuccess(body, status, events.length);
  const outcome = wordlessOutcome(response);
  return events.map(() => outcome);
}

/** Without Google's own words an answer is one of its edges, which know the address and nothing of the events. */
function wordlessOutcome(response: DestinationResponse): Outcome {
  if (response.status === 404) return unauthorized("HTTP 404: no such service or account");
  return response.status === 400 ? retryOutcome("HTTP 400", retryAfterMs(response)) : statusOutcome(response);
}

// Without a request id nobody took the events: that is the receipt which Google's diagnostics are asked with.
function fromSuccess(body: Fields | undefined, status: number, count: number): Outcome[] {
  const id = body?.requestId;
  if (typeof id !== "string" || id === "") {
    return Array.from({ length: count }, () => retryOutcome(`HTTP ${status} without a request id`));
  }
  const warnings = listOf(body?.fieldWarnings).map(violationOf);
  return Array.from({ length: count }, (_, index) => {
    const own = warnings.filter(({ row }) => row === undefined || row === index);
    return { kind: "delivered", note: [`request id ${id}`, ...own.map(({ words }) => words)].join("; ") };
  });
}

function fromError(error: Fields, response: DestinationResponse, events: readonly CanonicalEvent[]): Outcome[] {
  const details = listOf(error.details);
  const violations = details.flatMap(({ fieldViolations }) => listOf(fieldViolations)).map(violationOf);
  const stated = [error.status, ...details.map(({ reason }) => reason)].filter((text) => typeof text === "string");
  const words = describe(error, details, violations);
  const answer: Stated = { stated, details, violations, words };
  const whole = wholeOutcome(response, answer);
  if (whole !== undefined) return events.map(() => whole);
  return (
    unknownResource(answer, events) ??
    blamedRows(events.length, reasonsByRow(violations, requestIdOf(details))) ??
    events.map(() => ({ kind: "rejected", reason: words }))
  );
}

interface Stated {
  readonly stated: readonly string[];
  readonly details: readonly Fields[];
  readonly violations: readonly Violation[];
  readonly words: string;
}

/** The outcome when it is the same for all events: anything but events that are wrong in themselves. */
function wholeOutcome(response: DestinationResponse, answer: Stated): Outcome | undefined {
  const { status } = response;
  const { stated, details, violations, words } = answer;
  const reasons = [...stated, ...violations.map(({ reason }) => reason)];
  // What only retrying mends goes first: a quota is also told with a 403.
  if (isTransientStatus(status) || reasons.some((reason) => TRANSIENT.has(reason))) {
    return retryOutcome(words, retryAfterMs(response) ?? retryDelayMs(details) ?? quotaWaitMs(details));
  }
  if (status === 401 || status === 403 || status === 404 || reasons.some((reason) => CONFIGURATION.has(reason))) {
    return unauthorized(words);
  }
  if (reasons.includes(NOT_YET)) return retryOutcome(words, NOT_YET_WAIT_MS);
  if (violations.some(isOfTheAction)) return unauthorized(words);
  // The canonical code for "not until somebody has changed something"; of an event only where it is named.
  if (stated.includes("FAILED_PRECONDITION") && violations.every(({ row }) => row === undefined)) {
    return unauthorized(words);
  }
  // An unknown error in a success or a redirect is not known to be final.
  return status < 400 ? retryOutcome(words) : undefined;
}

/** Reasons at the reference to the action that are yet of the event: of its click id, and of where it happened. */
const OF_THE_EVENT: ReadonlySet<string> = new Set(["NOT_FOUND", "EVENT_SOURCE_AND_DESTINATION_MISMATCH"]);

/** The account or the action, which are the settings' and not the events', whatever is wrong with them. */
function isOfTheAction({ row, field, reason }: Violation): boolean {
  if (row === undefined) return field.startsWith("destinations");
  return /destination_?references/i.test(field) && !OF_THE_EVENT.has(reason);
}

/**
 * `NOT_FOUND` at an event: seen both for a conversion action that does not exist and for a click id that Google cannot
 * make out. With neighbours that pass it is the click's fault. Alone, an event with a click id is asked again some hours
 * later, and is left to a person in the end: one visitor with a made-up click id must not stop the lane.
 */
function unknownResource(
  { stated, violations, words }: Stated,
  events: readonly CanonicalEvent[],
): Outcome[] | undefined {
  const rows = new Set(violations.filter(({ reason }) => reason === "NOT_FOUND").map(({ row }) => row));
  const isOfAll = violations.length === 0 ? stated.includes("NOT_FOUND") : events.every((_, index) => rows.has(index));
  if (!isOfAll) return undefined;
  const [first] = events;
  const mayBeClick = events.length === 1 && first !== undefined && googleClick(first) !== undefined;
  return events.map(() => (mayBeClick ? retryOutcome(words, NOT_YET_WAIT_MS) : unauthorized(words)));
}

function reasonsByRow(violations: readonly Violation[], requestId: string | undefined): ReadonlyMap<number, string> {
  const suffix = requestId === undefined ? "" : ` (request id ${requestId})`;
  const byRow = Map.groupBy(violations, ({ row }) => row);
  return new Map(
    [...byRow].flatMap(([row, own]) =>
      row === undefined ? [] : [[row, `${own.map(({ words }) => words).join("; ")}${suffix}`] as const],
    ),
  );
}

/** As in `events.events[3].user_data.user_identifiers[0].email_address`; the first part is the list's own message. */
const ROW = /^(?:events\.)?events\[(\d+)\]/;

function violationOf({ field, reason, description }: Fields): Violation {
  const path = typeof field === "string" ? field : "";
  const row = ROW.exec(path)?.[1];
  const parts = [path, reason, description].filter((text) => typeof text === "string" && text !== "");
  return {
    row: row === undefined ? undefined : Number(row),
    field: path,
    reason: typeof reason === "string" ? reason : "",
    words: parts.join(": "),
  };
}

function describe(error: Fields, details: readonly Fields[], violations: readonly Violation[]): string {
  const reason = details.find((detail) => typeof detail.reason === "string")?.reason;
  const head = [error.status, reason === error.status ? undefined : reason, error.message];
  const said = [...head, ...violations.slice(0, 3).map(({ words }) => words)];
  const words = said.filter((text) => typeof text === "string" && text !== "").join(": ");
  const id = requestIdOf(details);
  return `${words || "an error without a reason"}${id === undefined ? "" : ` (request id ${id})`}`;
}

function requestIdOf(details: readonly Fields[]): string | undefined {
  const id = details.find(({ requestId }) => typeof requestId === "string")?.requestId;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** `RetryInfo`, as in `"30s"`. */
function retryDelayMs(details: readonly Fields[]): number | undefined {
  const delay = details.find(({ retryDelay }) => typeof retryDelay === "string")?.retryDelay;
  const seconds = /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(wordOf(delay))?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

function quotaWaitMs(details: readonly Fields[]): number | undefined {
  const limits = details.map(({ metadata }) => (isObject(metadata) ? metadata.quota_limit : undefined));
  return limits.some((limit) => typeof limit === "string" && /day/i.test(limit)) ? DAY_QUOTA_WAIT_MS : undefined;
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function unauthorized(reason: string): Outcome {
  return { kind: "unauthorized", reason };
}
