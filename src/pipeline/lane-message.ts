import type { CanonicalEvent } from "../core/event.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import { nestsTooDeep } from "../core/safe-json.ts";

/** A parsed message, or why it can never be one. */
type ParsedMessage = { ok: true; body: LaneMessage } | { ok: false; reason: string };

/** Reads a message body. Only what this code relies on is checked: enrich validated the event itself. */
export function parseLaneMessage(text: string, lane: string): ParsedMessage {
  let body: Partial<LaneMessage> | null;
  try {
    body = JSON.parse(text);
  } catch {
    return { ok: false, reason: "not JSON" };
  }
  if (typeof body !== "object" || body === null) return { ok: false, reason: "not an object" };
  if (nestsTooDeep(text)) return { ok: false, reason: "nested too deep" };
  if (body.v !== 1) return { ok: false, reason: `unknown message version ${JSON.stringify(body.v)?.slice(0, 20)}` };
  if (body.lane !== lane) return { ok: false, reason: "meant for another lane" };
  if (typeof body.enqueued_at !== "number") return { ok: false, reason: "enqueued_at is not a number" };
  const problem = eventProblem(body.event);
  return problem === undefined ? { ok: true, body: body as LaneMessage } : { ok: false, reason: problem };
}

/** The body of an event that is given up, with the mark by which a lane knows it when it is redriven. */
export function deadLetterBody(text: string, at: number): string {
  const body = JSON.parse(text) as LaneMessage;
  return JSON.stringify({ ...body, dead_lettered_at: at } satisfies LaneMessage);
}

function eventProblem(event: Partial<CanonicalEvent> | undefined): string | undefined {
  if (typeof event !== "object" || event === null) return "event is not an object";
  if (event.schema_version !== 1) return `unknown event version ${JSON.stringify(event.schema_version)?.slice(0, 20)}`;
  for (const field of ["event_id", "event_name"] as const) {
    if (typeof event[field] !== "string" || event[field] === "") return `event.${field} is not a text`;
  }
  for (const field of ["event_time", "received_at"] as const) {
    if (!Number.isFinite(event[field])) return `event.${field} is not a number`;
  }
  if (typeof event.source?.dedup_scope !== "string") return "event.source.dedup_scope is not a text";
  return typeof event.user === "object" && event.user !== null ? undefined : "event.user is not an object";
}
