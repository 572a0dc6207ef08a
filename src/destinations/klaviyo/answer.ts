import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

/** The key is wrong or lacks `events:write`. Source: the error codes of Klaviyo's API reference. */
const UNAUTHORIZED = new Set(["not_authenticated", "authentication_failed", "permission_denied"]);
const THROTTLED = "throttled";

/** One error object of JSON:API. */
interface KlaviyoError {
  readonly code: string;
  readonly text: string;
  readonly pointer: string;
}

/**
 * What Klaviyo's answer means for the event of the request. 202 without a body says that it is valid and will be
 * processed; any other success is not documented. What a refusal means is in its JSON:API errors; without them it was
 * not Klaviyo's API that answered.
 */
export function readAnswer(response: DestinationResponse): Outcome {
  const { status } = response;
  const errors = errorsIn(response.body);
  if (status >= 200 && status < 300) return fromSuccess(response, errors);
  if (errors.length === 0) return fromEdge(response);
  const words = errors.map(describe).join("; ");
  if (status === 410 || errors.some(isAboutRevision)) {
    return { kind: "unauthorized", reason: `HTTP ${status}: set a revision that Klaviyo serves: ${words}` };
  }
  if (errors.some(({ code }) => UNAUTHORIZED.has(code))) {
    return { kind: "unauthorized", reason: `HTTP ${status}: ${words}` };
  }
  if (errors.some(({ code }) => code === THROTTLED)) {
    return retryOutcome(`HTTP ${status}: ${words}`, retryAfterMs(response));
  }
  // Everything that an event says is in its body: an address that is not there is one of another revision.
  if (status === 404) {
    return { kind: "unauthorized", reason: `HTTP 404: is revision one that Klaviyo still serves? ${words}` };
  }
  if (status >= 400 && status < 500 && errors.every(isRepeated))
    return { kind: "delivered", note: `Klaviyo has it already: ${words}` };
  return statusOutcome(response, words);
}

function fromSuccess(response: DestinationResponse, errors: readonly KlaviyoError[]): Outcome {
  const { status } = response;
  if (errors.length > 0) return retryOutcome(`HTTP ${status} with errors: ${errors.map(describe).join("; ")}`);
  if (status === 202 && (response.body.trim() === "" || isResource(response.body))) return { kind: "delivered" };
  return retryOutcome(`HTTP ${status} is not how Klaviyo takes an event`);
}

// An edge answered in Klaviyo's place: HTML, nothing, or a cut document says nothing about the event.
function fromEdge(response: DestinationResponse): Outcome {
  const { status } = response;
  if (status === 410) {
    return { kind: "unauthorized", reason: "HTTP 410: the API revision is retired, set a newer one" };
  }
  if (status === 401 || status === 403 || status === 413) return statusOutcome(response, "without Klaviyo's errors");
  return retryOutcome(`HTTP ${status} without Klaviyo's errors`, retryAfterMs(response));
}

/** The resource that was made, should a revision answer with it: events and bulk jobs. */
function isResource(body: string): boolean {
  const data = jsonObject(body)?.data;
  return isObject(data) && (data.type === "event" || data.type === "event-bulk-create-job");
}

function errorsIn(body: string): KlaviyoError[] {
  const errors = jsonObject(body)?.errors;
  return Array.isArray(errors) ? errors.filter(isObject).map(readError) : [];
}

function readError({ code, detail, title, source }: Readonly<Record<string, unknown>>): KlaviyoError {
  const { pointer, parameter } = isObject(source) ? source : {};
  return {
    code: text(code) || "unknown code",
    text: text(detail) || text(title) || "no words",
    pointer: text(pointer) || text(parameter),
  };
}

/** Klaviyo points at no part of the event then: the revision is a header. */
function isAboutRevision({ pointer, text: words }: KlaviyoError): boolean {
  return /^\/?revision$/i.test(pointer) || (pointer === "" && /\brevision\b/i.test(words));
}

/**
 * A bulk job is refused over an id that Klaviyo has for the profile and metric. No two of ours in a job are equal: its first
 * copy was taken, and only the answer was lost.
 */
function isRepeated({ code, pointer, text: words }: KlaviyoError): boolean {
  return pointer.endsWith("/unique_id") && /already|duplicate|repeated|(?:not|be) unique/i.test(`${code} ${words}`);
}

function describe({ code, text: words, pointer }: KlaviyoError): string {
  return `${code}: ${words}${pointer === "" ? "" : ` (${pointer})`}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
