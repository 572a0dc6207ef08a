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
import { anything, checkFields, isObject, type JsonObject, parseJson, problemLines, text } from "../rules.ts";
import { redditEventProblems } from "./reddit/event.ts";

/** Reddit Conversions API v3. Copies with one type and conversion id are dropped when both come within 2 days. */
export const reddit: SandboxPlatform = {
  id: "reddit",
  hosts: ["ads-api.reddit.com"],
  dedupWindowMs: 48 * 3_600_000,
  judge: judgeReddit,
  failure: redditFailure,
};

const MAX_EVENTS = 1000;
const PATH = /^\/api\/v3\/pixels\/(\w+)\/conversion_events$/;

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Answers as Reddit does: one invalid event and none is processed, with the fields that are wrong named by their place.
 * With a `test_id` the events are shown and not counted.
 */
function judgeReddit(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const data: JsonObject = isObject(body) && isObject(body.data) ? body.data : {};
  const events: readonly unknown[] = Array.isArray(data.events) ? data.events : [body];
  const target = PATH.exec(request.path)?.[1] ?? request.path;
  const judgement = { platform: "reddit", target, ...(data.test_id === undefined ? {} : { dryRun: true }) };
  const gate = addressRefusal(request) ?? bodyRefusal(body, data);
  if (gate !== undefined) {
    const problems = events.map(() => [gate.message]);
    return { ...judgement, answer: redditFailure(gate.status, gate.message), events: judged(events, problems, false) };
  }
  const problems = events.map((event) => [
    ...problemLines(redditEventProblems(event, now)),
    ...scripted(event, options.rejectEventIds),
  ]);
  const invalid = problems.filter((found) => found.length > 0).length;
  return {
    ...judgement,
    answer:
      invalid === 0
        ? jsonAnswer(200, { data: { message: `Successfully processed ${events.length} conversion events.` } })
        : invalidAnswer(problems, invalid),
    events: judged(events, problems, invalid === 0),
  };
}

/** The answer for a scripted status, in the shape that Reddit has for it. */
function redditFailure(status: number, message = "scripted failure"): PlatformAnswer {
  if (status !== 401) return jsonAnswer(status, { error: { code: status, message } });
  return jsonAnswer(401, { success: false, error: { reason: "UNAUTHORIZED", explanation: message } });
}

function invalidAnswer(problems: readonly (readonly string[])[], invalid: number): PlatformAnswer {
  const fields = problems.flatMap((found, index) =>
    found.map((line) => {
      const [path = "", ...words] = line.split(" ");
      return { field: `data.events[${index}].${path}`, message: words.join(" ") };
    }),
  );
  const message = `There were ${invalid} invalid conversion events. None were processed.`;
  return jsonAnswer(400, { error: { code: 400, message, fields } });
}

function addressRefusal(request: PlatformRequest): Refusal | undefined {
  if (!PATH.test(request.path)) return { status: 404, message: "The pixel was not found." };
  if (request.method !== "POST") return { status: 405, message: "Only POST is taken." };
  const token = bearerToken(request);
  if (token === undefined) return { status: 401, message: "No bearer token provided" };
  if (/^(?:INVALID|EXPIRED)/.test(token)) return { status: 401, message: "The token cannot be authenticated." };
  if (token.startsWith("NOPERM")) {
    return { status: 403, message: "You're not authorized to post conversions to this Pixel ID." };
  }
  return hasContentType(request, "application/json") ? undefined : { status: 415, message: "The body must be JSON." };
}

function bodyRefusal(body: unknown, data: JsonObject): Refusal | undefined {
  const refuse = (message: string) => ({ status: 400, message });
  if (!isObject(body) || !isObject(body.data) || !Array.isArray(data.events)) return refuse("data.events is missing");
  if (data.events.length === 0 || data.events.length > MAX_EVENTS) return refuse("Bad Request");
  const [unknown] = [...checkFields(body, "", { data: anything }), ...checkFields(data, "data", DATA_FIELDS)];
  return unknown === undefined ? undefined : refuse(`JSON error "unknown field" on field "${unknown.path}"`);
}

const DATA_FIELDS = { events: anything, test_id: text };

function scripted(event: unknown, rejectEventIds: readonly string[]): string[] {
  const id = conversionId(event);
  return typeof id === "string" && rejectEventIds.includes(id) ? ["metadata.conversion_id is refused by script"] : [];
}

function conversionId(event: unknown): unknown {
  return isObject(event) && isObject(event.metadata) ? event.metadata.conversion_id : undefined;
}

function judged(events: readonly unknown[], problems: readonly (readonly string[])[], taken: boolean): JudgedEvent[] {
  return events.map((event, index) => {
    const type = isObject(event) && isObject(event.type) ? event.type : {};
    const name = type.tracking_type === "CUSTOM" ? type.custom_event_name : type.tracking_type;
    return judgedEvent({ name, id: conversionId(event), problems: problems[index] ?? [], taken, event });
  });
}
