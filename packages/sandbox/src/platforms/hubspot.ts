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
import { bearerToken, hasContentType } from "../platform-request.ts";
import { anything, checkFields, isObject, type JsonObject, parseJson } from "../rules.ts";
import { contactProblems, type HubspotProblem, isUndefinedEvent, occurrenceProblems } from "./hubspot/inputs.ts";
import { contactResult } from "./hubspot/result.ts";

/**
 * HubSpot's batch upsert of contacts and its batch of custom event occurrences. Contacts are updated again by every
 * copy; of occurrences with one `uuid` the first counts, for a year. Properties that begin with `missing_` and events
 * that end in `_undefined` are those that nobody has made in the account.
 */
export const hubspot: SandboxPlatform = {
  id: "hubspot",
  hosts: ["api.hubapi.com"],
  dedupWindowMs: 365 * 86_400_000,
  judge: judgeHubspot,
  failure: hubspotFailure,
};

const MAX_CONTACTS = 100;
const MAX_EVENTS = 500;
const LIFE_MONTHS = 18;
const CONTACTS_PATH = /^\/crm\/(?:objects\/(\d{4}-\d{2})|v3\/objects)\/contacts\/batch\/upsert$/;
const EVENTS_PATH = /^\/events\/(\d{4}-\d{2}|v3)\/send\/batch$/;

/** What is refused before the inputs are looked at. */
interface Refusal {
  readonly status: number;
  readonly category: string;
  readonly message: string;
}

type Problems = readonly (readonly HubspotProblem[])[];

function judgeHubspot(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const inputs = isObject(body) && Array.isArray(body.inputs) ? (body.inputs as readonly unknown[]) : [];
  const isContacts = CONTACTS_PATH.test(request.path);
  const refusal = gate(request, now) ?? bodyProblem(body, inputs, isContacts ? MAX_CONTACTS : MAX_EVENTS, options);
  if (refusal !== undefined) {
    return judgement(isContacts, errorAnswer(refusal), describe(inputs, [], refusal.message, new Set()));
  }
  return isContacts ? judgeContacts(inputs, options) : judgeOccurrences(inputs, now, options);
}

function judgeContacts(inputs: readonly unknown[], options: JudgeOptions): Judgement {
  const ids = inputs.map((input) => String(isObject(input) ? input.id : undefined).toLowerCase());
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (repeated.length > 0) {
    const message = `Duplicate IDs found in batch input: [${repeated.join(", ")}]. IDs must be unique`;
    return judgement(true, errorAnswer(invalid(message)), describe(inputs, [], message, new Set()));
  }
  const problems = inputs.map((input) => [
    ...contactProblems(input, options.strict),
    ...scripted(isObject(input) ? input.id : undefined, options),
  ]);
  const traces = inputs.map((input) => (isObject(input) ? input.objectWriteTraceId : undefined));
  const isTraced = new Set(traces.filter((trace) => typeof trace === "string")).size === inputs.length;
  const bad = problems.flatMap((found, index) => (found.length > 0 ? [index] : []));
  const [first] = bad;
  if (first !== undefined && !isTraced) {
    const answer = errorAnswer(invalid(valuesMessage(problems[first] ?? [])));
    return judgement(true, answer, describe(inputs, problems, undefined, new Set()));
  }
  const good = inputs.flatMap((_, index) => (bad.includes(index) ? [] : [index]));
  const answer = jsonAnswer(bad.length > 0 ? 207 : 200, {
    status: "COMPLETE",
    // In any order but that of the request.
    results: good.toReversed().map((index) => contactResult(inputs[index], traces[index])),
    ...(bad.length === 0
      ? {}
      : { numErrors: bad.length, errors: bad.map((index) => rowError(problems, traces, index)) }),
    startedAt: "2026-11-23T12:00:00.000Z",
    completedAt: "2026-11-23T12:00:00.100Z",
  });
  return judgement(true, answer, describe(inputs, problems, undefined, new Set(good)));
}

function judgeOccurrences(inputs: readonly unknown[], now: number, options: JudgeOptions): Judgement {
  const problems = inputs.map((input) => [
    ...occurrenceProblems(input, now, options.strict),
    ...scripted(isObject(input) ? input.uuid : undefined, options),
  ]);
  const undefinedEvent = inputs.find((input) => isObject(input) && isUndefinedEvent(input.eventName));
  const [first] = problems.flat();
  const all = new Set(inputs.keys());
  if (undefinedEvent !== undefined) {
    const message = `The event definition ${(undefinedEvent as JsonObject).eventName} could not be found`;
    return judgement(false, errorAnswer(invalid(message)), describe(inputs, problems, message, new Set()));
  }
  if (first !== undefined) {
    const message = `Invalid input: ${first.path} ${first.message}`;
    return judgement(false, errorAnswer(invalid(message)), describe(inputs, problems, undefined, new Set()));
  }
  return judgement(false, { status: 204, headers: {}, body: "" }, describe(inputs, problems, undefined, all));
}

function judgement(isContacts: boolean, answer: PlatformAnswer, events: Judgement["events"]): Judgement {
  return { platform: "hubspot", target: isContacts ? "contacts" : "events", answer, events };
}

function gate(request: PlatformRequest, now: number): Refusal | undefined {
  const version = CONTACTS_PATH.exec(request.path) ?? EVENTS_PATH.exec(request.path);
  if (version === null || !isServed(version[1] ?? "v3", now)) {
    return { status: 404, category: "OBJECT_NOT_FOUND", message: "resource not found" };
  }
  if (request.method !== "POST") return { status: 405, category: "VALIDATION_ERROR", message: "Method Not Allowed" };
  if (!hasContentType(request, "application/json")) {
    return { status: 415, category: "VALIDATION_ERROR", message: "Unsupported Media Type" };
  }
  const token = bearerToken(request);
  if (token === undefined || token.startsWith("INVALID")) {
    return { status: 401, category: "INVALID_AUTHENTICATION", message: "Authentication credentials not found." };
  }
  if (token.startsWith("EXPIRED")) {
    return { status: 401, category: "EXPIRED_AUTHENTICATION", message: "The access token is expired." };
  }
  return token.startsWith("NOPERM")
    ? { status: 403, category: "MISSING_SCOPES", message: "This app hasn't been granted all required scopes." }
    : undefined;
}

function isServed(version: string, now: number): boolean {
  if (version === "v3") return true;
  const from = new Date(`${version}-01T00:00:00Z`);
  const end = new Date(from);
  end.setUTCMonth(end.getUTCMonth() + LIFE_MONTHS + 1);
  return /-(03|09)$/.test(version) && from.getTime() <= now && now < end.getTime();
}

function bodyProblem(
  body: unknown,
  inputs: readonly unknown[],
  most: number,
  { strict }: JudgeOptions,
): Refusal | undefined {
  if (!isObject(body)) return invalid("Invalid input JSON");
  const [problem] = checkFields(body, "", { inputs: anything }, strict ? undefined : anything);
  if (problem !== undefined) return invalid(`${problem.path} ${problem.message}`);
  return inputs.length === 0 || inputs.length > most ? invalid(`inputs must hold 1 to ${most} entries`) : undefined;
}

function scripted(id: unknown, { rejectEventIds }: JudgeOptions): HubspotProblem[] {
  return typeof id === "string" && rejectEventIds.includes(id)
    ? [{ path: "id", message: "is refused by script", code: "INVALID" }]
    : [];
}

function rowError(problems: Problems, traces: readonly unknown[], index: number) {
  return {
    status: "error",
    category: "VALIDATION_ERROR",
    message: valuesMessage(problems[index] ?? []),
    context: { objectWriteTraceId: [traces[index]] },
  };
}

function valuesMessage(problems: readonly HubspotProblem[]): string {
  const values = problems.map(({ path, message, code }) => ({ isValid: false, message, error: code, name: path }));
  return `Property values were not valid: ${JSON.stringify(values)}`;
}

function invalid(message: string): Refusal {
  return { status: 400, category: "VALIDATION_ERROR", message };
}

const CATEGORIES: Readonly<Record<number, string>> = {
  401: "INVALID_AUTHENTICATION",
  403: "MISSING_SCOPES",
  404: "OBJECT_NOT_FOUND",
  409: "CONFLICT",
  429: "RATE_LIMITS",
};

function hubspotFailure(status: number): PlatformAnswer {
  const category = CATEGORIES[status] ?? (status >= 500 ? "INTERNAL_ERROR" : "VALIDATION_ERROR");
  const policy = { errorType: "RATE_LIMIT", policyName: "TEN_SECONDLY_ROLLING" };
  return errorAnswer({ status, category, message: "scripted failure" }, status === 429 ? policy : {});
}

function errorAnswer({ status, category, message }: Refusal, more: JsonObject = {}): PlatformAnswer {
  const digest = createHash("sha256").update(`${status}${message}`).digest("hex");
  const correlationId = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return jsonAnswer(status, { status: "error", message, correlationId, category, ...more });
}

function describe(
  inputs: readonly unknown[],
  problems: Problems,
  whole: string | undefined,
  taken: ReadonlySet<number>,
): Judgement["events"] {
  return (inputs.length === 0 ? [undefined] : inputs).map((input, index) => {
    const { eventName, uuid, id } = isObject(input) ? input : {};
    const own = (problems[index] ?? []).map(({ path, message }) => `${path} ${message}`);
    return judgedEvent({
      name: eventName ?? "contact",
      id: uuid ?? id,
      // A contact is written again by every copy, and is the same afterwards.
      dedupKey: uuid ?? null,
      problems: [...(whole === undefined ? [] : [whole]), ...own],
      taken: taken.has(index),
      event: input,
    });
  });
}
