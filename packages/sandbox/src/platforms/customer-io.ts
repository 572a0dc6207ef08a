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
import { basicCredentials, hasContentType } from "../platform-request.ts";
import { isObject, type JsonObject, parseJson } from "../rules.ts";
import { type EntryProblem, entryProblems } from "./customer-io/entry.ts";

/**
 * Customer.io's Track API, second version, batches only. Entries are judged one by one: a 207 names those that are
 * refused by their place. Of two events with the same ULID the first counts. https://docs.customer.io/api/track/
 */
export const customerIo: SandboxPlatform = {
  id: "customer-io",
  hosts: ["track.customer.io", "track-eu.customer.io"],
  // No window is published.
  dedupWindowMs: 30 * 86_400_000,
  judge: judgeCustomerIo,
  failure: (status) => jsonAnswer(status, { meta: { error: FAILURES[status] ?? "scripted failure" } }),
};

const MAX_BATCH_BYTES = 500_000;
const FAILURES: Readonly<Record<number, string>> = {
  401: "Unauthorized request",
  404: "not found",
  429: "too many requests",
};

/** One entry of a batch with all that is wrong with it. */
interface JudgedEntry {
  readonly index: number;
  readonly entry: JsonObject;
  readonly problems: readonly EntryProblem[];
}

function judgeCustomerIo(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const siteId = basicCredentials(request)?.user ?? "(no site)";
  const body = parseJson(request.body);
  const refusal = gate(request, body, options);
  const batch = isObject(body) && Array.isArray(body.batch) ? (body.batch as readonly unknown[]) : [];
  if (refusal !== undefined) {
    const problems = [`the request is answered ${refusal.status}: ${refusal.body}`];
    const whole = judgedEvent({ name: "", id: undefined, problems, taken: false, event: body });
    return { platform: "customer-io", target: siteId, answer: refusal, events: [whole] };
  }
  const entries = batch.map((entry, index) => judgeEntry(entry, index, now, options));
  return { platform: "customer-io", target: siteId, answer: answerFor(entries), events: eventsOf(entries) };
}

/** What fails a whole batch, before any entry is looked at. */
function gate(request: PlatformRequest, body: unknown, { strict }: JudgeOptions): PlatformAnswer | undefined {
  if (request.path !== "/api/v2/batch") return failure(404, "not found");
  if (request.method !== "POST") return failure(405, "method not allowed");
  const credentials = basicCredentials(request);
  if (credentials === undefined || credentials.user === "" || credentials.password === "") {
    return failure(401, "Unauthorized request");
  }
  if (credentials.password.startsWith("INVALID")) return failure(401, "Unauthorized request");
  if (!hasContentType(request, "application/json")) return invalid("content-type", "must be application/json");
  if (Buffer.byteLength(request.body) > MAX_BATCH_BYTES) return failure(413, "request entity too large");
  if (!isObject(body)) return invalid("", "malformed JSON");
  if (!Array.isArray(body.batch) || body.batch.length === 0) return invalid("batch", "must be a non-empty array");
  const unknown = Object.keys(body).filter((name) => name !== "batch");
  return strict && unknown.length > 0 ? invalid(unknown.join(", "), "is not a field of this API") : undefined;
}

function judgeEntry(entry: unknown, index: number, now: number, options: JudgeOptions): JudgedEntry {
  if (!isObject(entry)) return { index, entry: {}, problems: [{ field: "", message: "is not an object" }] };
  const problems = entryProblems(entry, now, options.strict);
  const id = eventId(entry);
  const isScripted = id !== undefined && options.rejectEventIds.includes(id);
  const scripted = { field: "attributes.event_id", message: "is refused by script" };
  return { index, entry, problems: isScripted ? [...problems, scripted] : problems };
}

function answerFor(entries: readonly JudgedEntry[]): PlatformAnswer {
  const errors = entries.flatMap(({ index, problems }) =>
    problems.map(({ field, message }) => ({ batch_index: index, reason: "invalid", field, message })),
  );
  return errors.length === 0 ? jsonAnswer(200, {}) : jsonAnswer(207, { errors });
}

/** An update of a profile goes with the event of the same person that follows it; alone it is an entry like any other. */
function eventsOf(entries: readonly JudgedEntry[]): JudgedEvent[] {
  const events: JudgedEvent[] = [];
  let profile: JudgedEntry | undefined;
  for (const judged of entries) {
    if (profile !== undefined && (isIdentify(judged) || !isSamePerson(profile, judged))) {
      events.push(describe([profile]));
      profile = undefined;
    }
    if (isIdentify(judged)) profile = judged;
    else {
      events.push(describe(profile === undefined ? [judged] : [judged, profile]));
      profile = undefined;
    }
  }
  return profile === undefined ? events : [...events, describe([profile])];
}

function isIdentify({ entry }: JudgedEntry): boolean {
  return entry.action === "identify";
}

function isSamePerson(one: JudgedEntry, other: JudgedEntry): boolean {
  return JSON.stringify(one.entry.identifiers) === JSON.stringify(other.entry.identifiers);
}

function describe(group: readonly JudgedEntry[]): JudgedEvent {
  const [first] = group;
  const { entry = {} } = first ?? {};
  return judgedEvent({
    name: entry.action === "event" ? entry.name : `(${String(entry.action)})`,
    id: eventId(entry),
    dedupKey: typeof entry.id === "string" ? entry.id : null,
    problems: group.flatMap(({ index, problems }) =>
      problems.map(({ field, message }) => `batch[${index}] ${field} ${message}`),
    ),
    taken: first?.problems.length === 0,
    event: group.length === 1 ? entry : group.map((each) => each.entry),
  });
}

/** The sender's own id of the event, which the ULID does not show. */
function eventId({ attributes }: JsonObject): string | undefined {
  const id = isObject(attributes) ? attributes.event_id : undefined;
  return typeof id === "string" ? id : undefined;
}

function invalid(field: string, message: string): PlatformAnswer {
  return jsonAnswer(400, { errors: [{ reason: "invalid", field, message }] });
}

function failure(status: number, error: string): PlatformAnswer {
  return jsonAnswer(status, { meta: { error } });
}
