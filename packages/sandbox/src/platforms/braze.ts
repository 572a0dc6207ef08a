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
import { isObject, type JsonObject, parseJson } from "../rules.ts";
import { attributesProblems, eventProblems, purchaseProblems } from "./braze/objects.ts";

/**
 * Braze's /users/track. Objects are judged one by one, and a 201 names those that are refused by array and place; only
 * what is wrong with the request fails it. No copy is ever dropped.
 * https://www.braze.com/docs/api/endpoints/user_data/post_user_track
 */
export const braze: SandboxPlatform = {
  id: "braze",
  hosts: (host) => /^rest\.[a-z]{2,3}-\d\d\.braze\.(?:com|eu)$/.test(host),
  dedupWindowMs: 0,
  judge: judgeBraze,
  failure: (status) => jsonAnswer(status, { message: FAILURES[status] ?? "scripted failure", errors: [] }),
};

const MOST_OBJECTS = 75;
const MAX_BODY_BYTES = 4_000_000;
const ARRAYS = ["attributes", "events", "purchases"] as const;

const FAILURES: Readonly<Record<number, string>> = {
  401: "Invalid API key",
  404: "Invalid URL",
  429: "Rate limit exceeded",
  500: "Internal Server Error",
};

/** One object of a request with all that is wrong with it. */
interface JudgedObject {
  readonly array: (typeof ARRAYS)[number];
  readonly index: number;
  readonly object: JsonObject;
  readonly problems: readonly string[];
}

function judgeBraze(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const refusal = gate(request, body, options);
  if (refusal !== undefined || !isObject(body)) {
    const answer = refusal ?? fatal(400, "The request body is no JSON object");
    const problems = [`the request is answered ${answer.status}: ${answer.body}`];
    const whole = judgedEvent({ name: "", id: undefined, dedupKey: null, problems, taken: false, event: body });
    return { platform: "braze", target: request.host, answer, events: [whole] };
  }
  const objects = ARRAYS.flatMap((array) => judgeArray(array, body[array], now, options));
  return { platform: "braze", target: request.host, answer: answerFor(objects), events: eventsOf(objects) };
}

/** What fails a whole request, before any object is looked at. */
function gate(request: PlatformRequest, body: unknown, { strict }: JudgeOptions): PlatformAnswer | undefined {
  if (request.path !== "/users/track") return fatal(404, "Invalid URL");
  if (request.method !== "POST") return fatal(405, "Method not allowed");
  const key = bearerToken(request);
  if (key === undefined || key.startsWith("INVALID")) return fatal(401, "Invalid API key");
  if (!hasContentType(request, "application/json")) return fatal(400, "The content type is not application/json");
  if (Buffer.byteLength(request.body) > MAX_BODY_BYTES) return fatal(413, "The request is too large");
  if (!isObject(body)) return fatal(400, "The request body is no JSON object");
  const unknown = Object.keys(body).filter((name) => !(ARRAYS as readonly string[]).includes(name));
  if (strict && unknown.length > 0) return fatal(400, `unknown fields: ${unknown.join(", ")}`);
  const lists = ARRAYS.map((array) => body[array]).filter((list) => list !== undefined);
  if (!lists.every((list) => Array.isArray(list) && list.length > 0) || lists.length === 0) {
    return fatal(400, "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.");
  }
  const count = lists.reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
  return count > MOST_OBJECTS ? fatal(400, `${count} objects, at most ${MOST_OBJECTS} are taken`) : undefined;
}

function judgeArray(array: JudgedObject["array"], list: unknown, now: number, options: JudgeOptions): JudgedObject[] {
  const found: readonly unknown[] = Array.isArray(list) ? list : [];
  return found.map((entry, index) => {
    if (!isObject(entry)) return { array, index, object: {}, problems: ["is not an object"] };
    const problems = problemsOf(array, entry, now, options);
    const id = eventId(entry);
    const isScripted = id !== undefined && options.rejectEventIds.includes(id);
    return { array, index, object: entry, problems: isScripted ? [...problems, "is refused by script"] : problems };
  });
}

function problemsOf(array: JudgedObject["array"], object: JsonObject, now: number, { strict }: JudgeOptions): string[] {
  if (array === "attributes") return attributesProblems(object, strict);
  return array === "events" ? eventProblems(object, now, strict) : purchaseProblems(object, now, strict);
}

function answerFor(objects: readonly JudgedObject[]): PlatformAnswer {
  const taken = (array: string) => objects.filter((each) => each.array === array && each.problems.length === 0).length;
  const counts = ARRAYS.filter((array) => objects.some((each) => each.array === array)).map((array) => [
    `${array}_processed`,
    taken(array),
  ]);
  const errors = objects
    .filter(({ problems }) => problems.length > 0)
    .map(({ array, index, problems }) => ({ type: problems[0], input_array: array, index }));
  const body = { message: "success", ...Object.fromEntries(counts), ...(errors.length === 0 ? {} : { errors }) };
  return jsonAnswer(201, body);
}

/** Purchase objects with the same event id are one order; attributes go with the event at their place. */
function eventsOf(objects: readonly JudgedObject[]): JudgedEvent[] {
  const events = objects.filter(({ array }) => array === "events").map((object) => [object]);
  const orders = Map.groupBy(
    objects.filter(({ array }) => array === "purchases"),
    ({ object, index }) => eventId(object) ?? `at ${index}`,
  );
  const groups = [...events, ...orders.values()];
  const profiles = objects.filter(({ array }) => array === "attributes");
  const withProfiles = groups.map((group, place) => [...group, ...profiles.filter(({ index }) => index === place)]);
  return [...withProfiles, ...profiles.filter(({ index }) => index >= groups.length).map((each) => [each])].map(
    describe,
  );
}

function describe(group: readonly JudgedObject[]): JudgedEvent {
  const [first] = group;
  const { object = {}, array } = first ?? {};
  const own = group.filter((each) => each.array === array);
  const problems = group.flatMap((each) => each.problems.map((words) => `${each.array}[${each.index}] ${words}`));
  return judgedEvent({
    name: array === "events" ? object.name : `(${array})`,
    id: eventId(object),
    dedupKey: null,
    problems,
    taken: own.every((each) => each.problems.length === 0),
    event: group.length === 1 ? object : group.map((each) => each.object),
  });
}

/** Where the sender's own id of the event would be. */
function eventId({ properties }: JsonObject): string | undefined {
  if (!isObject(properties)) return undefined;
  const { event_id: id, metadata } = properties;
  const found = id ?? (isObject(metadata) ? metadata.event_id : undefined);
  return typeof found === "string" ? found : undefined;
}

function fatal(status: number, message: string): PlatformAnswer {
  return jsonAnswer(status, { message, errors: [] });
}
