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
import { anything, boolean, checkFields, isObject, type Problem, parseJson, problemLines, text } from "../rules.ts";
import { microsoftEventProblems } from "./microsoft-ads/event.ts";

/**
 * Microsoft Advertising's UET Conversions API. How long it drops copies is not published; here as long as it takes events.
 * https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration
 */
export const microsoftAds: SandboxPlatform = {
  id: "microsoft-ads",
  hosts: ["capi.uet.microsoft.com"],
  dedupWindowMs: 7 * 86_400_000,
  judge,
  failure,
};

const PATH = /^\/v1\/(\d+)\/events$/;
const MAX_EVENTS = 1000;
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00";
const ROOT_FIELDS = { data: anything, dataProvider: text, continueOnValidationError: boolean };

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** One bad event is refused alone when the request asks for that, and costs all of them when it does not. */
function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const target = PATH.exec(request.path)?.[1] ?? request.path;
  const body = parseJson(request.body);
  const data: readonly unknown[] = isObject(body) && Array.isArray(body.data) ? body.data : [];
  const gate = refusal(request) ?? bodyRefusal(body, data, options.strict);
  const judged = (answer: PlatformAnswer, events: readonly JudgedEvent[]): Judgement => {
    return { platform: "microsoft-ads", target, answer, events };
  };
  if (gate !== undefined) {
    const events = data.length === 0 ? [body] : data;
    return judged(
      errorAnswer(gate),
      events.map((event) => described(event, [gate.message], false)),
    );
  }
  const problems = data.map((event) => [
    ...microsoftEventProblems(event, now, options.strict),
    ...scripted(event, options.rejectEventIds),
  ]);
  const isPartial = isObject(body) && body.continueOnValidationError === true;
  const isClean = problems.every((own) => own.length === 0);
  return judged(
    answerTo(problems, isPartial),
    data.map((event, index) => {
      const own = problems[index] ?? [];
      return described(event, problemLines(own), isClean || (isPartial && own.length === 0));
    }),
  );
}

function refusal(request: PlatformRequest): Refusal | undefined {
  if (!PATH.test(request.path) || request.method !== "POST") {
    return { status: 404, code: "NotFound", message: "The resource does not exist" };
  }
  const token = bearerToken(request) ?? "";
  if (token === "" || token.startsWith("INVALID")) {
    return { status: 401, code: "Unauthorized", message: "The token is not one of this tag" };
  }
  if (token.startsWith("NOPERM")) {
    return { status: 403, code: "Forbidden", message: "The account has no access to the Conversions API" };
  }
  return hasContentType(request, "application/json")
    ? undefined
    : { status: 415, code: "UnsupportedMediaType", message: "The body must be JSON" };
}

function bodyRefusal(body: unknown, data: readonly unknown[], strict: boolean): Refusal | undefined {
  const refuse = (message: string): Refusal => ({ status: 400, code: "InvalidArgument", message });
  if (!isObject(body)) return refuse("the body is not a JSON object");
  if (data.length === 0 || data.length > MAX_EVENTS) return refuse(`data must hold 1 to ${MAX_EVENTS} events`);
  const [problem] = problemLines(checkFields(body, "", ROOT_FIELDS, strict ? undefined : anything));
  return problem === undefined ? undefined : refuse(problem);
}

function scripted(event: unknown, rejectEventIds: readonly string[]): Problem[] {
  const id = isObject(event) ? event.eventId : undefined;
  return typeof id === "string" && rejectEventIds.includes(id)
    ? [{ path: "eventId", message: "is refused by script", kind: "value" }]
    : [];
}

function answerTo(problems: readonly (readonly Problem[])[], isPartial: boolean): PlatformAnswer {
  const details = problems.flatMap((own, index) =>
    own.map(({ path, message }) => ({ index, propertyName: path, errorMessage: message, isWarning: false })),
  );
  if (details.length === 0) return jsonAnswer(200, { eventsReceived: problems.length, traceId: TRACE });
  const error = { code: "InvalidArgument", message: "One or more events are invalid", details };
  const received = isPartial ? problems.filter((own) => own.length === 0).length : 0;
  return jsonAnswer(isPartial ? 200 : 400, { eventsReceived: received, error, traceId: TRACE });
}

function errorAnswer({ status, code, message }: Refusal): PlatformAnswer {
  return jsonAnswer(status, { error: { code, message }, traceId: TRACE });
}

/** The answer for a scripted status, in Microsoft's shape. */
function failure(status: number): PlatformAnswer {
  const codes: Readonly<Record<number, string>> = { 401: "Unauthorized", 403: "Forbidden", 404: "NotFound" };
  return errorAnswer({ status, code: codes[status] ?? "Failure", message: "scripted failure" });
}

function described(event: unknown, problems: readonly string[], taken: boolean): JudgedEvent {
  const { eventType, eventName = eventType, eventId: id } = isObject(event) ? event : {};
  return judgedEvent({ name: eventName, id, problems, taken, event });
}
