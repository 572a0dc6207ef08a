import type { AuditEntry } from "../../src/core/audit-entry.ts";
import type { Explanation } from "../../src/core/explanation.ts";
import type { AuditVerdict } from "../../src/ops/contract/audit.ts";
import type { DeadLetterMessage, DeadLetterRow } from "../../src/ops/contract/dead-letters.ts";
import type { DestinationHealth } from "../../src/ops/contract/destinations.ts";
import type { EventStories, EventStoryView } from "../../src/ops/contract/event-stories.ts";
import type { EventPage } from "../../src/ops/contract/events.ts";
import type { FailureList } from "../../src/ops/contract/failures.ts";
import type { FindingRow } from "../../src/ops/contract/findings.ts";
import type { IdentityView } from "../../src/ops/contract/identity.ts";
import type { CreatedOpsKey, OpsKeyView } from "../../src/ops/contract/keys.ts";
import type { Page } from "../../src/ops/contract/page.ts";
import type { PlatformDeletion, PrivacyJobView } from "../../src/ops/contract/privacy.ts";
import type { QualityView } from "../../src/ops/contract/quality.ts";
import type { QuarantineRow, ResubmitResult } from "../../src/ops/contract/quarantine.ts";
import type { ReconciliationHour } from "../../src/ops/contract/reconciliation.ts";
import type { ReplayView } from "../../src/ops/contract/replays.ts";
import type { SensitiveReport } from "../../src/ops/contract/sensitive.ts";
import type { TailLine } from "../../src/ops/contract/tail.ts";
import type { OpsHealth } from "../../src/ops/health.ts";
import { STORY } from "./delivery-store-suite.ts";
import { NOON } from "./scripted-terminal.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const HEALTH: OpsHealth = {
  service: "tracklayer",
  environment: "development",
  version: "0.1.0",
  clock: NOON,
  permissions: ["read", "operate", "personal", "admin"],
  destinations: [
    { lane: "meta", type: "meta", test_mode: false },
    { lane: "ga4", type: "ga4", test_mode: false },
    { lane: "webhook", type: "webhook", test_mode: false },
  ],
  sources: [{ source: "shop-web", kind: "browser" }],
};

const EXPIRED_TOKEN: Explanation = {
  said: "HTTP 400, 190/463: Error validating access token: Session has expired",
  means: "The access token has expired or its session has ended.",
  todo: "Make the token for a system user. Put it into the secret of `meta`.",
  docs: "https://developers.facebook.com/docs/marketing-api/error-reference/",
};

export const EVENTS: EventPage = {
  items: [
    {
      event_id: "order-100017",
      dedup_scope: "shop",
      name: "purchase",
      event_time: NOON - HOUR,
      received_at: NOON - HOUR + 400,
      source: "shop-web",
      order_id: "100017",
      value: "149.85",
      currency: "EUR",
      destinations: [
        { lane: "meta", state: "unauthorized", reason: "190/463" },
        { lane: "ga4", state: "delivered" },
      ],
    },
    {
      event_id: "lead-1",
      dedup_scope: "shop",
      name: "lead",
      event_time: NOON - 2 * HOUR,
      received_at: NOON - 2 * HOUR,
      source: "shop-server",
      destinations: [{ lane: "meta", state: "pending" }],
    },
  ],
  searched_to: NOON - 2 * HOUR,
  archive_lag_seconds: 300,
};

export const STORIES: EventStories = {
  event_id: "order-100017",
  found: true,
  events: [
    {
      event_id: "order-100017",
      dedup_scope: "shop",
      name: "purchase",
      story: STORY,
      copies: 2,
      first_received_at: STORY.received_at,
      archived: "yes",
      deliveries: [
        {
          lane: "meta",
          state: "unauthorized",
          ...decision("meta"),
          attempts: [
            {
              at: STORY.received_at + 5_000,
              status: 400,
              outcome: "unauthorized",
              reason: "190/463: Error validating access token: Session has expired",
              batch: 10,
              took_ms: 180,
            },
          ],
          attempt_count: 1,
          updated_at: STORY.received_at + 5_180,
          reason: "190/463: Error validating access token: Session has expired",
          explanation: EXPIRED_TOKEN,
          stopped: { state: "open", since: STORY.received_at + 6_000, reason: "190/463" },
        },
        {
          lane: "ga4",
          state: "skipped",
          ...decision("ga4"),
          attempts: [],
          attempt_count: 0,
          skip: { code: "consent", detail: "analytics_storage not answered; denied by default in DE" },
          explanation: {
            said: "analytics_storage not answered; denied by default in DE",
            means: "Nobody has asked this person.",
            todo: "Send the answer with the event.",
          },
        },
        { lane: "warehouse-hook", state: "pending", ...decision("warehouse-hook"), attempts: [], attempt_count: 0 },
      ],
    },
  ],
};

function decision(lane: string) {
  const found = STORY.decisions.find((it) => it.lane === lane);
  return found === undefined ? {} : { decision: found };
}

export const FAILURES: FailureList = {
  items: [
    {
      lane: "meta",
      state: "unauthorized",
      cause: "190/463: Error validating access token",
      events: 12,
      first_at: NOON - 2 * HOUR,
      last_at: NOON - HOUR,
      explanation: EXPIRED_TOKEN,
      samples: [
        { event_id: "order-100017", dedup_scope: "shop", name: "purchase", at: NOON - HOUR },
        { event_id: "lead-1", dedup_scope: "shop", name: "lead", at: NOON - 2 * HOUR },
      ],
    },
  ],
  read: 12,
  truncated: false,
};

const META: DestinationHealth = {
  lane: "meta",
  type: "meta",
  name: "Meta",
  control: {
    state: "open",
    since: NOON - HOUR,
    reason: "190/463: Error validating access token",
    cause: "unauthorized",
    probe_at: NOON + 5 * MINUTE,
  },
  window: { from: NOON - HOUR, to: NOON },
  outcomes: { delivered: 90, retry: 7, unauthorized: 10 },
  success_share: 0.9,
  latency_p50_ms: 5_200,
  latency_p95_ms: 92_000,
  queue: { waiting: 1_200, in_flight: 4, oldest_seconds: 3_700 },
  dead_letters: 3,
  match_quality: 7.9,
  last_error: { at: NOON - HOUR, state: "unauthorized", reason: "190/463: Error validating access token" },
  auth: "refused",
  version_ends_in_days: 40,
  test_mode: false,
};

export const DESTINATIONS_HEALTH: { items: DestinationHealth[] } = {
  items: [
    META,
    {
      lane: "ga4",
      type: "ga4",
      name: "Google Analytics 4",
      control: { state: "closed", since: 0, reason: "never stopped" },
      window: { from: NOON - HOUR, to: NOON },
      outcomes: {},
      auth: "unknown",
      test_mode: false,
      unavailable: ["queue"],
    },
  ],
};

const REPLAY: ReplayView = {
  id: "r1",
  selection: { from: NOON - 24 * HOUR, destinations: ["tiktok"] },
  dry_run: false,
  force: false,
  pace: 100,
  state: "done",
  by: "key:k1",
  created_at: NOON,
  updated_at: NOON,
  progress: { done: 24, of: 24 },
  counts: {
    events: 1_400,
    sent: 1_200,
    delivered_already: 150,
    too_old: 40,
    not_allowed: 10,
    on_its_way: 0,
    unreadable: 0,
  },
  by_destination: { tiktok: 1_200 },
  cost_usd: 0.0042,
};

/** A replay with other values than one that is done. */
export function replay(changes: Partial<ReplayView> = {}): ReplayView {
  return { ...REPLAY, ...changes };
}

export const REPLAYS: Page<ReplayView> = {
  items: [replay(), replay({ id: "r0", state: "running", dry_run: true, progress: { done: 1, of: 24 } })],
};

export const QUEUES: { items: DeadLetterRow[] } = {
  items: [
    { queue: "events-dlq.fifo", messages: 0 },
    { queue: "lane-meta-dlq", lane: "meta", messages: 3, oldest_seconds: 90_000, redriving: { moved: 1, of: 4 } },
  ],
};

export const DEAD_LETTERS: { items: DeadLetterMessage[] } = {
  items: [
    {
      message_id: "m-1",
      sent_at: NOON - HOUR,
      reason: "expired: HTTP 500",
      event_id: "order-1",
      event_name: "purchase",
      source: "shop-web",
    },
    { message_id: "m-2", sent_at: NOON - HOUR },
  ],
};

const REFUSED: QuarantineRow = {
  dedup_scope: "shop",
  event_id: "bad-1",
  event_name: "purchase",
  source: "shop-web",
  received_at: NOON - HOUR,
  reasons: [{ field: "value", rule: "must be a decimal number", got: "a text of 5 characters" }],
};

export const QUARANTINE: Page<QuarantineRow> = {
  items: [REFUSED, { ...REFUSED, event_id: "bad-2", not_resubmittable: "it was cut at 32 KB" }],
};

export const QUARANTINED_STORY: EventStoryView = {
  event_id: "bad-1",
  dedup_scope: "shop",
  name: "purchase",
  deliveries: [],
  quarantined: { ...REFUSED, raw: '{"value":"12,50"}' },
  archived: "no",
};

export const RESUBMITTED: ResubmitResult = {
  accepted: 1,
  still_refused: [REFUSED],
  unavailable: 0,
  ignored: 0,
  dry_run: false,
};

export const FINDINGS: Page<FindingRow> = {
  items: [
    {
      detector: "volume_drop",
      subject: "source/shop-web",
      window: { start: NOON - 2 * HOUR, end: NOON - HOUR },
      severity: "critical",
      observed: 3,
      expected: { low: 80, high: 140 },
      basis: 14,
      sentence: "Events of shop-web fell to 3 where 80 to 140 were expected.",
      began_at: NOON - 6 * HOUR,
      found_at: NOON - 5 * HOUR,
    },
    {
      detector: "reconciliation",
      subject: "lane/ga4",
      window: { start: NOON - 9 * HOUR, end: NOON - 8 * HOUR },
      severity: "critical",
      observed: 1,
      expected: { low: 0, high: 0 },
      basis: 0,
      sentence: "1 of 2 events of 03:00 to 04:00 UTC has no receipt at ga4, and its queue does not hold it: o-1.",
      began_at: NOON - 9 * HOUR,
      ended_at: NOON - 8 * HOUR,
      found_at: NOON - 6 * HOUR,
    },
  ],
};

export const HOURS: Page<ReconciliationHour> = {
  items: [
    {
      hour: NOON - 3 * HOUR,
      judged_at: NOON - HOUR,
      settled: true,
      accepted: 100,
      refused: 2,
      claimed: 90,
      duplicates: 10,
      quarantined: 2,
      dropped_by_queue: 0,
      missing: 0,
      archived: 90,
      unarchived: 0,
      unreadable: 0,
      lanes: [{ lane: "meta", expected: 80, outcomes: { delivered: 79 }, waiting: 0, unexplained: 1 }],
      differences: ["1 of 80 events for meta has no end: order-1"],
    },
  ],
};

export const IDENTITY: IdentityView = {
  found: true,
  matched: [
    { kind: "email", person_id: "p-1", seen_with: 1, blocked: false, expires_at: NOON + 24 * HOUR },
    {
      kind: "phone",
      person_id: "p-1",
      seen_with: 0,
      blocked: true,
      suspect: "too_many_emails",
      expires_at: NOON + 24 * HOUR,
    },
  ],
  person: {
    person_id: "p-1",
    created_at: NOON - 24 * HOUR,
    expires_at: NOON + 24 * HOUR,
    merges: 1,
    merged: [
      {
        person_id: "p-2",
        at: NOON - 2 * HOUR,
        event_id: "order-100017",
        joined_by: ["email#3f2a9c01", "phone#77ab01cd"],
      },
    ],
    kept_apart: ["p-9"],
    identifiers: [
      { kind: "email", value: "3f2a…" },
      { kind: "user_id", value: "4*", scope: "shop" },
    ],
    consent: [
      { scope: "shop", said_by: "named", purpose: "ad_storage", value: "denied", at: NOON - HOUR },
      {
        ...{ scope: "shop", said_by: "named", purpose: "ad_user_data", value: "granted", at: NOON },
        by_date: { value: "denied", at: NOON - HOUR },
      },
    ],
    campaigns: [
      { scope: "shop", touch: "first", source: "google", click: "gclid", page: "shop.example.com/", at: NOON - HOUR },
      { scope: "shop", touch: "last", name: "spring sale", at: NOON },
    ],
  },
};

export const SENSITIVE: SensitiveReport = {
  available: true,
  hours: 71,
  items: [
    {
      source: "shop-web",
      event: "purchase",
      where: "page.url?email",
      kind: "email",
      events: 120,
      todo: "send the form by POST",
    },
    {
      source: "shop-web",
      event: "lead",
      where: "page.url?email",
      kind: "email",
      events: 7,
      todo: "send the form by POST",
    },
    { source: "shop-web", event: "lead", where: "properties", kind: "card", events: 1, todo: "trace one of these" },
  ],
};

export const QUALITY: QualityView = {
  window: { from: NOON - HOUR, to: NOON },
  destinations: [
    {
      lane: "meta",
      score: 7.9,
      events: 120,
      platform: {
        tried_at: NOON,
        problem: "HTTP 403: no permission; it needs another token",
        last: {
          read_at: NOON - 24 * HOUR,
          about: "event match quality, 0 to 10",
          scores: [
            { event: "Purchase", names: ["purchase"], score: 6.9, coverage: { email: 0.825, ip_address: 1 } },
            { rating: "FAIR", coverage: {} },
          ],
        },
      },
    },
    { lane: "ga4", events: 0 },
  ],
  presence: { email: 0.8125, click_id: 0.1 },
  report: {
    available: true,
    hours: 24,
    version: 2,
    rows: [
      {
        source: "shop-web",
        event: "purchase",
        lane: "meta",
        events: 120,
        score: 6.1,
        identifiers: [
          { identifier: "phone", share: 0.12, score_with: 7.4 },
          { identifier: "email", share: 1 },
        ],
      },
    ],
  },
  events: [
    {
      event_id: "order-100017",
      dedup_scope: "shop",
      name: "purchase",
      carried: ["email"],
      destinations: [
        {
          lane: "meta",
          score: 3,
          present: ["email"],
          missing: ["click_id", "name"],
          points: { email: 3, click_id: 4, name: 0.5 },
          doubts: { email: { factor: 0.5, reason: "an address of a role, which several people read" } },
          version: 2,
        },
      ],
    },
  ],
};

export const AUDIT: Page<AuditEntry> = {
  items: [
    {
      number: 2,
      at: NOON,
      actor: "key:k1",
      action: "lane.pause",
      target: "meta",
      details: { reason: "token" },
      previous: "0".repeat(64),
      digest: "1".repeat(64),
    },
  ],
  next: "1",
};

export const VERDICT: AuditVerdict = { intact: false, broken_at: 2, problem: "the digest is not that of the entry" };

const KEY_VIEW: OpsKeyView = {
  id: "abcdefghijkl",
  label: "ci",
  permissions: ["read"],
  created_at: NOON,
  created_by: "key:k1",
  last_used_day: "2026-11-22",
};

export const KEYS: Page<OpsKeyView> = { items: [KEY_VIEW] };
export const CREATED_KEY: CreatedOpsKey = { ...KEY_VIEW, key: `tlo_abcdefghijkl_${"0".repeat(64)}` };

export const TAIL: { items: TailLine[]; next: string } = {
  items: [
    {
      at: NOON + 1,
      service: "enrich",
      level: "info",
      message: "step",
      fields: { step: "claimed", event_id: "order-1", detail: "meta, ga4" },
    },
    {
      at: NOON + 2,
      service: "deliver-meta",
      level: "warn",
      message: "not delivered",
      fields: { lane: "meta", outcome: "unauthorized" },
    },
  ],
  next: String(NOON + 3),
};

/** An erasure that waits for what is on its way. */
export const ERASURE: PrivacyJobView = {
  id: "erasureabc01",
  kind: "erase",
  state: "running",
  by: "key:k1",
  created_at: NOON - 60_000,
  updated_at: NOON,
  not_before: NOON + 600_000,
  step: "wait",
  counts: { identity: 4, archive_objects: 1, archive_events: 2, delivery: 2, quarantine: 1, exports: 0 },
  copies_until: NOON + 35 * 86_400_000,
  remains: [
    { place: "backups of the tables", what: "everything, as of a moment before", until: NOON + 35 * 86_400_000 },
    { place: "tombstones", what: "keyed digests", until: NOON + 33 * 86_400_000 },
  ],
};

export const PLATFORMS: { items: PlatformDeletion[] } = {
  items: [
    {
      lane: "meta",
      type: "meta",
      name: "Meta",
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://developers.facebook.com/docs/marketing-api/conversions-api",
    },
    {
      lane: "crm",
      type: "braze",
      name: "Braze",
      by: "api",
      how: "`POST /users/delete`, up to 50 persons.",
      identifiers: ["`external_id`", "e-mail"],
      docs: "https://www.braze.com/docs/api/endpoints/user_data/post_user_delete",
    },
    {
      lane: "bing",
      type: "microsoft-ads",
      name: "Microsoft Advertising",
      by: "expiry",
      how: "What it collects is kept for 390 days.",
      identifiers: [],
      afterDays: 390,
      docs: "https://help.ads.microsoft.com/apex/index/3/en/53056",
    },
  ],
};
