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
import { anything, checkFields, isObject, type JsonObject, type Problem, parseJson, problemLines } from "../rules.ts";
import { amazonEventProblems } from "./amazon-ads/event.ts";

const EUROPE = "advertising-api-eu.amazon.com";

/**
 * Amazon Ads Events API. Answers 207 with each event in `success` or `error`. Of one id the latest event is kept,
 * whatever its type; for how long is not published, and seven days is as long as an event may be sent.
 * https://advertising.amazon.com/API/docs/en-us/amazon-ads/1-0/betas#tag/Events
 */
export const amazonAds: SandboxPlatform = {
  id: "amazon-ads",
  hosts: ["advertising-api.amazon.com", EUROPE, "advertising-api-fe.amazon.com"],
  dedupWindowMs: 7 * 86_400_000,
  dedupAcrossNames: true,
  judge,
  failure: (status) => refusal({ status, message: "scripted failure" }),
};

const MOST_EVENTS = 500;
const MOST_BYTES = 6_000_000;

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const root: JsonObject = isObject(body) ? body : {};
  const found: readonly unknown[] = Array.isArray(root.events) ? root.events : [];
  const gate = addressRefusal(request) ?? accountRefusal(request, now, options) ?? rootRefusal(request, root, found);
  const rows = found.map((event) => (gate === undefined ? rowProblems(event, request, now, options) : []));
  const events = (found.length === 0 ? [body] : found).map((event, index) => {
    const { eventDescription, eventId: id } = isObject(event) ? event : {};
    const problems = gate === undefined ? problemLines(rows[index] ?? []) : [gate.message];
    const name = isObject(eventDescription) ? eventDescription.name : undefined;
    return judgedEvent({ name, id, problems, taken: problems.length === 0, event });
  });
  return {
    platform: "amazon-ads",
    target: request.headers["amazon-ads-accountid"] ?? "(no account)",
    answer: gate === undefined ? multiStatus(found, rows) : refusal(gate),
    events,
  };
}

interface Gate {
  readonly status: number;
  readonly message: string;
}

function multiStatus(events: readonly unknown[], rows: readonly (readonly Problem[])[]): PlatformAnswer {
  const success = rows.flatMap((problems, index) => (problems.length === 0 ? [{ index, event: events[index] }] : []));
  const error = rows.flatMap((problems, index) =>
    problems.length === 0 ? [] : [{ index, errors: problems.map((problem) => rowError(problem, index)) }],
  );
  return jsonAnswer(207, { success, error });
}

const CODES: Readonly<Record<Problem["kind"], string>> = {
  value: "FIELD_VALUE_IS_INVALID",
  missing: "FIELD_VALUE_IS_NULL",
  unknown: "INVALID_INPUT",
};

function rowError({ path, message, kind }: Problem, index: number): JsonObject {
  return { code: CODES[kind], fieldLocation: `$.events[${index}]${path === "" ? "" : `.${path}`}`, message };
}

const STATUS_CODES: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  413: "CONTENT_TOO_LARGE",
  429: "TOO_MANY_REQUESTS",
};

function refusal({ status, message }: Gate): PlatformAnswer {
  const code = STATUS_CODES[status] ?? (status >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST");
  return jsonAnswer(status, { code, message }, status === 429 ? { "retry-after": "2" } : {});
}

function addressRefusal(request: PlatformRequest): Gate | undefined {
  if (request.path !== "/adsApi/v1/create/events") return { status: 404, message: `no such path: ${request.path}` };
  if (request.method !== "POST") return { status: 405, message: "only POST is taken" };
  if (request.query.size > 0) return { status: 400, message: "no query parameters are taken" };
  return hasContentType(request, "application/json") ? undefined : { status: 415, message: "the body must be JSON" };
}

function accountRefusal(request: PlatformRequest, now: number, { isLiveToken }: JudgeOptions): Gate | undefined {
  const { "amazon-ads-clientid": client = "", "amazon-ads-accountid": account = "" } = request.headers;
  if (!isLiveToken(bearerToken(request) ?? "", now)) return { status: 401, message: "the access token is not valid" };
  if (client === "") return { status: 401, message: "Amazon-Ads-ClientId is missing" };
  return /^(?:\d+|amzn1\.ads-account\.\S+)$/.test(account)
    ? undefined
    : { status: 403, message: "Amazon-Ads-AccountId names no account of this user" };
}

function rootRefusal(request: PlatformRequest, root: JsonObject, events: readonly unknown[]): Gate | undefined {
  if (Buffer.byteLength(request.body) > MOST_BYTES) return { status: 413, message: "the body is too large" };
  if (events.length === 0 || events.length > MOST_EVENTS) {
    return { status: 400, message: `events must hold 1 to ${MOST_EVENTS} events` };
  }
  const [first] = checkFields(root, "", { events: anything });
  return first === undefined ? undefined : { status: 400, message: `${first.path} ${first.message}` };
}

function rowProblems(
  event: unknown,
  { host }: PlatformRequest,
  now: number,
  { strict, rejectEventIds }: JudgeOptions,
): Problem[] {
  const id = isObject(event) ? event.eventId : undefined;
  const isScripted = typeof id === "string" && rejectEventIds.includes(id);
  return [
    ...amazonEventProblems(event, now, strict, host === EUROPE),
    ...(isScripted ? [{ path: "eventId", message: "is refused by script", kind: "value" as const }] : []),
  ];
}
