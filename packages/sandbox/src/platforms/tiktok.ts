import { createHash } from "node:crypto";
import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { hasContentType } from "../platform-request.ts";
import { anything, checkFields, isObject, oneOf, type Problem, parseJson, problemLines, text } from "../rules.ts";
import { EVENT_SOURCES, tikTokEventProblems } from "./tiktok/event.ts";

/**
 * TikTok Events API v1.3, all four event sources. HTTP 200 whatever comes: the code in the body says what became of it.
 * Second copies of an event (same source id, event and event id) within 48 h are dropped.
 * https://business-api.tiktok.com/portal/docs?id=1771101303285761
 */
export const tiktok: SandboxPlatform = {
  id: "tiktok",
  hosts: ["business-api.tiktok.com"],
  dedupWindowMs: 48 * 3_600_000,
  judge,
  failure,
};

const PATH = "/open_api/v1.3/event/track/";
const MAX_EVENTS = 1000;

const CODES = {
  ok: 0,
  noPermission: 40_001,
  invalid: 40_002,
  tooMany: 40_100,
  expired: 40_102,
  noToken: 40_104,
  badToken: 40_105,
  server: 50_000,
} as const;

const ROOT_FIELDS = {
  event_source: oneOf(...Object.keys(EVENT_SOURCES)),
  event_source_id: text,
  partner_name: text,
  test_event_code: text,
  data: anything,
};

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly status?: number;
}

/** One event that breaks a rule fails the whole request. The answer names the first problem only, by its row. */
function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const root = isObject(body) ? body : {};
  const source = String(root.event_source);
  const data = Array.isArray(root.data) ? (root.data as readonly unknown[]) : undefined;
  const id = requestId(request, now);
  const gate = pathRefusal(request) ?? tokenRefusal(request) ?? rootRefusal(root, data, options.strict);
  const problems = (data ?? [body]).map((event) =>
    gate === undefined ? eventProblems(event, source, now, options) : [],
  );
  const refusal = gate ?? rowRefusal(problems);
  const events = (data ?? [body]).map((event, index) => {
    const fields = isObject(event) ? event : {};
    return judgedEvent({
      name: fields.event,
      id: fields.event_id,
      problems: gate === undefined ? problemLines(problems[index] ?? []) : [gate.message],
      taken: refusal === undefined,
      event,
    });
  });
  return {
    platform: "tiktok",
    target: `${source}:${String(root.event_source_id)}`,
    answer: refusal === undefined ? answer({ code: CODES.ok, message: "OK" }, id) : answer(refusal, id),
    events,
  };
}

function eventProblems(event: unknown, source: string, now: number, options: JudgeOptions): Problem[] {
  const id = isObject(event) ? event.event_id : undefined;
  const isScripted = typeof id === "string" && options.rejectEventIds.includes(id);
  return [
    ...tikTokEventProblems(event, source, now, options.strict),
    ...(isScripted ? [{ path: "event_id", message: "is refused by script", kind: "value" as const }] : []),
  ];
}

/** The answer for a scripted status: TikTok's own shape, at that status. */
function failure(status: number): PlatformAnswer {
  const [code, message] =
    status === 401
      ? ([CODES.badToken, "Access token is incorrect or has been revoked."] as const)
      : status === 403
        ? ([CODES.noPermission, "No permission to operate this event source."] as const)
        : status === 429
          ? ([CODES.tooMany, "Requests made too frequently."] as const)
          : status >= 500
            ? ([CODES.server, "System error."] as const)
            : ([CODES.invalid, "Invalid parameter."] as const);
  return answer({ code, message, status }, "20261123000000SCRIPTED");
}

function pathRefusal(request: PlatformRequest): Refusal | undefined {
  if (request.path !== PATH || request.method !== "POST") {
    return { code: CODES.invalid, message: `No such path: ${request.method} ${request.path}`, status: 404 };
  }
  return hasContentType(request, "application/json")
    ? undefined
    : { code: CODES.invalid, message: "The content type must be application/json." };
}

function tokenRefusal({ headers }: PlatformRequest): Refusal | undefined {
  const token = headers["access-token"] ?? "";
  if (token === "") return { code: CODES.noToken, message: "Access token is empty." };
  if (token.startsWith("EXPIRED")) return { code: CODES.expired, message: "Access token has expired." };
  if (token.startsWith("NOPERM")) return { code: CODES.noPermission, message: "No permission to operate the pixel." };
  return /^[\x21-\x7e]{4,}$/.test(token) && !token.startsWith("INVALID")
    ? undefined
    : { code: CODES.badToken, message: "Access token is incorrect or has been revoked." };
}

function rootRefusal(
  root: Readonly<Record<string, unknown>>,
  data: readonly unknown[] | undefined,
  strict: boolean,
): Refusal | undefined {
  const invalid = (message: string): Refusal => ({ code: CODES.invalid, message });
  const form = root.event_source === "web" ? /^[A-Za-z0-9]{10,40}$/ : /^\d+$/;
  if (root.event_source === undefined) return invalid("event_source: Missing data for required field.");
  if (typeof root.event_source_id !== "string" || !form.test(root.event_source_id)) {
    return invalid("Invalid value for event_source_id: not a valid string.");
  }
  if (data === undefined || data.length === 0 || data.length > MAX_EVENTS) {
    return invalid(`data: must hold 1 to ${MAX_EVENTS} events.`);
  }
  const [problem] = checkFields(root, "", ROOT_FIELDS, strict ? undefined : anything);
  return problem === undefined ? undefined : invalid(`Invalid value for ${problem.path}: ${problem.message}.`);
}

function rowRefusal(problems: readonly (readonly Problem[])[]): Refusal | undefined {
  for (const [index, [first]] of problems.entries()) {
    if (first !== undefined) {
      return { code: CODES.invalid, message: `Batch.${index}.${first.path}: ${first.message}` };
    }
  }
  return undefined;
}

function answer({ code, message, status = 200 }: Refusal, id: string): PlatformAnswer {
  return jsonAnswer(status, { code, message, request_id: id, data: {} });
}

function requestId(request: PlatformRequest, now: number): string {
  const digest = createHash("sha256").update(`${now}${request.body}`).digest("hex");
  return `${new Date(now).toISOString().replace(/\D/g, "").slice(0, 14)}${digest.slice(0, 18).toUpperCase()}`;
}
