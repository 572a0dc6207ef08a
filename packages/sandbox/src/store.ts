import type { Judgement, Platform, ReceivedEvent, Verdict } from "./model.ts";
import { PLATFORM_IDS, platformById } from "./platforms.ts";

/** What one platform got so far; events by verdict, requests by the status they were answered with. */
interface PlatformCounts {
  requests: number;
  statuses: Record<string, number>;
  events: Record<Verdict, number>;
}

/** Counters of all platforms by id, also of those that got nothing. */
export interface Counts {
  readonly platforms: Readonly<Record<Platform, PlatformCounts>>;
  /** Ids that were dropped from memory: above 0 the ledger no longer shows every copy. */
  readonly forgotten_ids: number;
}

/** How often one event arrived and counted; the sum of `counted` over the ledger reconciles a run by id. */
export interface Delivery {
  readonly platform: Platform;
  readonly target: string;
  readonly event_name: string;
  readonly event_id: string;
  readonly first_at: number;
  /** Copies that the platform took. */
  readonly copies: number;
  /** Copies that became a conversion: 1 when all is well. */
  readonly counted: number;
}

/** All of these must match. */
export interface ReceivedFilter {
  readonly platform?: Platform;
  readonly event_id?: string;
  readonly verdict?: Verdict;
  /** Latest so many. */
  readonly limit?: number;
}

/** What bounds the memory. */
export interface StoreLimits {
  /** Received events kept whole. */
  readonly events: number;
  /** Ids remembered for deduplication and reconciling; the oldest go first. */
  readonly ids: number;
}

/** How a request was met: when, by which host, and with which status in the end. */
interface Reception {
  readonly at: number;
  readonly host: string;
  readonly status: number;
  /** A scripted failure before the platform looked at the events. */
  readonly failed: boolean;
}

/** What the platforms received. */
export interface Store {
  record(judgement: Judgement, reception: Reception): ReceivedEvent[];
  received(filter?: ReceivedFilter): ReceivedEvent[];
  counts(): Counts;
  deliveries(platform?: Platform): Delivery[];
  reset(): void;
}

/** What was received, in bounded memory: the last events whole, one small entry per event id, and counters. */
export function createStore(limits: StoreLimits): Store {
  let events: ReceivedEvent[] = [];
  let ledger = new Map<string, { -readonly [K in keyof Delivery]: Delivery[K] } & { window_from: number }>();
  let totals = emptyCounts();
  let forgotten = 0;
  let seq = 0;

  const take = (judgement: Judgement, at: number, judged: Judgement["events"][number]): Verdict => {
    const { platform, target } = judgement;
    const id = judged.dedup_key;
    if (id === undefined) return "counted";
    const { dedupWindowMs = 0, dedupAcrossNames = false } = platformById(platform) ?? {};
    const key = JSON.stringify([platform, target, dedupAcrossNames ? "" : judged.event_name, id]);
    const known = ledger.get(key);
    if (known === undefined) {
      const event_id = judged.event_id ?? id;
      const { event_name } = judged;
      ledger.set(key, { platform, target, event_name, event_id, first_at: at, copies: 1, counted: 1, window_from: at });
      forgetOldest();
      return "counted";
    }
    known.copies += 1;
    if (at - known.window_from < dedupWindowMs) return "duplicate";
    known.window_from = at;
    known.counted += 1;
    return "counted";
  };

  const forgetOldest = (): void => {
    const oldest = ledger.size > limits.ids ? ledger.keys().next().value : undefined;
    if (oldest === undefined) return;
    ledger.delete(oldest);
    forgotten += 1;
  };

  const verdictOf = (judgement: Judgement, reception: Reception, judged: Judgement["events"][number]): Verdict => {
    if (reception.failed) return "failed";
    if (judgement.dryRun) return "validated";
    return judged.taken ? take(judgement, reception.at, judged) : "refused";
  };

  return {
    record(judgement, reception) {
      const { platform, target } = judgement;
      const total = totals[platform] ?? noCounts();
      totals[platform] = total;
      total.requests += 1;
      total.statuses[reception.status] = (total.statuses[reception.status] ?? 0) + 1;
      const fresh = judgement.events.map((judged): ReceivedEvent => {
        const verdict = verdictOf(judgement, reception, judged);
        total.events[verdict] += 1;
        seq += 1;
        return {
          seq,
          at: reception.at,
          platform,
          host: reception.host,
          target,
          event_name: judged.event_name,
          ...(judged.event_id === undefined ? {} : { event_id: judged.event_id }),
          verdict,
          valid: judged.problems.length === 0,
          problems: judged.problems,
          status: reception.status,
          event: judged.event,
        };
      });
      events.push(...fresh);
      // Cut in one go, and rarely: moving the whole array for every event would make long runs quadratic.
      if (events.length > 2 * limits.events) events = events.slice(-limits.events);
      return fresh;
    },
    received({ platform, event_id, verdict, limit } = {}) {
      const found = events
        .slice(-limits.events)
        .filter(
          (event) =>
            (platform === undefined || event.platform === platform) &&
            (event_id === undefined || event.event_id === event_id) &&
            (verdict === undefined || event.verdict === verdict),
        );
      return limit === undefined ? found : found.slice(Math.max(0, found.length - limit));
    },
    counts: () => structuredClone({ platforms: totals, forgotten_ids: forgotten }),
    deliveries: (platform) =>
      [...ledger.values()]
        .filter((entry) => platform === undefined || entry.platform === platform)
        .map(({ window_from: _, ...delivery }) => delivery),
    reset() {
      events = [];
      ledger = new Map();
      totals = emptyCounts();
      forgotten = 0;
    },
  };
}

function emptyCounts(): Record<Platform, PlatformCounts> {
  return Object.fromEntries(PLATFORM_IDS.map((platform) => [platform, noCounts()]));
}

function noCounts(): PlatformCounts {
  return { requests: 0, statuses: {}, events: { counted: 0, duplicate: 0, refused: 0, failed: 0, validated: 0 } };
}
