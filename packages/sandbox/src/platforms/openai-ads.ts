import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { bearerToken, hasContentType, parameters } from "../platform-request.ts";
import {
  anything,
  boolean,
  checkFields,
  isObject,
  type JsonObject,
  matching,
  type Problem,
  parseJson,
  problemLines,
} from "../rules.ts";
import { openAiEventProblems } from "./openai-ads/event.ts";

/**
 * OpenAI Ads Conversions API. A request is taken whole or not at all. Copies with one type and id are dropped; for how
 * long is not published, and seven days is as long as an event may be sent. The shapes of answers are those seen by
 * others. https://developers.openai.com/ads/conversions-api
 */
export const openaiAds: SandboxPlatform = {
  id: "openai-ads",
  hosts: ["bzr.openai.com"],
  dedupWindowMs: 7 * 86_400_000,
  judge,
  failure: (status) => refusal(status, status === 401 ? "Invalid API key." : "scripted failure"),
};

const MAX_EVENTS = 1000;

const ROOT_FIELDS = {
  validate_only: boolean,
  integration_source: matching(
    /^[A-Za-z0-9._-]{1,64}$/,
    "a name of 1 to 64 letters, digits, dots, underscores, dashes",
  ),
  events: anything,
};

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const root: JsonObject = isObject(body) ? body : {};
  const found: readonly unknown[] = Array.isArray(root.events) ? root.events : [];
  const gate = addressRefusal(request) ?? keyRefusal(request) ?? rootRefusal(root, found, options.strict);
  const rows = found.map((event) => (gate === undefined ? rowProblems(event, now, options) : []));
  const isTaken = gate === undefined && rows.every((problems) => problems.length === 0);
  const events = (found.length === 0 ? [body] : found).map((event, index) => {
    const { type: name, id } = isObject(event) ? event : {};
    const problems = gate === undefined ? problemLines(rows[index] ?? []) : [gate.message];
    return judgedEvent({ name, id, problems, taken: isTaken, event });
  });
  return {
    platform: "openai-ads",
    target: request.query.get("pid") ?? "(no pixel)",
    answer: answer(gate, rows),
    events,
    ...(root.validate_only === true ? { dryRun: true } : {}),
  };
}

interface Gate {
  readonly status: number;
  readonly message: string;
}

function answer(gate: Gate | undefined, rows: readonly (readonly Problem[])[]): PlatformAnswer {
  if (gate !== undefined) return refusal(gate.status, gate.message);
  const errors = rows.flatMap((problems, row) =>
    problems.map(({ path, message }) => ({
      message: `${path} ${message}`.trim(),
      code: "invalid_value",
      param: path === "" ? `events[${row}]` : `events[${row}].${path}`,
    })),
  );
  const [first] = errors;
  if (first === undefined) return jsonAnswer(200, { accepted_events: rows.length });
  return jsonAnswer(400, { error: { ...first, errors } });
}

function refusal(status: number, message: string): PlatformAnswer {
  return jsonAnswer(status, { error: { message, code: null, param: null, errors: [] } });
}

function addressRefusal(request: PlatformRequest): Gate | undefined {
  if (request.path !== "/v1/events") return { status: 404, message: `no such path: ${request.path}` };
  if (request.method !== "POST") return { status: 405, message: "only POST is taken" };
  if (!hasContentType(request, "application/json")) return { status: 415, message: "the body must be JSON" };
  const { fields, repeated } = parameters(request.query);
  return Object.keys(fields).join() === "pid" && repeated.length === 0 && /^[\w-]+$/.test(fields.pid ?? "")
    ? undefined
    : { status: 404, message: "pid must name a pixel, and nothing else" };
}

function keyRefusal(request: PlatformRequest): Gate | undefined {
  const key = bearerToken(request);
  if (key === undefined || key.startsWith("INVALID")) return { status: 401, message: "Invalid API key." };
  return key.startsWith("NOPERM") ? { status: 403, message: "The key has no permission for this pixel." } : undefined;
}

function rootRefusal(root: JsonObject, events: readonly unknown[], strict: boolean): Gate | undefined {
  if (events.length === 0 || events.length > MAX_EVENTS) {
    return { status: 400, message: `events must hold 1 to ${MAX_EVENTS} events` };
  }
  const [first] = checkFields(root, "", ROOT_FIELDS, strict ? undefined : anything);
  return first === undefined ? undefined : { status: 400, message: `${first.path} ${first.message}` };
}

function rowProblems(event: unknown, now: number, { strict, rejectEventIds }: JudgeOptions): Problem[] {
  const id = isObject(event) ? event.id : undefined;
  const isScripted = typeof id === "string" && rejectEventIds.includes(id);
  return [
    ...openAiEventProblems(event, now, strict),
    ...(isScripted ? [{ path: "id", message: "is refused by script", kind: "value" as const }] : []),
  ];
}
