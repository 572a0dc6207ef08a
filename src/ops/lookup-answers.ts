import { z } from "zod/mini";
import { CLICK_ID_NAMES } from "../core/click-ids.ts";
import { CONSENT_PURPOSES } from "../core/consent.ts";
import { IDENTIFIERS } from "../core/destination.ts";
import { EVENT_NAMES } from "../core/event.ts";
import { DELIVERY_STATES } from "../core/outcome.ts";
import type { EventStories } from "./contract/event-stories.ts";
import type { EventPage } from "./contract/events.ts";
import type { FailureList } from "./contract/failures.ts";
import type { FindingRow } from "./contract/findings.ts";
import type { IdentitySplit, IdentityView } from "./contract/identity.ts";
import type { Page } from "./contract/page.ts";
import type { QualityView } from "./contract/quality.ts";
import type { QuarantineRow, ResubmitResult } from "./contract/quarantine.ts";

/** What the look-ups answer, as the OpenAPI document describes it. The shapes and their meaning are in `contract/`. */

const list = <Item extends z.ZodMiniType>(item: Item) => z.readonly(z.array(item));
const maybe = z.exactOptional;
const TEXT = maybe(z.string());
const NUMBER = maybe(z.number());
const STATE = z.enum(DELIVERY_STATES);
const IDENTIFIER_LIST = z.array(z.enum(IDENTIFIERS));
const QUALITY = {
  score: z.number(),
  present: IDENTIFIER_LIST,
  missing: IDENTIFIER_LIST,
  points: maybe(z.partialRecord(z.enum(IDENTIFIERS), z.number())),
  doubts: maybe(z.partialRecord(z.enum(IDENTIFIERS), z.object({ factor: z.number(), reason: z.string() }))),
  version: NUMBER,
};

/** Of `GET /events`. */
export const EVENT_PAGE: z.ZodMiniType<EventPage> = z.object({
  items: list(
    z.object({
      event_id: z.string(),
      dedup_scope: z.string(),
      name: z.string(),
      event_time: z.number(),
      received_at: z.number(),
      source: z.string(),
      order_id: TEXT,
      value: TEXT,
      currency: TEXT,
      person_id: TEXT,
      destinations: list(z.object({ lane: z.string(), state: STATE, reason: TEXT })),
      quarantined: maybe(z.literal(true)),
    }),
  ),
  next: TEXT,
  searched_to: NUMBER,
  archive_lag_seconds: NUMBER,
  unreadable: NUMBER,
});

const EXPLANATION = z.object({ said: z.string(), means: z.string(), todo: z.string(), docs: TEXT });
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
    found_by: maybe(z.literal("order")),
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
    z.object({ until: z.number(), fields: z.array(z.string()), undecided: z.array(z.enum(CONSENT_PURPOSES)) }),
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
const QUARANTINED = z.object({
  dedup_scope: z.string(),
  event_id: z.string(),
  event_name: z.string(),
  source: z.string(),
  received_at: z.number(),
  reasons: list(z.object({ field: z.string(), rule: z.string(), got: z.string() })),
  raw: TEXT,
  not_resubmittable: TEXT,
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
      quarantined: maybe(QUARANTINED),
      later_copies: maybe(list(LATER_COPY)),
      archived: z.enum(["yes", "no", "unknown", "off"]),
      archived_event: maybe(z.record(z.string(), z.unknown())),
    }),
  ),
}) as unknown as z.ZodMiniType<EventStories>;

/** Of `GET /failures`. */
export const FAILURE_LIST: z.ZodMiniType<FailureList> = z.object({
  items: list(
    z.object({
      lane: z.string(),
      state: STATE,
      cause: z.string(),
      events: z.number(),
      first_at: z.number(),
      last_at: z.number(),
      explanation: EXPLANATION,
      samples: list(z.object({ event_id: z.string(), dedup_scope: z.string(), name: z.string(), at: z.number() })),
    }),
  ),
  read: z.number(),
  truncated: z.boolean(),
});

/** Of `GET /quarantine`. */
export const QUARANTINE_PAGE: z.ZodMiniType<Page<QuarantineRow>> = z.object({ items: list(QUARANTINED), next: TEXT });

/** Of `POST /quarantine/resubmit`. */
export const RESUBMIT_RESULT: z.ZodMiniType<ResubmitResult> = z.object({
  accepted: z.number(),
  still_refused: list(QUARANTINED),
  unavailable: z.number(),
  ignored: z.number(),
  dry_run: z.boolean(),
  next: TEXT,
});

/** Of `GET /findings`. */
export const FINDING_PAGE: z.ZodMiniType<Page<FindingRow>> = z.object({
  items: list(
    z.object({
      detector: z.string(),
      subject: z.string(),
      window: z.object({ start: z.number(), end: z.number() }),
      severity: z.enum(["warning", "critical"]),
      observed: z.number(),
      expected: z.object({ low: z.number(), high: z.number() }),
      basis: z.number(),
      sentence: z.string(),
      found_at: z.number(),
    }),
  ),
  next: TEXT,
});

/** Of `GET /identity`. */
export const IDENTITY_VIEW: z.ZodMiniType<IdentityView> = z.object({
  found: z.boolean(),
  person: maybe(
    z.object({
      person_id: z.string(),
      merged_from: TEXT,
      created_at: z.number(),
      expires_at: z.number(),
      merges: z.number(),
      merged: list(
        z.object({ person_id: z.string(), at: z.number(), event_id: z.string(), joined_by: list(z.string()) }),
      ),
      kept_apart: list(z.string()),
      identifiers: list(z.object({ kind: z.string(), value: z.string(), scope: TEXT })),
      consent: list(
        z.object({
          scope: z.string(),
          said_by: z.enum(["named", "anonymous"]),
          purpose: z.string(),
          value: z.string(),
          at: z.number(),
          except: z.exactOptional(list(z.string())),
        }),
      ),
      campaigns: list(
        z.object({
          scope: z.string(),
          touch: z.enum(["first", "last"]),
          source: TEXT,
          medium: TEXT,
          name: TEXT,
          term: TEXT,
          content: TEXT,
          id: TEXT,
          click: maybe(z.enum(CLICK_ID_NAMES)),
          page: TEXT,
          at: z.number(),
        }),
      ),
    }),
  ),
  matched: list(
    z.object({
      kind: z.string(),
      person_id: z.string(),
      seen_with: z.number(),
      blocked: z.boolean(),
      suspect: maybe(z.enum(["several_accounts", "too_many_persons", "too_many_emails", "too_many_phones"])),
      expires_at: z.number(),
    }),
  ),
});

/** Of `POST /identity/split`. */
export const IDENTITY_SPLIT: z.ZodMiniType<IdentitySplit> = z.object({
  person_id: z.string(),
  split_id: z.string(),
  pointers: z.number(),
});

const QUALITY_ROW = z.object({
  source: z.string(),
  event: z.string(),
  lane: z.string(),
  events: z.number(),
  score: z.number(),
  identifiers: list(z.object({ identifier: z.enum(IDENTIFIERS), share: z.number(), score_with: NUMBER })),
});

const PLATFORM_SCORE = z.object({
  event: maybe(z.string()),
  names: maybe(list(z.enum(EVENT_NAMES))),
  score: NUMBER,
  rating: maybe(z.string()),
  coverage: z.record(z.string(), z.number()),
});
const PLATFORM = z.object({
  tried_at: z.number(),
  problem: maybe(z.string()),
  last: maybe(z.object({ read_at: z.number(), about: z.string(), scores: list(PLATFORM_SCORE) })),
});

/** Of `GET /quality`. */
export const QUALITY_VIEW: z.ZodMiniType<QualityView> = z.object({
  window: z.object({ from: z.number(), to: z.number() }),
  destinations: list(z.object({ lane: z.string(), score: NUMBER, events: z.number(), platform: maybe(PLATFORM) })),
  report: maybe(z.object({ available: z.boolean(), hours: z.number(), version: z.number(), rows: list(QUALITY_ROW) })),
  presence: z.partialRecord(z.enum(IDENTIFIERS), z.number()),
  events: list(
    z.object({
      event_id: z.string(),
      dedup_scope: z.string(),
      name: z.string(),
      carried: IDENTIFIER_LIST,
      destinations: list(z.object({ lane: z.string(), ...QUALITY })),
    }),
  ),
});
