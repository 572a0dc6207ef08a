import { z } from "zod/mini";
import { CONSENT_PURPOSES } from "../core/consent.ts";
import { EXPLANATION, IDENTIFIER_LIST, list, maybe, NUMBER, QUALITY, STATE, TEXT } from "./answer-fields.ts";
import type { EventStories } from "./contract/event-stories.ts";
import { QUARANTINE_ROW } from "./quarantine-rows.ts";

const SKIP = z.object({ code: z.string(), detail: z.string() });
const DECISION = z.object({
  lane: z.string(),
  send: z.boolean(),
  skip: maybe(SKIP),
  consent: z.object({
    allowed: z.boolean(),
    reason: z.string(),
    required: z.array(z.enum(CONSENT_PURPOSES)),
    behaviour: maybe(z.enum(["limited", "without_identifiers"])),
    rule: TEXT,
  }),
  awaits: maybe(z.array(z.enum(CONSENT_PURPOSES))),
  quality: maybe(z.object(QUALITY)),
});
const ANSWERED = z.object({ value: z.enum(["granted", "denied"]), by: z.string() });
const STORY = z.object({
  event_id_origin: z.enum(["given", "order_id", "generated"]),
  event_time: z.number(),
  received_at: z.number(),
  source: z.object({
    id: z.string(),
    kind: z.enum(["browser", "app", "server"]),
    dialect: z.string(),
    dedup_scope: z.string(),
    library: TEXT,
  }),
  order_id: TEXT,
  value: TEXT,
  currency: TEXT,
  carried: IDENTIFIER_LIST,
  problems: maybe(z.array(z.string())),
  removed: maybe(z.array(z.string())),
  identity: z.object({
    person_id: TEXT,
    filled: z.array(z.string()),
    learned: z.array(z.string()),
    found_by: maybe(z.enum(["order", "click"])),
  }),
  consent: maybe(
    z.object({
      ad_storage: ANSWERED,
      ad_user_data: ANSWERED,
      ad_personalization: ANSWERED,
      analytics_storage: ANSWERED,
      gpc: maybe(z.boolean()),
      places: z.array(z.string()),
    }),
  ),
  decisions: z.array(DECISION),
  merge: maybe(
    z.object({
      until: z.number(),
      fields: z.array(z.string()),
      undecided: z.array(z.enum(CONSENT_PURPOSES)),
      names_person: maybe(z.literal(true)),
    }),
  ),
});
const LATER_COPY = z.object({
  copy_id: z.string(),
  source: z.object({ id: z.string(), kind: z.enum(["browser", "app", "server"]) }),
  received_at: z.number(),
  first_received_at: z.number(),
  adds: z.array(z.string()),
  replaces: z.array(z.string()),
  late: maybe(z.literal(true)),
  qualities: z.array(z.object({ lane: z.string(), quality: z.object(QUALITY) })),
});
const ATTEMPT = z.object({
  at: z.number(),
  status: NUMBER,
  outcome: STATE,
  reason: TEXT,
  batch: z.number(),
  took_ms: z.number(),
});
const DELIVERY = z.object({
  lane: z.string(),
  state: STATE,
  decision: maybe(DECISION),
  attempts: list(ATTEMPT),
  attempt_count: z.number(),
  updated_at: NUMBER,
  delivered_at: NUMBER,
  merged: maybe(list(z.string())),
  heard: maybe(list(z.string())),
  sent_as: maybe(z.enum(["limited", "without_identifiers"])),
  replay: TEXT,
  reason: TEXT,
  skip: maybe(SKIP),
  explanation: maybe(EXPLANATION),
  stopped: maybe(
    z.object({
      state: z.enum(["open", "half_open", "paused"]),
      since: z.number(),
      reason: z.string(),
      by: TEXT,
      probe_at: NUMBER,
    }),
  ),
});

/** Of `GET /events/{event_id}`; an archived event is described where events are, in docs/event.schema.json. */
export const EVENT_STORIES = z.object({
  event_id: z.string(),
  found: z.boolean(),
  events: list(
    z.object({
      event_id: z.string(),
      dedup_scope: z.string(),
      name: z.string(),
      story: maybe(STORY),
      copies: NUMBER,
      first_received_at: NUMBER,
      deliveries: list(DELIVERY),
      quarantined: maybe(QUARANTINE_ROW),
      later_copies: maybe(list(LATER_COPY)),
      archived: z.enum(["yes", "no", "unknown", "off"]),
      archived_event: maybe(z.record(z.string(), z.unknown())),
    }),
  ),
}) as unknown as z.ZodMiniType<EventStories>;
