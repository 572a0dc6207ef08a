import { createHash } from "node:crypto";
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
import { anything, checkFields, isObject, type JsonObject, parseJson, type Rule, text } from "../rules.ts";
import { META_SUBCODES, type MetaProblem, metaEventProblems } from "./meta/event.ts";
import { META_QUALITY } from "./meta/quality.ts";

/** Meta Conversions API. Second copies of an event (same dataset, event name and event id) within 48 h are dropped. */
export const meta: SandboxPlatform = {
  id: "meta",
  hosts: ["graph.facebook.com"],
  dedupWindowMs: 48 * 3_600_000,
  judge: judgeMeta,
  failure: metaFailure,
};

const MAX_EVENTS = 1000;
const NEWEST_VERSION = 26;

/** When a Graph API version stops answering; older ones are long gone. */
const RETIRED_AFTER: Readonly<Record<number, string>> = {
  20: "2026-09-24",
  21: "2027-01-21",
  22: "2027-05-20",
  23: "2027-10-08",
  24: "2028-02-18",
  25: "2028-07-29",
};

const ROOT_FIELDS: Readonly<Record<string, Rule>> = {
  data: anything,
  access_token: text,
  test_event_code: text,
  partner_agent: text,
  upload_tag: text,
  namespace_id: text,
  upload_id: text,
  upload_source: text,
};

interface MetaError {
  readonly message: string;
  readonly code: number;
  readonly subcode?: number;
  readonly type?: string;
  readonly title?: string;
  readonly transient?: boolean;
  readonly status?: number;
}

/**
 * Answers as the Conversions API does. One event that breaks a rule fails the whole request, and nothing of it is
 * stored; the answer names the first problem only, as Meta's does, while the judgement keeps all of them.
 */
function judgeMeta(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  if (request.method === "GET") return judgeQuality(request, now);
  const body = readBody(request);
  const data = isObject(body) && Array.isArray(body.data) ? (body.data as readonly unknown[]) : undefined;
  const target = /^\/v\d+\.\d+\/([^/]+)\//.exec(request.path)?.[1] ?? request.path;
  const refuse = (error: MetaError, problems: readonly (readonly MetaProblem[])[] = []): Judgement => ({
    platform: "meta",
    target,
    answer: errorAnswer(error, traceId(request, now)),
    events: describe(data ?? [body], problems, error, false),
  });

  const gate = pathError(request, now) ?? tokenError(request, body) ?? rootError(body, data, options.strict);
  if (gate !== undefined || data === undefined) return refuse(gate ?? invalid("data", "is required"));

  const problems = data.map((event) => [
    ...metaEventProblems(event, now, options.strict),
    ...scriptedProblems(event, options.rejectEventIds),
  ]);
  for (const [index, found] of problems.entries()) {
    const [first] = found;
    if (first !== undefined) return refuse(invalid(`data[${index}].${first.path}`, first.message, first), problems);
  }
  return {
    platform: "meta",
    target,
    answer: jsonAnswer(200, { events_received: data.length, messages: [], fbtrace_id: traceId(request, now) }),
    events: describe(data, problems, undefined, true),
  };
}

/** Dataset Quality API: there are no events in it. A token may be good for sending and not for this. */
function judgeQuality(request: PlatformRequest, now: number): Judgement {
  const dataset = request.query.get("dataset_id") ?? "";
  const error =
    versionError(/^\/v(\d+)\.0\/dataset_quality$/.exec(request.path)?.[1], request.path, now) ??
    tokenError(request, undefined) ??
    readError(request, dataset);
  return {
    platform: "meta",
    target: dataset,
    answer: error === undefined ? jsonAnswer(200, META_QUALITY) : errorAnswer(error, traceId(request, now)),
    events: [],
  };
}

function readError(request: PlatformRequest, dataset: string): MetaError | undefined {
  if (/^Bearer SENDONLY/.test(request.headers.authorization ?? "")) {
    return { message: "(#10) Application does not have permission for this action", code: 10, status: 403 };
  }
  if (!/^\d+$/.test(dataset)) return { message: "(#100) Param dataset_id must be a valid id", code: 100 };
  return /^web\{/.test(request.query.get("fields") ?? "") ? undefined : { message: "(#100) Invalid fields", code: 100 };
}

/** The answer for a scripted status, in Meta's error shape. */
function metaFailure(status: number): PlatformAnswer {
  const trace = "AscriptedFailure000000";
  if (status === 429) return errorAnswer({ message: "Application request limit reached", code: 4, status }, trace);
  if (status === 401) return errorAnswer({ ...BAD_TOKEN, status }, trace);
  if (status === 403) return errorAnswer({ ...NO_PERMISSION, status }, trace);
  if (status >= 500) {
    return errorAnswer({ message: "An unexpected error has occurred.", code: 2, transient: true, status }, trace);
  }
  return errorAnswer({ message: "Invalid parameter", code: 100, status }, trace);
}

const BAD_TOKEN: MetaError = {
  message: "Invalid OAuth access token - Cannot parse access token",
  type: "OAuthException",
  code: 190,
};
const NO_PERMISSION: MetaError = {
  message: "(#200) The access token has no permission to send events to this dataset",
  type: "OAuthException",
  code: 200,
  status: 403,
};

/** JSON, or a form whose `data` is JSON text; anything else is a request without parameters. */
function readBody(request: PlatformRequest): unknown {
  const contentType = request.headers["content-type"] ?? "";
  if (contentType.startsWith("application/json")) return parseJson(request.body);
  if (!contentType.startsWith("application/x-www-form-urlencoded")) return {};
  const form: Record<string, unknown> = Object.fromEntries(new URLSearchParams(request.body));
  if (typeof form.data === "string") form.data = parseJson(form.data);
  return form;
}

function pathError(request: PlatformRequest, now: number): MetaError | undefined {
  const match = request.method === "POST" ? /^\/v(\d+)\.0\/([^/]+)\/events$/.exec(request.path) : null;
  const error = versionError(match?.[1], request.path, now);
  if (match === null || error !== undefined) return error;
  if (/^\d+$/.test(match[2] ?? "")) return undefined;
  return {
    message: `Unsupported post request. Object with ID '${match[2]}' does not exist`,
    type: "GraphMethodException",
    code: 100,
    subcode: 33,
  };
}

/** `found` is absent for a path that is none of this API. */
function versionError(found: string | undefined, path: string, now: number): MetaError | undefined {
  const version = Number(found);
  if (found === undefined || version > NEWEST_VERSION) {
    return { message: `Unknown path components: ${path}`, type: "OAuthException", code: 2500 };
  }
  const retired = RETIRED_AFTER[version];
  if (version >= 20 && (retired === undefined || now < Date.parse(retired))) return undefined;
  return { message: `(#2635) You are calling a deprecated version (v${version}.0) of the Ads API.`, code: 2635 };
}

function tokenError(request: PlatformRequest, body: unknown): MetaError | undefined {
  const inBody = isObject(body) && typeof body.access_token === "string" ? body.access_token : undefined;
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  const token = request.query.get("access_token") ?? bearer ?? inBody;
  if (token === undefined || !/^[\w|.~+/=-]{4,}$/.test(token) || token.startsWith("INVALID")) return BAD_TOKEN;
  if (token.startsWith("EXPIRED")) {
    return { ...BAD_TOKEN, message: "Error validating access token: Session has expired", subcode: 463 };
  }
  return token.startsWith("NOPERM") ? NO_PERMISSION : undefined;
}

function rootError(body: unknown, data: readonly unknown[] | undefined, strict: boolean): MetaError | undefined {
  if (!isObject(body)) return invalid("body", "is not JSON");
  if (data === undefined) return invalid("data", "is required and must be an array");
  if (data.length === 0 || data.length > MAX_EVENTS) return invalid("data", `must hold 1 to ${MAX_EVENTS} events`);
  const [problem] = checkFields(body, "", ROOT_FIELDS, strict ? undefined : anything);
  return problem === undefined ? undefined : invalid(problem.path, problem.message);
}

function scriptedProblems(event: unknown, rejectEventIds: readonly string[]): MetaProblem[] {
  const id = isObject(event) ? event.event_id : undefined;
  return typeof id === "string" && rejectEventIds.includes(id)
    ? [{ path: "event_id", message: "is refused by script" }]
    : [];
}

function invalid(path: string, message: string, problem?: MetaProblem): MetaError {
  const titles: Record<number, string> = {
    [META_SUBCODES.clickId]: "Invalid Click ID",
    [META_SUBCODES.tooOld]: "Event Timestamp Too Old",
    [META_SUBCODES.noValue]: "Missing Value for Purchase Event",
    [META_SUBCODES.tooBroad]: "Customer Information Parameters Are Too Broad",
  };
  const title = titles[problem?.subcode ?? 0];
  return {
    message: "Invalid parameter",
    code: 100,
    title: title === undefined ? `${path} ${message}` : `${title}: ${path} ${message}`,
    ...(problem?.subcode === undefined ? {} : { subcode: problem.subcode }),
  };
}

function errorAnswer(error: MetaError, trace: string): PlatformAnswer {
  return jsonAnswer(error.status ?? 400, {
    error: {
      message: error.message,
      type: error.type ?? "OAuthException",
      code: error.code,
      ...(error.subcode === undefined ? {} : { error_subcode: error.subcode }),
      is_transient: error.transient ?? false,
      ...(error.title === undefined ? {} : { error_user_title: error.title, error_user_msg: error.title }),
      fbtrace_id: trace,
    },
  });
}

function traceId(request: PlatformRequest, now: number): string {
  const digest = createHash("sha256").update(`${now}${request.path}${request.body}`).digest("base64url");
  return `A${digest.slice(0, 21)}`;
}

function describe(
  events: readonly unknown[],
  problems: readonly (readonly MetaProblem[])[],
  error: MetaError | undefined,
  taken: boolean,
): JudgedEvent[] {
  // Nothing but the request itself was looked at: say on every event why it did not pass.
  const whole = error !== undefined && problems.length === 0 ? [error.title ?? error.message] : [];
  return events.map((event, index) => {
    const fields: JsonObject = isObject(event) ? event : {};
    return judgedEvent({
      name: fields.event_name,
      id: fields.event_id,
      problems: [...whole, ...(problems[index] ?? []).map(({ path, message }) => `${path} ${message}`)],
      taken,
      event,
    });
  });
}
