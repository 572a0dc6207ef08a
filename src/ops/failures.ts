import { z } from "zod/mini";
import type { DeliveryRecord } from "../core/delivery-record.ts";
import { DAY_MS } from "../core/durations.ts";
import type { Explain } from "../core/explanation.ts";
import { failureCause } from "../core/failure-cause.ts";
import { maskAll } from "../core/masking.ts";
import { ATTENTION_STATES } from "../core/outcome.ts";
import { failureOf, storedName } from "../pipeline/trace.ts";
import { EXPLANATION, list, STATE } from "./answer-fields.ts";
import type { FailureGroup, FailureList } from "./contract/failures.ts";
import { newestOfDays } from "./day-pages.ts";
import { type EventPorts, NAME, spanOf } from "./event-filter.ts";
import { laneExplanations } from "./lane-explanations.ts";
import type { ListedFailure } from "./lookup-ports.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Of the route of failures. */
export type FailurePorts = Pick<EventPorts, "lookups" | "config" | "clock">;

/** Failed deliveries of one lane that are read for one answer: the groups of the newest ones tell what is wrong now. */
const MOST_OF_LANE = 1_000;
const SAMPLES = 3;
/** Without `from`. */
const DEFAULT_DAYS = 1;
/** Each lane and day is eight queries. */
const MOST_DAYS = 31;

const INPUT = z.object({
  lane: z.optional(NAME),
  /** Epoch ms of the first failure; `from` is a day ago when it is not given, `to` is exclusive. */
  from: z.optional(z.int().check(z.nonnegative())),
  to: z.optional(z.int().check(z.nonnegative())),
});

const FAILURE_LIST: z.ZodMiniType<FailureList> = z.object({
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

/** `GET /failures`. */
export const listFailures = defineRoute({
  method: "GET",
  path: "/failures",
  permission: "read",
  summary: "What is not delivered, grouped by cause: what was said, what it means, what to do, and samples",
  input: INPUT,
  answer: FAILURE_LIST,
  async run(input, ports: FailurePorts): Promise<FailureList> {
    const span = spanOf(input, ports, DEFAULT_DAYS, ports.config.retention.deliveryDays);
    if (span.to - span.from > MOST_DAYS * DAY_MS) {
      throw new OpsRefusal(400, "span_too_long", `from and to are at most ${MOST_DAYS} days apart`);
    }
    const { lane } = input;
    const lanes = lane === undefined ? ports.config.destinations.map(({ id }) => id) : [lane];
    const explain = laneExplanations(ports.config);
    const found = await Promise.all(lanes.map((it) => failuresOf(it, span, ports)));
    const groups = found.flatMap(({ failures }) => grouped(failures, explain));
    return {
      items: maskAll(groups.sort((a, b) => b.events - a.events || b.last_at - a.last_at)),
      read: found.reduce((sum, { failures }) => sum + failures.length, 0),
      truncated: found.some(({ isCut }) => isCut),
    };
  },
});

interface Failed extends ListedFailure {
  readonly record: DeliveryRecord;
}

async function failuresOf(
  lane: string,
  span: { readonly from: number; readonly to: number },
  { lookups }: FailurePorts,
): Promise<{ failures: Failed[]; isCut: boolean }> {
  const page = await newestOfDays(
    { ...span, limit: MOST_OF_LANE },
    (range) => lookups.listFailures(lane, range),
    ({ at }) => at,
  );
  const keys = page.items.map(({ key }) => key);
  const records = keys.length === 0 ? [] : await lookups.readRecords(lane, keys, { mayBeStale: true });
  const failures = page.items.flatMap((listed, index): Failed[] => {
    const record = records[index];
    // Delivered, or tried again, since it was listed.
    return record === undefined || !ATTENTION_STATES.has(record.state) ? [] : [{ ...listed, record }];
  });
  return { failures, isCut: page.next !== undefined };
}

function grouped(failures: readonly Failed[], explain: Explain): FailureGroup[] {
  const causeOf = ({ record }: Failed) => failureCause(record.reason ?? "");
  const groups = Map.groupBy(failures, (failed) => JSON.stringify([failed.record.state, causeOf(failed)]));
  return [...groups.values()].flatMap((group): FailureGroup[] => {
    // Newest first, as they were listed.
    const [newest] = group;
    const oldest = group.at(-1);
    if (newest === undefined || oldest === undefined) return [];
    const { lane, record } = newest;
    const failure = failureOf({ lane, state: record.state, record });
    if (failure === undefined) return [];
    return [
      {
        lane,
        state: record.state,
        cause: causeOf(newest),
        events: group.length,
        first_at: oldest.at,
        last_at: newest.at,
        explanation: explain(failure),
        samples: group.slice(0, SAMPLES).map(({ key, at }) => ({
          event_id: key.event_id,
          dedup_scope: key.dedup_scope,
          name: storedName(key),
          at,
        })),
      },
    ];
  });
}
