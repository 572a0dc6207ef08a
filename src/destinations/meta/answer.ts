import type { DestinationResponse } from "../../core/destination.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/durations.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isTransientStatus, jsonObject } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject, parseJson } from "../../core/safe-json.ts";

/** Credential broken or permission missing: nothing of this lane passes until a person acts. */
const UNAUTHORIZED = new Set([102, 190, 3, 10]);
/** The configured API version is retired. */
const VERSION_RETIRED = 2635;
const RATE_LIMITED = new Set([4, 17, 32, 613]);
/** Meta's own trouble; 21009 is a dataset that is not ready yet. */
const TRANSIENT = new Set([1, 2, 341, 5000, 21009]);
/** Blocked for a policy: may be lifted, so it is asked again, but rarely. */
const BLOCKED = 368;
const BLOCKED_WAIT_MS = HOUR_MS;
/** A parameter of some event is wrong; 34 and 38 are seen for click ids and values. */
const INVALID = new Set([100, 34, 38]);
/** Subcode of 100 for an object that the token may not see: the dataset id or its permission is wrong. */
const NO_ACCESS_SUBCODE = 33;

/**
 * What Meta's answer means for all events of the request: it takes a request whole or not at all. The error code
 * decides before the HTTP status, which Meta does not use consistently. Only an answer that counts every event as
 * received is a delivery.
 */
export function readAnswer(response: DestinationResponse, sent: number): Outcome {
  const body = jsonObject(response.body);
  if (isObject(body?.error)) return fromError(body.error, response);
  const { status } = response;
  if (status >= 200 && status < 300) return fromSuccess(body, sent);
  const reason = `HTTP ${status} without Meta's error object`;
  if (status === 401) return { kind: "unauthorized", reason };
  if (status === 413) return { kind: "rejected", reason: "HTTP 413: the request is too large" };
  // An edge answered in Meta's place: HTML, nothing, or a cut document says nothing about the events.
  return retryOutcome(reason, retryAfterMs(response));
}

function fromSuccess(body: Readonly<Record<string, unknown>> | undefined, sent: number): Outcome {
  const received = body?.events_received;
  if (received !== sent) {
    const count = typeof received === "number" ? `${received} of ${sent} events as received` : "no number of events";
    return retryOutcome(`Meta answered 200 with ${count}`);
  }
  const messages = Array.isArray(body?.messages) ? body.messages.filter((message) => typeof message === "string") : [];
  const trace = typeof body?.fbtrace_id === "string" ? [`fbtrace_id ${body.fbtrace_id}`] : [];
  const note = [...messages, ...trace].join("; ");
  return note === "" ? { kind: "delivered" } : { kind: "delivered", note };
}

function fromError(error: Readonly<Record<string, unknown>>, response: DestinationResponse): Outcome {
  const code = numberOf(error.code);
  const subcode = numberOf(error.error_subcode);
  const reason = describe(error, code, subcode);
  if (code !== undefined) {
    const known = fromCode(code, subcode, reason, response);
    if (known !== undefined) return known;
    // Meta's own word that an error passes counts more than a code that stands for many.
    if (INVALID.has(code) && error.is_transient !== true) return { kind: "rejected", reason };
  }
  if (error.is_transient === true || isTransientStatus(response.status)) {
    return retryOutcome(reason, retryAfterMs(response));
  }
  if (response.status === 401 || response.status === 403) return { kind: "unauthorized", reason };
  // An unknown error in a success or a redirect is not known to be final.
  return response.status >= 400 ? { kind: "rejected", reason } : retryOutcome(reason);
}

function fromCode(
  code: number,
  subcode: number | undefined,
  reason: string,
  response: DestinationResponse,
): Outcome | undefined {
  if (UNAUTHORIZED.has(code) || (code >= 200 && code <= 299) || code === VERSION_RETIRED) {
    return { kind: "unauthorized", reason };
  }
  if (code === 100 && subcode === NO_ACCESS_SUBCODE) return { kind: "unauthorized", reason };
  if (RATE_LIMITED.has(code) || (code >= 80_000 && code <= 80_014)) {
    return retryOutcome(reason, regainAccessMs(response) ?? retryAfterMs(response));
  }
  if (code === BLOCKED) return retryOutcome(reason, BLOCKED_WAIT_MS);
  if (TRANSIENT.has(code)) return retryOutcome(reason, retryAfterMs(response));
  return undefined;
}

/** Longest `estimated_time_to_regain_access` (minutes) of the usage header, in ms. */
function regainAccessMs(response: DestinationResponse): number | undefined {
  const parsed = parseJson(response.headers["x-business-use-case-usage"] ?? "");
  if (!parsed.ok || !isObject(parsed.value)) return undefined;
  const minutes = Object.values(parsed.value)
    .flat()
    .map((usage) => (isObject(usage) ? numberOf(usage.estimated_time_to_regain_access) : undefined))
    .filter((value) => value !== undefined && value > 0);
  return minutes.length === 0 ? undefined : Math.max(...(minutes as number[])) * MINUTE_MS;
}

function describe(error: Readonly<Record<string, unknown>>, code: number | undefined, subcode: number | undefined) {
  const id = [code ?? "unknown code", subcode].filter((part) => part !== undefined).join("/");
  const words = [error.message, error.error_user_title, error.error_user_msg].filter(
    (text) => typeof text === "string",
  );
  const trace = typeof error.fbtrace_id === "string" ? ` (fbtrace_id ${error.fbtrace_id})` : "";
  return `${id}: ${[...new Set(words)].join(": ") || "no message"}${trace}`;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
