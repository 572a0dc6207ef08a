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
import { hasContentType } from "../platform-request.ts";
import { anything, checkFields, isObject, type Problem, parseJson, problemLines } from "../rules.ts";
import { xConversionProblems } from "./x/conversion.ts";

/**
 * X Ads Conversion API, version 12. One bad conversion costs all. The window for copies is our assumption: X publishes
 * none. https://docs.x.com/x-ads-api/measurement/web-conversions
 */
export const x: SandboxPlatform = {
  id: "x",
  hosts: ["ads-api.x.com", "ads-api.twitter.com"],
  dedupWindowMs: 48 * 3_600_000,
  judge,
  failure,
};

const PATH = /^\/12\/measurement\/conversions\/([a-z0-9]+)$/;
const MAX_EVENTS = 500;

interface XError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly parameter?: string;
}

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const pixel = PATH.exec(request.path)?.[1];
  const body = parseJson(request.body);
  const found: readonly unknown[] = isObject(body) && Array.isArray(body.conversions) ? body.conversions : [];
  const gate = refusal(request, pixel) ?? bodyRefusal(body, found, options.strict);
  if (gate !== undefined || pixel === undefined) {
    const events = found.length === 0 ? [body] : found;
    const refused = gate ?? NO_ROUTE;
    return judgement(
      request,
      pixel,
      errorAnswer([refused]),
      described(
        events,
        events.map(() => [refused.message]),
        false,
      ),
    );
  }
  const problems = found.map((event) => [
    ...xConversionProblems(event, now, { pixel, strict: options.strict }),
    ...scripted(event, options.rejectEventIds),
  ]);
  const isTaken = problems.every((own) => own.length === 0);
  const answer = isTaken ? successAnswer(found.length) : errorAnswer(problems.flat().map(errorOf));
  return judgement(request, pixel, answer, described(found, problems.map(problemLines), isTaken));
}

function judgement(
  { path }: PlatformRequest,
  pixel: string | undefined,
  answer: PlatformAnswer,
  events: readonly JudgedEvent[],
): Judgement {
  return { platform: "x", target: pixel ?? path, answer, events };
}

const NO_ROUTE: XError = { status: 404, code: "ROUTE_NOT_FOUND", message: "The requested resource could not be found" };

function refusal(request: PlatformRequest, pixel: string | undefined): XError | undefined {
  if (pixel === undefined || request.method !== "POST") return NO_ROUTE;
  if (!hasContentType(request, "application/json")) {
    return { status: 400, code: "INVALID_PARAMETER", message: "Expected application/json" };
  }
  const token = request.headers["x-pixel-token"]?.trim() ?? "";
  if (token === "" || token.startsWith("INVALID")) {
    return { status: 401, code: "UNAUTHORIZED_ACCESS", message: "This request is not properly authenticated" };
  }
  if (token.startsWith("NOPERM")) {
    const message = "The client application making this request does not have access";
    return { status: 403, code: "UNAUTHORIZED_CLIENT_APPLICATION", message };
  }
  return undefined;
}

function bodyRefusal(body: unknown, found: readonly unknown[], strict: boolean): XError | undefined {
  if (!isObject(body) || found.length === 0) {
    return { status: 400, code: "MISSING_PARAMETER", message: "conversions is required", parameter: "conversions" };
  }
  if (found.length > MAX_EVENTS) {
    const message = `conversions must hold 1 to ${MAX_EVENTS} entries`;
    return { status: 400, code: "INVALID_PARAMETER", message, parameter: "conversions" };
  }
  const [unknown] = checkFields(body, "", { conversions: anything }, strict ? undefined : anything);
  return unknown === undefined ? undefined : { ...errorOf(unknown), status: 400 };
}

function errorOf({ path, message, kind }: Problem): XError {
  const code = kind === "missing" ? "MISSING_PARAMETER" : "INVALID_PARAMETER";
  return { status: 400, code, message: `${path} ${message}`, parameter: path };
}

function scripted(event: unknown, rejectEventIds: readonly string[]): Problem[] {
  const id = isObject(event) ? event.conversion_id : undefined;
  return typeof id === "string" && rejectEventIds.includes(id)
    ? [{ path: "conversion_id", message: "is refused by script", kind: "value" }]
    : [];
}

function successAnswer(count: number): PlatformAnswer {
  return jsonAnswer(200, {
    request: { params: { account_id: "18ce552mlaq" } },
    data: { conversions_processed: count, debug_id: "ff02e052-36e4-47d6-bdf0-6d8986446562" },
  });
}

function errorAnswer(errors: readonly XError[]): PlatformAnswer {
  const [first] = errors;
  return jsonAnswer(first?.status ?? 400, {
    errors: errors.map(({ code, message, parameter }) => ({
      code,
      message,
      ...(parameter === undefined ? {} : { parameter }),
    })),
    request: { params: {} },
  });
}

/** The answer for a scripted status, in X's shape. */
function failure(status: number): PlatformAnswer {
  const codes: Readonly<Record<number, string>> = {
    401: "UNAUTHORIZED_ACCESS",
    403: "UNAUTHORIZED_CLIENT_APPLICATION",
    404: "WEB_EVENT_TAG_NOT_FOUND",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    503: "OVER_CAPACITY",
  };
  return errorAnswer([{ status, code: codes[status] ?? "INVALID_PARAMETER", message: "scripted failure" }]);
}

function described(
  events: readonly unknown[],
  problems: readonly (readonly string[])[],
  taken: boolean,
): JudgedEvent[] {
  return events.map((event, index) => {
    const { event_id: name, conversion_id: id } = isObject(event) ? event : {};
    return judgedEvent({ name, id, problems: problems[index] ?? [], taken, event });
  });
}
