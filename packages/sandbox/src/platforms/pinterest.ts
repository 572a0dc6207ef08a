import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { bearerToken, hasContentType } from "../platform-request.ts";
import { isObject, type Problem, parseJson, problemLines } from "../rules.ts";
import { eventProblems, schemaProblems } from "./pinterest/event.ts";

/**
 * Pinterest Conversions API v5. What breaks the schema fails the request (400), any other wrong event fails alone (422,
 * with a row for each). Copies are dropped by event name and id, those of offline events never.
 * https://developers.pinterest.com/docs/api/v5/events-create
 */
export const pinterest: SandboxPlatform = {
  id: "pinterest",
  hosts: ["api.pinterest.com"],
  // Not published; long enough for a tag and an API that speak of one purchase.
  dedupWindowMs: 24 * 3_600_000,
  judge,
  failure,
};

const PATH = /^\/v5\/ad_accounts\/([^/]+)\/events$/;
const QUALITY_PATH = /^\/v5\/ad_accounts\/([^/]+)\/conversion_eqs$/;
const MAX_EVENTS = 1000;

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const scored = QUALITY_PATH.exec(request.path)?.[1];
  if (scored !== undefined) return judgeQuality(request, scored);
  const account = PATH.exec(request.path)?.[1];
  const body = parseJson(request.body);
  const data = isObject(body) && Array.isArray(body.data) ? (body.data as readonly unknown[]) : undefined;
  const gate = requestRefusal(request, account) ?? rootRefusal(body, data);
  const schema = gate === undefined ? (data ?? []).map((event) => schemaProblems(event)) : [];
  const refusal = gate ?? schemaRefusal(schema);
  const problems = (data ?? [body]).map((event, index) =>
    gate === undefined ? [...(schema[index] ?? []), ...ownProblems(event, now, options)] : [],
  );
  const events = (data ?? [body]).map((event, index) => {
    const fields = isObject(event) ? event : {};
    const found = problemLines(problems[index] ?? []);
    return judgedEvent({
      name: fields.event_name,
      id: fields.event_id,
      // Null: Pinterest counts every copy of what happened offline.
      dedupKey: fields.action_source === "offline" ? null : fields.event_id,
      problems: gate === undefined ? found : [gate.message],
      taken: refusal === undefined && found.length === 0,
      event,
    });
  });
  return {
    platform: "pinterest",
    target: account ?? request.path,
    answer: refusal === undefined ? rowsAnswer(events.map(({ problems: found }) => found)) : errorAnswer(refusal),
    events,
    ...(request.query.get("test") === "true" ? { dryRun: true } : {}),
  };
}

/** Event quality score: there are no events in it. A token may be good for sending and not for this. */
function judgeQuality(request: PlatformRequest, account: string): Judgement {
  const refusal =
    tokenRefusal(request) ?? (request.method === "GET" ? qualityRefusal(request, account) : notFound(request));
  const answer = refusal === undefined ? jsonAnswer(200, [QUALITY]) : errorAnswer(refusal);
  return { platform: "pinterest", target: account, answer, events: [] };
}

function qualityRefusal({ headers, query }: PlatformRequest, account: string): Refusal | undefined {
  if (/^Bearer SENDONLY/.test(headers.authorization ?? "")) {
    return { status: 403, code: 29, message: "You are not permitted to access that resource." };
  }
  const isWhole = /^\d+$/.test(account) && /^(1d|14d)$/.test(query.get("lookback_period") ?? "");
  return isWhole ? undefined : { status: 400, code: 1, message: "Invalid parameter: lookback_period" };
}

/** What is said of any ad account here. */
const QUALITY = {
  overall_status: "FAIR",
  source_platform: "WEB",
  ingestion_source: "CONVERSIONS_API",
  lookback_period: "1d",
  quality_components: {
    hashed_email: { checkout: { coverage: 64, issues: [] }, page_visit: { coverage: 12, issues: [] } },
    click_id_epik: { checkout: { coverage: 31, issues: [] } },
    external_event_id: { checkout: { coverage: 100, overlap: 40, issues: [] } },
  },
};

function ownProblems(event: unknown, now: number, { rejectEventIds }: JudgeOptions): Problem[] {
  if (!isObject(event)) return [];
  const isScripted = typeof event.event_id === "string" && rejectEventIds.includes(event.event_id);
  return [
    ...eventProblems(event, now),
    ...(isScripted ? [{ path: "event_id", message: "is refused by script", kind: "value" as const }] : []),
  ];
}

interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const SCHEMA = 4196;

function requestRefusal(request: PlatformRequest, account: string | undefined): Refusal | undefined {
  if (account === undefined || request.method !== "POST") return notFound(request);
  const unknown = tokenRefusal(request);
  if (unknown !== undefined) return unknown;
  if (!/^\d+$/.test(account)) return { status: 400, code: 1, message: `Invalid ad_account_id: ${account}` };
  if (!hasContentType(request, "application/json")) {
    return { status: 400, code: 1, message: "The content type must be application/json." };
  }
  const strange = [...request.query].find(([name, value]) => name !== "test" || !/^(true|false)$/.test(value));
  return strange === undefined ? undefined : { status: 400, code: 1, message: `Invalid parameter: ${strange[0]}` };
}

function notFound({ method, path }: PlatformRequest): Refusal {
  return { status: 404, code: 0, message: `Not found: ${method} ${path}` };
}

function tokenRefusal(request: PlatformRequest): Refusal | undefined {
  const token = bearerToken(request);
  if (token === undefined || token.startsWith("INVALID")) {
    return { status: 401, code: 2, message: "Authentication failed." };
  }
  if (!token.startsWith("NOPERM")) return undefined;
  return { status: 403, code: 29, message: "You are not permitted to access that resource." };
}

function rootRefusal(body: unknown, data: readonly unknown[] | undefined): Refusal | undefined {
  const invalid = (message: string): Refusal => ({ status: 400, code: SCHEMA, message: `Invalid request: ${message}` });
  if (!isObject(body)) return invalid("the body is no JSON object");
  const strange = Object.keys(body).find((name) => name !== "data");
  if (strange !== undefined) return invalid(`Additional properties are not allowed ('${strange}' was unexpected)`);
  if (data === undefined) return invalid("'data' is a required property");
  return data.length < 1 || data.length > MAX_EVENTS ? invalid(`data must hold 1 to ${MAX_EVENTS} events`) : undefined;
}

/** The first thing that is wrong, without the row that it is in: so does Pinterest. */
function schemaRefusal(problems: readonly (readonly Problem[])[]): Refusal | undefined {
  const [first] = problems.flat();
  if (first === undefined) return undefined;
  const message =
    first.kind === "unknown"
      ? `Additional properties are not allowed ('${first.path.split(".").at(-1)}' was unexpected)`
      : `${first.path} ${first.message}`;
  return { status: 400, code: SCHEMA, message: `Invalid request: ${message}` };
}

function rowsAnswer(problems: readonly (readonly string[])[]): PlatformAnswer {
  const events = problems.map((found) => ({
    status: found.length === 0 ? "processed" : "failed",
    error_message: found.join("; "),
    warning_message: "",
  }));
  const processed = events.filter(({ status }) => status === "processed").length;
  const result = { num_events_received: events.length, num_events_processed: processed, events };
  if (processed === events.length) return jsonAnswer(200, result);
  return jsonAnswer(422, { code: 0, message: "Some events could not be processed.", details: result });
}

/** The answer for a scripted status, in Pinterest's error shape. */
function failure(status: number): PlatformAnswer {
  if (status === 401) return errorAnswer({ status, code: 2, message: "Authentication failed." });
  if (status === 403)
    return errorAnswer({ status, code: 29, message: "You are not permitted to access that resource." });
  if (status === 429) return errorAnswer({ status, code: 8, message: "This request exceeded a rate limit." });
  if (status === 503) return errorAnswer({ status, code: 4197, message: "The endpoint has been ramped down." });
  return errorAnswer({ status, code: status === 400 ? SCHEMA : 0, message: "An unexpected error occurred." });
}

function errorAnswer({ status, code, message }: Refusal): PlatformAnswer {
  return jsonAnswer(status, { code, message });
}
