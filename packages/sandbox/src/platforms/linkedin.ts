import {
  type JudgedEvent,
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { bearerToken, hasContentType } from "../platform-request.ts";
import { isObject, type Problem, parseJson } from "../rules.ts";
import { linkedinEventProblems } from "./linkedin/event.ts";

/**
 * LinkedIn Conversions API. One bad element fails its batch. The rule 404 is one that does not exist, and fails the batch
 * as if the token had no role anywhere. How long a second copy is dropped is not published; events
 * are taken for 90 days, and so is the window here.
 * https://learn.microsoft.com/en-us/linkedin/marketing/integrations/ads-reporting/conversions-api
 */
export const linkedin: SandboxPlatform = {
  id: "linkedin",
  hosts: ["api.linkedin.com"],
  dedupWindowMs: 90 * 86_400_000,
  judge,
  failure,
};

const PATH = "/rest/conversionEvents";
const MAX_EVENTS = 5000;
const UNKNOWN_RULE = "urn:lla:llaPartnerConversion:404";
/** Versions live a year; these end on days that are announced, the others in the middle of their month. */
const SUNSETS: Readonly<Record<string, string>> = { "202511": "2026-11-16", "202603": "2027-03-16" };
const NEVER_RELEASED = new Set(["202512"]);

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly code?: string;
  readonly serviceErrorCode?: number;
}

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const isBatch = isObject(body) && Array.isArray(body.elements);
  const found: readonly unknown[] = isBatch ? (body.elements as readonly unknown[]) : [body];
  const gate =
    addressRefusal(request, now) ??
    tokenRefusal(request, now, options) ??
    batchRefusal(request, found, isBatch) ??
    ruleRefusal(found);
  if (gate !== undefined) {
    return judgement(
      errorAnswer(gate),
      described(
        found,
        found.map(() => [gate.message]),
        false,
      ),
    );
  }
  const circumstances = { now, strict: options.strict, version: versionOf(request) };
  const problems = found.map((event) => [
    ...linkedinEventProblems(event, circumstances),
    ...scripted(event, options.rejectEventIds),
  ]);
  const isTaken = problems.every((own) => own.length === 0);
  const lines = problems.map((own) => own.map(({ path, message }) => `/${path.replaceAll(".", "/")} :: ${message}`));
  const answer = isTaken ? successAnswer(found.length, isBatch) : errorAnswer(unprocessable(lines, isBatch));
  return judgement(answer, described(found, lines, isTaken));
}

function judgement(answer: PlatformAnswer, events: readonly JudgedEvent[]): Judgement {
  return { platform: "linkedin", target: "conversionEvents", answer, events };
}

function addressRefusal(request: PlatformRequest, now: number): Refusal | undefined {
  const version = versionOf(request);
  if (request.path !== PATH) return { status: 404, message: "No virtual resource found", code: "RESOURCE_NOT_FOUND" };
  if (request.method !== "POST") return { status: 405, message: "Method not allowed" };
  if (version === "") return { status: 400, message: "A version must be present.", code: "VERSION_MISSING" };
  if (!isActive(version, now)) {
    return { status: 426, message: `Requested version ${version} is not active`, code: "NONEXISTENT_VERSION" };
  }
  if (request.headers["x-restli-protocol-version"] !== "2.0.0") {
    return { status: 400, message: "X-Restli-Protocol-Version must be 2.0.0" };
  }
  return hasContentType(request, "application/json") ? undefined : { status: 415, message: "the body must be JSON" };
}

function versionOf({ headers }: PlatformRequest): string {
  return headers["linkedin-version"] ?? "";
}

function isActive(version: string, now: number): boolean {
  const [, year, month] = /^(20\d{2})(0[1-9]|1[0-2])$/.exec(version) ?? [];
  if (year === undefined || NEVER_RELEASED.has(version)) return false;
  const sunset = SUNSETS[version] ?? `${Number(year) + 1}-${month}-15`;
  return Date.parse(`${year}-${month}-01T00:00:00Z`) <= now && now < Date.parse(`${sunset}T00:00:00Z`);
}

function tokenRefusal(request: PlatformRequest, now: number, { isLiveToken }: JudgeOptions): Refusal | undefined {
  const token = bearerToken(request) ?? "";
  if (token === "") {
    return { status: 401, message: "Empty oauth2 access token", code: "EMPTY_ACCESS_TOKEN", serviceErrorCode: 65604 };
  }
  if (token.startsWith("REVOKED")) {
    const message = "The token used in the request has been revoked by the user";
    return { status: 401, message, code: "REVOKED_ACCESS_TOKEN", serviceErrorCode: 65601 };
  }
  if (token.startsWith("NOPERM")) {
    const message = "Not enough permissions to access: conversionEvents.CREATE";
    return { status: 403, message, code: "ACCESS_DENIED", serviceErrorCode: 100 };
  }
  return isLiveToken(token, now)
    ? undefined
    : { status: 401, message: "Invalid access token", code: "INVALID_ACCESS_TOKEN", serviceErrorCode: 65600 };
}

function batchRefusal(request: PlatformRequest, found: readonly unknown[], isBatch: boolean): Refusal | undefined {
  const method = request.headers["x-restli-method"]?.toUpperCase();
  if (isBatch !== (method === "BATCH_CREATE")) {
    return { status: 400, message: "X-RestLi-Method is BATCH_CREATE exactly where the body has elements" };
  }
  if (!isBatch && !isObject(found[0])) return { status: 400, message: "Cannot parse request entity" };
  return found.length >= 1 && found.length <= MAX_EVENTS
    ? undefined
    : { status: 400, message: `elements must hold 1 to ${MAX_EVENTS} events` };
}

function ruleRefusal(found: readonly unknown[]): Refusal | undefined {
  const isThere = found.every((event) => !isObject(event) || event.conversion !== UNKNOWN_RULE);
  return isThere ? undefined : { status: 403, message: "No ad accounts found" };
}

function scripted(event: unknown, rejectEventIds: readonly string[]): Problem[] {
  const id = isObject(event) ? event.eventId : undefined;
  return typeof id === "string" && rejectEventIds.includes(id)
    ? [{ path: "eventId", message: "is refused by script", kind: "value" }]
    : [];
}

function successAnswer(count: number, isBatch: boolean): PlatformAnswer {
  return isBatch
    ? jsonAnswer(200, { elements: Array.from({ length: count }, () => ({ status: 201 })) })
    : { status: 201, headers: { "x-restli-id": "1" }, body: "" };
}

/** All bad elements in one text, a line for each mistake. */
function unprocessable(lines: readonly (readonly string[])[], isBatch: boolean): Refusal {
  const message = lines.flatMap((own, index) =>
    own.map((line) => `${isBatch ? `Index: ${index}, ` : ""}ERROR :: ${line}\n`),
  );
  return { status: 422, message: message.join("") };
}

function errorAnswer({ status, message, code, serviceErrorCode }: Refusal): PlatformAnswer {
  return jsonAnswer(status, {
    message,
    ...(serviceErrorCode === undefined ? {} : { serviceErrorCode }),
    ...(code === undefined ? {} : { code }),
    status,
  });
}

/** The answer for a scripted status, in LinkedIn's shape. */
function failure(status: number): PlatformAnswer {
  return errorAnswer({ status, message: "scripted failure" });
}

function described(
  events: readonly unknown[],
  problems: readonly (readonly string[])[],
  taken: boolean,
): JudgedEvent[] {
  return events.map((event, index) => {
    const { conversion, eventId } = isObject(event) ? event : {};
    return judgedEvent({ name: conversion, id: eventId, problems: problems[index] ?? [], taken, event });
  });
}
