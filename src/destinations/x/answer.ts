import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isAddressRefusal, isTransientStatus, jsonObject, statusOutcome, wordOf } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Token, permission, pixel or event id: a matter of the settings, which no event can mend.
 * Source: https://docs.x.com/x-ads-api/fundamentals/error-codes-and-responses
 */
const CONFIGURATION: ReadonlySet<unknown> = new Set([
  "UNAUTHORIZED_ACCESS",
  "UNAUTHORIZED_CLIENT_APPLICATION",
  "ACCOUNT_NOT_FOUND",
  "ACTION_NOT_ALLOWED",
  "WEB_EVENT_TAG_NOT_FOUND",
]);

/** X's own trouble, or too many requests, whatever the status. */
const TRANSIENT: ReadonlySet<unknown> = new Set([
  "TOO_MANY_REQUESTS",
  "OVER_CAPACITY",
  "SERVICE_UNAVAILABLE",
  "INTERNAL_ERROR",
]);

const INVALID: ReadonlySet<unknown> = new Set(["INVALID_PARAMETER", "MISSING_PARAMETER", "INVALID"]);

/**
 * What X's answer means for all events of the request: it takes all of them or none, and names the errors without their
 * places. Only a 200 that counts every one of them as processed is a delivery; with errors in it, it is none.
 * Source: https://developer.x.com/en/docs/x-ads-api/measurement/web-conversions/troubleshooting
 */
export function readAnswer(response: DestinationResponse, sent: number): Outcome {
  const { status } = response;
  const body = jsonObject(response.body);
  const errors = Array.isArray(body?.errors) ? body.errors.filter(isObject) : [];
  if (errors.length > 0) return fromErrors(errors, response);
  if (status >= 200 && status < 300) return fromSuccess(body, status, sent);
  return isTransientStatus(status) ? retryOutcome(`HTTP ${status}`, waitMs(response)) : statusOutcome(response);
}

function fromSuccess(body: Fields | undefined, status: number, sent: number): Outcome {
  const data = isObject(body?.data) ? body.data : {};
  const { conversions_processed: processed, debug_id: id } = data;
  if (processed !== sent) {
    const isPart = typeof processed === "number" && processed > 0 && processed < sent;
    const count = typeof processed === "number" ? `${processed} of ${sent} conversions` : "no number of conversions";
    const reason = `X answered ${status} with ${count} processed`;
    // Nobody is named: halved until the others stand without whatever was not taken, which alone is never `rejected`.
    return isPart ? { kind: "rejected", reason } : retryOutcome(reason);
  }
  return typeof id === "string" && id !== "" ? { kind: "delivered", note: `debug_id ${id}` } : { kind: "delivered" };
}

function fromErrors(errors: readonly Fields[], response: DestinationResponse): Outcome {
  const { status } = response;
  const reason = errors.slice(0, 3).map(describe).join("; ");
  const any = (codes: ReadonlySet<unknown>) => errors.some(({ code }) => codes.has(code));
  // What only waiting mends goes first.
  if (any(TRANSIENT) || isTransientStatus(status)) return retryOutcome(reason, waitMs(response));
  if (
    any(CONFIGURATION) ||
    errors.some(isOfEventId) ||
    status === 401 ||
    status === 403 ||
    isAddressRefusal(response)
  ) {
    return { kind: "unauthorized", reason };
  }
  if (any(INVALID)) return { kind: "rejected", reason };
  // An unknown error in a success or a redirect is not known to be final.
  return status >= 400 && status !== 423 ? { kind: "rejected", reason } : retryOutcome(reason);
}

/**
 * All events of a request have the event id of the settings: one that is unknown or no single-event tag is nobody's own
 * fault. X names it as parameter, or only in its words: "Event_id (o87ne) is not a single event tag (SET)".
 */
function isOfEventId({ code, message, parameter }: Fields): boolean {
  if (!INVALID.has(code)) return false;
  return typeof parameter === "string" ? /(?:^|\W)event_id$/.test(parameter) : OF_EVENT_ID.test(wordOf(message));
}

const OF_EVENT_ID = /^event[ _]id\b/i;

function describe({ code, message, parameter }: Fields): string {
  const id = [code, parameter].filter((part) => typeof part === "string" && part !== "").join(" ");
  return `${id || "unknown code"}: ${typeof message === "string" && message !== "" ? message : "no message"}`;
}

/**
 * `Retry-After`, else until the window of `x-rate-limit-reset` (epoch seconds) ends, by the answer's own clock.
 * Source: https://docs.x.com/x-ads-api/fundamentals/rate-limiting
 */
function waitMs(response: DestinationResponse): number | undefined {
  const asked = retryAfterMs(response);
  if (asked !== undefined) return asked;
  const reset = response.headers["x-rate-limit-reset"] ?? response.headers["x-account-rate-limit-reset"] ?? "";
  const wait = /^\d{9,11}$/.test(reset) ? Number(reset) * 1000 - Date.parse(response.headers.date ?? "") : Number.NaN;
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}
