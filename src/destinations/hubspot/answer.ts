import type { DestinationResponse } from "../../core/destination.ts";
import { HOUR_MS, SECOND_MS } from "../../core/durations.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isTransientStatus, jsonObject, statusOutcome, wordOf } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";
import { type ContactRow, contactRows } from "./contacts.ts";
import type { HubspotSettings } from "./settings.ts";

type Body = Readonly<Record<string, unknown>>;

/** A person has to make something in HubSpot: the event is asked again until then, or until the lane's deadline. */
const CONFIG_WAIT_MS = 30 * 60 * SECOND_MS;
/** "Wait at least two seconds", says HubSpot of 423. */
const LOCKED_WAIT_MS = 2 * SECOND_MS;
/**
 * By the policy that was hit. The day ends at midnight in the account's time zone, which is not known here: it is asked
 * for once an hour. https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
const POLICY_WAIT_MS: Readonly<Record<string, number>> = {
  SECONDLY: SECOND_MS,
  TEN_SECONDLY_ROLLING: 10 * SECOND_MS,
  DAILY: HOUR_MS,
};

/** Categories of https://developers.hubspot.com/docs/api-reference/error-handling by what they come to. */
const UNAUTHORIZED = new Set(["MISSING_SCOPES", "INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION", "BANNED"]);
const TRANSIENT = new Set([
  "RATE_LIMITS",
  "RATE_LIMIT",
  "INTERNAL_ERROR",
  "CONFLICT",
  "TIMEOUT",
  "MIGRATION_IN_PROGRESS",
]);

/** A property that HubSpot fills by itself, or a property or an event that nobody has made there. */
const READ_ONLY_PROPERTY = /READ_ONLY|read[- ]only/i;
const UNDEFINED_PROPERTY = /PROPERTY_DOESNT_EXIST|propert(?:y|ies) .{0,200}(?:not exist|n't exist)/i;
const UNDEFINED_EVENT =
  /event ?(?:type|definition|name).{0,200}(?:not (?:be )?(?:exist|found|defined|valid)|n't exist|unknown|invalid)|(?:unknown|invalid|no such|no) event ?(?:type|definition|name)/i;

/**
 * An occurrence whose `uuid` HubSpot has seen is refused; ours is made of the event, so that its first copy was taken.
 * https://developers.hubspot.com/docs/api-reference/latest/events/send-event-data/send-event-occurrence
 */
const REPEATED = /\buuid\b.{0,200}(?:already|duplicate|unique|exists)|(?:already|duplicate).{0,200}\buuid\b/i;

/**
 * What HubSpot's answer means for each event. Occurrences are taken as a whole and answered with 204 and nothing;
 * contacts row by row, with a result or an error for each.
 */
export function readAnswer(
  response: DestinationResponse,
  events: readonly CanonicalEvent[],
  send: HubspotSettings["send"] | undefined,
): Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body);
  if (status === 204 && response.body.trim() === "") return events.map(() => ({ kind: "delivered" }));
  if (status >= 200 && status < 300 && body !== undefined && Array.isArray(body.results)) {
    return fromRows(body, status, events);
  }
  if (send === "events" && status >= 400 && status < 500 && REPEATED.test(response.body)) {
    return repeated(`HTTP ${status}: ${describe(body ?? {})}`, events.length);
  }
  const outcome =
    status >= 200 && status < 300
      ? retryOutcome(`HTTP ${status} is not how HubSpot takes contacts or events`)
      : fromError(response, body);
  return events.map(() => outcome);
}

/** Of several occurrences any may be the one that is there: halving finds out. */
function repeated(reason: string, count: number): Outcome[] {
  if (count === 1) return [{ kind: "delivered", note: `HubSpot has it already: ${reason}` }];
  return Array.from({ length: count }, () => ({ kind: "rejected", reason }));
}

/** Results come in any order, with addresses in lower case: rows are told by the trace ids that we gave them. */
function fromRows(body: Body, status: number, events: readonly CanonicalEvent[]): Outcome[] {
  const rows = contactRows(events);
  const results = objects(body.results);
  const errors = objects(body.errors);
  if (body.status !== "COMPLETE") {
    return events.map(() => retryOutcome(`HTTP ${status} with status ${wordOf(body.status)}: not done yet`));
  }
  const named = new Set(
    results.flatMap(({ objectWriteTraceId, properties }) => [objectWriteTraceId, emailOf(properties)]),
  );
  const failed = rows.map((row) => errors.find((error) => isAbout(error, row, rows.length)));
  // Without names the numbers must add up.
  const isWhole = results.length + failed.filter((error) => error !== undefined).length === rows.length;
  const outcomes = rows.map((row, index): Outcome => {
    const error = failed[index];
    if (error !== undefined) return fromRowError(error);
    const isDone = isWhole || named.has(row.traceId) || named.has(row.email);
    return isDone ? { kind: "delivered" } : retryOutcome(`HTTP ${status} without a word on this contact`);
  });
  const ofEvent = new Map(rows.flatMap((row, index) => row.events.map((event) => [event, outcomes[index]] as const)));
  return events.map((event) => ofEvent.get(event) ?? retryOutcome("no row of the request"));
}

function isAbout({ context }: Body, { traceId, email }: ContactRow, rows: number): boolean {
  const { objectWriteTraceId, ids, id } = isObject(context) ? context : {};
  const names = [objectWriteTraceId, ids, id].flat();
  return rows === 1 || names.includes(traceId) || names.includes(email);
}

function fromRowError(error: Body): Outcome {
  const reason = describe(error);
  const category = wordOf(error.category);
  if (UNAUTHORIZED.has(category)) return { kind: "unauthorized", reason };
  return fromConfig(reason) ?? (TRANSIENT.has(category) ? retryOutcome(reason) : { kind: "rejected", reason });
}

function fromError(response: DestinationResponse, body: Body | undefined): Outcome {
  const { status } = response;
  if (status === 429) return rateLimited(response, body);
  if (body === undefined || (typeof body.message !== "string" && typeof body.category !== "string")) {
    return fromEdge(response);
  }
  const category = wordOf(body.category);
  const words = describe(body);
  const reason = `HTTP ${status}: ${words}`;
  if (status === 401 || status === 403 || UNAUTHORIZED.has(category)) return { kind: "unauthorized", reason };
  if (status === 423) return retryOutcome(reason, Math.max(retryAfterMs(response) ?? 0, LOCKED_WAIT_MS));
  // 477: the account is being moved to another data centre. 409: another writer made the contact just now.
  if (status === 477 || status === 409 || isTransientStatus(status) || TRANSIENT.has(category)) {
    return retryOutcome(reason, retryAfterMs(response));
  }
  const undefinedThere = status >= 400 ? fromConfig(words) : undefined;
  if (undefinedThere !== undefined) return undefinedThere;
  if (status === 404 || status === 410) {
    return { kind: "unauthorized", reason: `${reason}: is apiVersion one that HubSpot still serves?` };
  }
  return statusOutcome(response, words);
}

function fromConfig(words: string): Outcome | undefined {
  if (READ_ONLY_PROPERTY.test(words)) {
    return retryOutcome(`take the property out of settings.properties: ${words}`, CONFIG_WAIT_MS);
  }
  if (UNDEFINED_PROPERTY.test(words)) return retryOutcome(`make the property in HubSpot: ${words}`, CONFIG_WAIT_MS);
  return UNDEFINED_EVENT.test(words) ? retryOutcome(`make the event in HubSpot: ${words}`, CONFIG_WAIT_MS) : undefined;
}

function rateLimited(response: DestinationResponse, body: Body | undefined): Outcome {
  const words = body === undefined ? "" : describe(body);
  const named = typeof body?.policyName === "string" ? body.policyName : /\b(\w+) limit\b/i.exec(words)?.[1];
  const policy = named?.toUpperCase() ?? "";
  const wait = Object.hasOwn(POLICY_WAIT_MS, policy) ? POLICY_WAIT_MS[policy] : POLICY_WAIT_MS.TEN_SECONDLY_ROLLING;
  const reason = ["HTTP 429", words, policy].filter((part) => part !== "").join(": ");
  return retryOutcome(reason, retryAfterMs(response) ?? wait);
}

// An edge answered in HubSpot's place: HTML, nothing, or a cut document says nothing about the events.
function fromEdge(response: DestinationResponse): Outcome {
  const { status } = response;
  if (status === 401 || status === 403 || status === 413) return statusOutcome(response, "without HubSpot's error");
  return retryOutcome(`HTTP ${status} without HubSpot's error`, retryAfterMs(response));
}

function describe({ category, message, errors, correlationId }: Body): string {
  const inner = objects(errors).map((error) => `${wordOf(error.code)} ${wordOf(error.message)}`.trim());
  const words = [...new Set([message, ...inner].filter((text) => typeof text === "string" && text !== ""))].join("; ");
  const id = typeof correlationId === "string" ? ` (correlationId ${correlationId})` : "";
  return `${typeof category === "string" ? category : "no category"}: ${words || "no words"}${id}`;
}

function emailOf(properties: unknown): string | undefined {
  const email = isObject(properties) ? properties.email : undefined;
  return typeof email === "string" ? email.toLowerCase() : undefined;
}

function objects(list: unknown): Body[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
