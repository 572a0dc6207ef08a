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
import { anything, checkFields, isObject, parseJson, problemLines, text } from "../rules.ts";
import { isAppEvent, snapchatEventProblems } from "./snapchat/event.ts";

/**
 * Snapchat Conversions API v3. Copies with one event id are dropped within 48 h. How long an order id counts beside it is
 * not published, and left out here.
 */
export const snapchat: SandboxPlatform = {
  id: "snapchat",
  hosts: ["tr.snapchat.com"],
  dedupWindowMs: 48 * 3_600_000,
  judge: judgeSnapchat,
  failure: snapchatFailure,
};

const MAX_EVENTS = 2000;
const PATH = /^\/v3\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/events(\/validate)?$/i;

interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * Answers as the Conversions API does: yes or no to the request with the first wrong event named, and on the validation
 * path one row per event with nothing recorded. That one bad event costs all is our assumption: Snapchat does not say.
 */
function judgeSnapchat(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const [, asset = request.path, validate] = PATH.exec(request.path) ?? [];
  const body = parseJson(request.body);
  const data: readonly unknown[] = isObject(body) && Array.isArray(body.data) ? body.data : [];
  const target = asset.toLowerCase();
  const gate = addressRefusal(request) ?? tokenRefusal(request) ?? bodyRefusal(body, data, options.strict);
  if (gate !== undefined) {
    const events = data.length === 0 ? [body] : data;
    const problems = events.map(() => [gate.reason]);
    return {
      platform: "snapchat",
      target,
      answer: snapchatFailure(gate.status, gate.reason),
      events: judged(events, problems, false),
    };
  }
  const problems = data.map((event) => [
    ...problemLines(snapchatEventProblems(event, now, options.strict)),
    ...scripted(event, options.rejectEventIds),
  ]);
  const taken = problems.every((found) => found.length === 0);
  if (validate !== undefined) {
    return {
      platform: "snapchat",
      target,
      answer: validationAnswer(problems),
      events: judged(data, problems, taken),
      dryRun: true,
    };
  }
  return { platform: "snapchat", target, answer: answer(problems), events: judged(data, problems, taken) };
}

/** The answer for a scripted status, in Snapchat's shape. */
function snapchatFailure(status: number, reason = "scripted failure"): PlatformAnswer {
  return jsonAnswer(status, { status: "INVALID", reason });
}

function answer(problems: readonly (readonly string[])[]): PlatformAnswer {
  const event = problems.findIndex((found) => found.length > 0);
  if (event === -1) return jsonAnswer(200, { status: "VALID", reason: "Events have been processed successfully." });
  return jsonAnswer(400, { status: "INVALID", event, reason: "Event is invalid.", errors: errorsOf(problems[event]) });
}

function validationAnswer(problems: readonly (readonly string[])[]): PlatformAnswer {
  const isValid = problems.every((found) => found.length === 0);
  return jsonAnswer(200, {
    status: isValid ? "VALID" : "INVALID",
    test_event: true,
    reason: isValid ? "Events have been validated." : "Some events are invalid.",
    event_logs: problems.map((found, event) => ({
      event,
      status: found.length === 0 ? "VALID" : "INVALID",
      errors: errorsOf(found),
      warnings: [],
    })),
  });
}

function errorsOf(found: readonly string[] = []): { codes: string[]; error_msgs: readonly string[] } {
  return { codes: found.map(() => "INVALID_PARAMETER"), error_msgs: found };
}

function addressRefusal(request: PlatformRequest): Refusal | undefined {
  if (!PATH.test(request.path)) return { status: 404, reason: `no such path: ${request.path}` };
  if (request.method !== "POST") return { status: 405, reason: "only POST is taken" };
  return hasContentType(request, "application/json") ? undefined : { status: 415, reason: "the body must be JSON" };
}

function tokenRefusal(request: PlatformRequest): Refusal | undefined {
  const token = request.query.get("access_token") ?? "";
  if (token === "" || token.startsWith("INVALID") || token.startsWith("EXPIRED")) {
    return { status: 401, reason: "Invalid access token" };
  }
  return token.startsWith("NOPERM") ? { status: 403, reason: "No permission for this asset" } : undefined;
}

function bodyRefusal(body: unknown, data: readonly unknown[], strict: boolean): Refusal | undefined {
  const refuse = (reason: string) => ({ status: 400, reason });
  if (!isObject(body)) return refuse("the body is not a JSON object");
  if (data.length === 0 || data.length > MAX_EVENTS) return refuse(`data must hold 1 to ${MAX_EVENTS} events`);
  const [first] = checkFields(body, "", { data: anything, test_event_code: text }, strict ? undefined : anything);
  if (first !== undefined) return refuse(`${first.path} ${first.message}`);
  const isMixed = data.some(isAppEvent) && !data.every(isAppEvent);
  return isMixed ? refuse("events of apps and others have different addresses") : undefined;
}

function scripted(event: unknown, rejectEventIds: readonly string[]): string[] {
  const id = isObject(event) ? event.event_id : undefined;
  return typeof id === "string" && rejectEventIds.includes(id) ? ["event_id is refused by script"] : [];
}

function judged(events: readonly unknown[], problems: readonly (readonly string[])[], taken: boolean): JudgedEvent[] {
  return events.map((event, index) => {
    const fields = isObject(event) ? event : {};
    return judgedEvent({ name: fields.event_name, id: fields.event_id, problems: problems[index] ?? [], taken, event });
  });
}
