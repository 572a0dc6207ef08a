import { parseTime } from "../core/clock-skew.ts";
import { isObject } from "../core/safe-json.ts";

/** Most events in one request of the first-party API. */
export const MAX_EVENTS = 500;

/** The events of one request, unread; or what is wrong with the request as a whole. */
export type Envelope =
  | { ok: true; events: readonly unknown[]; sentAt?: number }
  | { ok: false; status: 400 | 413; code: string; message: string };

/** Takes the body of `POST /v1/events` apart: one event, or `{"events": [...], "sent_at"?}`. */
export function readEnvelope(body: unknown): Envelope {
  if (!isObject(body)) return invalid("not_an_object", 'send one event object or {"events": [...]}');
  if (!Object.hasOwn(body, "events")) return { ok: true, events: [body] };
  const { events, sent_at } = body;
  if (!Array.isArray(events)) return invalid("events_not_a_list", "events must be an array of event objects");
  if (events.length === 0) return invalid("no_events", "events is empty");
  if (events.length > MAX_EVENTS) {
    return { ok: false, status: 413, code: "too_many_events", message: `at most ${MAX_EVENTS} events a request` };
  }
  if (sent_at === undefined || sent_at === null) return { ok: true, events };
  const sentAt = typeof sent_at === "string" || typeof sent_at === "number" ? parseTime(sent_at) : undefined;
  if (sentAt === undefined) return invalid("sent_at", "sent_at must be ISO 8601 text, epoch seconds or milliseconds");
  return { ok: true, events, sentAt };
}

function invalid(code: string, message: string): Envelope {
  return { ok: false, status: 400, code, message };
}
