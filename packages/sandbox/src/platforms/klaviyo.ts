import { createHash } from "node:crypto";
import {
  type JudgedEvent,
  type Judgement,
  type JudgeOptions,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { hasContentType } from "../platform-request.ts";
import { isObject, type JsonObject, parseJson } from "../rules.ts";
import { type KlaviyoProblem, problemsOfEvent, problemsOfProfile, problemsOfResource } from "./klaviyo/event.ts";

/**
 * Klaviyo's Events API. Of two events with the same profile, metric and `unique_id` the first counts, however much
 * later the second comes. A bulk job is judged by its entries: one profile with its events each.
 */
export const klaviyo: SandboxPlatform = {
  id: "klaviyo",
  hosts: ["a.klaviyo.com"],
  dedupWindowMs: 10 * 365 * 86_400_000,
  judge: judgeKlaviyo,
  failure: (status) => errorAnswer(status, [{ pointer: "", message: "scripted failure" }]),
};

const MAX_BODY_BYTES = 5_000_000;
const MAX_EVENTS = 1000;
const REVISION_LIFE_YEARS = 2;
const EVENTS = "/data/attributes/events-bulk-create/data";

/** What Klaviyo refuses a request with before it looks at events. */
interface Gate {
  readonly status: number;
  readonly problem: KlaviyoProblem;
}

/** One event, or one profile of a bulk job with its events. */
interface Entry {
  readonly profile: unknown;
  readonly events: readonly JsonObject[];
  readonly problems: readonly KlaviyoProblem[];
}

function judgeKlaviyo(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const target = keyOf(request)?.slice(0, 12) ?? "(no key)";
  const body = parseJson(request.body);
  const refusal = gate(request, now) ?? (isObject(body) ? undefined : invalidGate("", "Invalid input."));
  if (refusal !== undefined) {
    const answer = errorAnswer(refusal.status, [refusal.problem]);
    const whole: Entry = { profile: undefined, events: [], problems: [refusal.problem] };
    return { platform: "klaviyo", target, answer, events: [describe(whole, false)] };
  }
  const data = isObject(body) ? body.data : undefined;
  const entries = request.path.startsWith("/api/events")
    ? [singleEntry(data, now, options)]
    : bulkEntries(data, now, options);
  const problems = entries.flatMap((entry) => entry.problems);
  return {
    platform: "klaviyo",
    target,
    answer: problems.length === 0 ? { status: 202, headers: {}, body: "" } : errorAnswer(400, problems),
    events: entries.map((entry) => describe(entry, problems.length === 0)),
  };
}

function gate(request: PlatformRequest, now: number): Gate | undefined {
  if (!/^\/api\/(events|event-bulk-create-jobs)\/?$/.test(request.path))
    return { status: 404, problem: at("not found") };
  if (request.method !== "POST") return { status: 405, problem: at(`Method "${request.method}" not allowed.`) };
  return (
    keyProblem(request) ??
    revisionProblem(request.headers.revision, now) ??
    (hasContentType(request, "application/vnd.api+json")
      ? undefined
      : { status: 415, problem: at("Unsupported media type in request.") }) ??
    (Buffer.byteLength(request.body) > MAX_BODY_BYTES
      ? { status: 413, problem: at("The payload is too large.") }
      : undefined)
  );
}

function keyOf(request: PlatformRequest): string | undefined {
  return /^Klaviyo-API-Key (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
}

function keyProblem(request: PlatformRequest): Gate | undefined {
  const key = keyOf(request);
  if (key === undefined) return { status: 401, problem: at("Authentication credentials were not provided.") };
  if (!key.startsWith("pk_") || key.startsWith("pk_INVALID")) {
    return { status: 401, problem: at("Incorrect authentication credentials.") };
  }
  return key.startsWith("pk_NOPERM")
    ? { status: 403, problem: at("The API key is missing required scopes: events:write") }
    : undefined;
}

/** Revisions are served from their date on, for two years. */
function revisionProblem(revision: string | undefined, now: number): Gate | undefined {
  const from = Date.parse(`${revision}T00:00:00Z`);
  if (revision === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(revision) || Number.isNaN(from) || from > now) {
    return invalidGate("/revision", "The revision header must hold the date of a revision");
  }
  const end = new Date(from);
  end.setUTCFullYear(end.getUTCFullYear() + REVISION_LIFE_YEARS);
  return now >= end.getTime()
    ? { status: 410, problem: { pointer: "", message: `revision ${revision} is retired` } }
    : undefined;
}

function singleEntry(data: unknown, now: number, options: JudgeOptions): Entry {
  const pointer = "/data";
  const resource = problemsOfResource(data, "event", pointer);
  const event = attributesOf(data);
  const profile = isObject(event.profile) ? event.profile.data : undefined;
  const problems = [
    ...resource,
    ...(resource.length > 0 ? [] : problemsOfEvent(event, `${pointer}/attributes`, { now, strict: options.strict })),
    ...problemsOfProfile(profile, `${pointer}/attributes/profile/data`, options.strict),
    ...scripted(event, `${pointer}/attributes`, options),
  ];
  return { profile, events: [event], problems };
}

function bulkEntries(data: unknown, now: number, options: JudgeOptions): Entry[] {
  const job = problemsOfResource(data, "event-bulk-create-job", "/data");
  const list = attributesOf(data)["events-bulk-create"];
  const found = isObject(list) && Array.isArray(list.data) ? (list.data as readonly unknown[]) : [];
  if (job.length > 0 || found.length === 0) {
    const problems = job.length > 0 ? job : [{ pointer: EVENTS, message: "must hold at least one entry" }];
    return [{ profile: undefined, events: [], problems }];
  }
  const seen = new Set<string>();
  const entries = found.map((entry, index) => bulkEntry(entry, `${EVENTS}/${index}`, { now, options, seen }));
  const count = entries.reduce((sum, { events }) => sum + events.length, 0);
  const [first] = entries;
  if (count <= MAX_EVENTS || first === undefined) return entries;
  const tooMany = { pointer: EVENTS, message: `holds ${count} events, at most ${MAX_EVENTS} are taken` };
  return [{ ...first, problems: [...first.problems, tooMany] }, ...entries.slice(1)];
}

interface JobScope {
  readonly now: number;
  readonly options: JudgeOptions;
  /** Profile, metric and unique id of the events before. */
  readonly seen: Set<string>;
}

function bulkEntry(entry: unknown, pointer: string, { now, options, seen }: JobScope): Entry {
  const resource = problemsOfResource(entry, "event-bulk-create", pointer);
  const attributes = attributesOf(entry);
  const profile = isObject(attributes.profile) ? attributes.profile.data : undefined;
  const list = isObject(attributes.events) && Array.isArray(attributes.events.data) ? attributes.events.data : [];
  const problems = [...resource, ...problemsOfProfile(profile, `${pointer}/attributes/profile/data`, options.strict)];
  if (list.length === 0) problems.push({ pointer: `${pointer}/attributes/events/data`, message: "must not be empty" });
  const events = (list as readonly unknown[]).map((each, index) => {
    const path = `${pointer}/attributes/events/data/${index}`;
    const event = attributesOf(each);
    const { profile: inside, ...rest } = event;
    problems.push(...problemsOfResource(each, "event", path));
    problems.push(...problemsOfEvent(rest, `${path}/attributes`, { now, strict: options.strict }));
    if (inside !== undefined) problems.push({ pointer: `${path}/attributes/profile`, message: "belongs to the entry" });
    const key = JSON.stringify([profileKey(profile), metricOf(event), uniqueId(event)]);
    if (seen.has(key)) {
      problems.push({ pointer: `${path}/attributes/unique_id`, message: "is repeated for the profile and metric" });
    }
    seen.add(key);
    problems.push(...scripted(event, `${path}/attributes`, options));
    return event;
  });
  return { profile, events, problems };
}

function scripted(event: JsonObject, pointer: string, { rejectEventIds }: JudgeOptions): KlaviyoProblem[] {
  const id = event.unique_id;
  return typeof id === "string" && rejectEventIds.includes(id)
    ? [{ pointer: `${pointer}/unique_id`, message: "is refused by script" }]
    : [];
}

function attributesOf(resource: unknown): JsonObject {
  return isObject(resource) && isObject(resource.attributes) ? resource.attributes : {};
}

function metricOf(event: JsonObject): unknown {
  const data = isObject(event.metric) ? event.metric.data : undefined;
  return attributesOf(data).name;
}

/** Without one Klaviyo takes the second at which it happened. */
function uniqueId(event: JsonObject): string {
  return String(event.unique_id ?? event.time);
}

function profileKey(profile: unknown): string {
  const { email, phone_number, external_id, anonymous_id } = attributesOf(profile);
  return String(email ?? phone_number ?? external_id ?? anonymous_id ?? "");
}

function describe({ profile, events: [first = {}, ...more], problems }: Entry, taken: boolean): JudgedEvent {
  return judgedEvent({
    name: metricOf(first),
    id: first.unique_id,
    dedupKey: `${profileKey(profile)} ${uniqueId(first)}`,
    problems: problems.map(({ pointer, message }) => (pointer === "" ? message : `${pointer} ${message}`)),
    taken,
    event: more.length === 0 ? first : { profile, events: [first, ...more] },
  });
}

function at(message: string): KlaviyoProblem {
  return { pointer: "", message };
}

function invalidGate(pointer: string, message: string): Gate {
  return { status: 400, problem: { pointer, message } };
}

const CODES: Readonly<Record<number, readonly [code: string, title: string]>> = {
  401: ["not_authenticated", "Authentication credentials were not provided."],
  403: ["permission_denied", "You do not have permission to perform this action."],
  404: ["not_found", "Not found."],
  405: ["method_not_allowed", "Method not allowed."],
  410: ["gone", "This revision is retired."],
  415: ["unsupported_media_type", "Unsupported media type."],
  429: ["throttled", "Request was throttled."],
};

function errorAnswer(status: number, problems: readonly KlaviyoProblem[]): PlatformAnswer {
  const [code, title] =
    CODES[status] ?? (status >= 500 ? ["error", "A server error occurred."] : ["invalid", "Invalid input."]);
  const errors = problems.map(({ pointer, message }) => ({
    id: createHash("sha256").update(`${status}${pointer}${message}`).digest("hex").slice(0, 32),
    status,
    code,
    title,
    detail: message,
    source: pointer === "" ? {} : { pointer },
    links: {},
    meta: {},
  }));
  return { status, headers: { "content-type": "application/vnd.api+json" }, body: JSON.stringify({ errors }) };
}
