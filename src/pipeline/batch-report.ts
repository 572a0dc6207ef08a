import type { DeliveryState } from "../core/outcome.ts";
import type { DeliverDeps } from "./lane.ts";
import { loggableId, platformWords } from "./platform-words.ts";
import type { Decision } from "./verdict-decision.ts";

/** Event ids on one log line. */
const IDS_PER_LINE = 50;

/** Counts what became of a batch, for the metrics and the log. */
export interface BatchReport {
  decided(decision: Decision): void;
  /** Put off because its lane is stopped: nothing was tried, so that it is no outcome. */
  held(): void;
  poisoned(messageId: string, reason: string): void;
  /** One line with the counts, and one for each reason why events were not delivered, with their ids. */
  write(messages: number, returned: number): void;
}

/** A report for one invocation. */
export function createBatchReport(deps: Pick<DeliverDeps, "lane" | "log" | "metrics">): BatchReport {
  const { lane, log, metrics } = deps;
  const counts: Record<string, number> = {};
  const problems = new Map<string, { outcome: string; reason: string; ids: string[] }>();

  function count(outcome: string): void {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    metrics.add("Deliveries", 1, { destination: lane.id, outcome });
  }

  function problem(outcome: string, reason: string, id: string): void {
    const entry = problems.get(`${outcome}\n${reason}`) ?? { outcome, reason, ids: [] };
    problems.set(`${outcome}\n${reason}`, entry);
    entry.ids.push(id);
  }

  return {
    decided({ item, record, skip }) {
      count(record.state);
      log.step({
        step: record.state,
        lane: lane.id,
        event_id: loggableId(item.key.event_id),
        event_name: item.event.event_name,
        detail: skip === undefined ? (record.reason ?? "") : platformWords(skip.detail),
      });
      if (skip !== undefined) metrics.add("DeliveriesSkipped", 1, { destination: lane.id, reason: skip.code });
      if (record.state === "delivered") {
        const latency = Math.max(0, record.updated_at - item.event.received_at);
        metrics.add("DeliveryLatency", latency, { destination: lane.id });
        // Of others enrich knew it: what waits for its other copy gets its score from both.
        const score = item.merged?.score;
        if (score !== undefined) metrics.add("MatchQuality", score, { destination: lane.id });
      } else if (record.state !== "skipped") {
        problem(record.state, record.reason ?? "", loggableId(item.key.event_id));
      }
    },
    held() {
      counts.held = (counts.held ?? 0) + 1;
    },
    poisoned(messageId, reason) {
      count("rejected");
      problem("rejected", `not a lane message: ${reason}`, `message ${messageId}`);
    },
    write(messages, returned) {
      for (const { outcome, reason, ids } of problems.values()) logProblem(deps, outcome, reason, ids);
      log.info("lane batch", { lane: lane.id, messages, returned, ...counts });
    },
  };
}

const SEVERE: ReadonlySet<string> = new Set<DeliveryState>(["rejected", "unauthorized", "expired"]);

function logProblem(
  { lane, log }: Pick<DeliverDeps, "lane" | "log">,
  outcome: string,
  reason: string,
  ids: readonly string[],
): void {
  for (let from = 0; from < ids.length; from += IDS_PER_LINE) {
    const slice = ids.slice(from, from + IDS_PER_LINE);
    const fields = { lane: lane.id, outcome, reason, events: slice.length, event_ids: slice.join(" ") };
    if (SEVERE.has(outcome)) log.error("not delivered", fields);
    else log.warn("not delivered yet", fields);
  }
}
