import { createHash } from "node:crypto";
import { jsonAnswer, type PlatformAnswer, type PlatformRequest } from "../../model.ts";
import type { JsonObject } from "../../rules.ts";
import type { GoogleProblem } from "./problem.ts";

/** A fault by its place in the request, as Google names it. */
export interface Violation {
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

/** Why a request is refused as a whole. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly reason?: string;
  readonly violations?: readonly Violation[];
}

/** The answer to a request that is taken: a receipt, and what was left out of it. */
export function received(
  request: PlatformRequest,
  root: JsonObject,
  problems: readonly (readonly GoogleProblem[])[],
): PlatformAnswer {
  const warnings = problems.flatMap((found, row) => found.map((problem) => violation(row, problem)));
  return jsonAnswer(200, {
    requestId: requestId(request, root.validateOnly === true ? "v" : "t"),
    ...(warnings.length === 0 ? {} : { fieldWarnings: warnings }),
  });
}

/** A problem of the event in this row, as a violation. */
export function violation(row: number, { path, message, reason }: GoogleProblem): Violation {
  const at = `events.events[${row}]`;
  return { field: path === "" ? at : `${at}.${snakeCase(path)}`, description: message, reason };
}

/** Google names fields in its answers as in its protos, whatever the request did. */
export function snakeCase(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The refusal of a request for its violations. */
export function invalid(violations: readonly Violation[]): Refusal {
  return { status: 400, message: "There was a problem with the request.", reason: "INVALID_ARGUMENT", violations };
}

/** All of a refusal in one line, for each event that it costs. */
export function wordsOf({ message, violations = [] }: Refusal): string {
  return [message, ...violations.map(({ description }) => description)].join(" ");
}

const STATUS_NAMES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** The answer to a refused request, in the form of Google's APIs. */
export function refused({ status, message, reason, violations }: Refusal, id?: string): PlatformAnswer {
  const domain = "datamanager.googleapis.com";
  const details = [
    ...(reason === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain }]),
    ...(id === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.RequestInfo", requestId: id }]),
    ...(violations === undefined
      ? []
      : [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: violations.slice(0, 100) }]),
  ];
  const name = STATUS_NAMES[status] ?? (status >= 500 ? "UNAVAILABLE" : "INVALID_ARGUMENT");
  return jsonAnswer(status, { error: { code: status, message, status: name, details } });
}

/** The answer for a scripted status, in the form of Google's APIs. */
export function googleAdsFailure(status: number): PlatformAnswer {
  const messages: Readonly<Record<number, string>> = {
    401: "Request had invalid authentication credentials.",
    403: "The caller does not have permission",
    429: "Quota exceeded for quota metric 'Ingestion requests' and limit 'Ingestion requests per minute'.",
  };
  const reasons: Readonly<Record<number, string>> = { 403: "PERMISSION_DENIED", 429: "RATE_LIMIT_EXCEEDED" };
  const reason = reasons[status];
  return refused({
    status,
    message:
      messages[status] ?? (status >= 500 ? "Internal error encountered." : "There was a problem with the request."),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** The same for the same body; a validation's begins with a v. */
export function requestId(request: PlatformRequest, prefix: "t" | "v"): string {
  return `${prefix}-${createHash("sha256").update(request.body).digest("base64url").slice(0, 24)}`;
}
