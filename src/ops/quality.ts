import { z } from "zod/mini";
import { IDENTIFIERS, type Identifier } from "../core/destination.ts";
import { maskAll, maskText } from "../core/masking.ts";
import { type MetricName, presenceMetric } from "../core/metric-names.ts";
import { present } from "../core/present.ts";
import type { LaneReadBack } from "../core/quality-read-back.ts";
import type { ReadBackStore } from "../pipeline/read-back-ports.ts";
import { type StoredEvent, tracedDeliveries } from "../pipeline/trace.ts";
import { sentQuality } from "../pipeline/trace-copies.ts";
import type { QualityView } from "./contract/quality.ts";
import { type EventPorts, scopesOf } from "./event-filter.ts";
import { type Figures, type FigureWindow, windowOf } from "./figures.ts";
import { QUALITY_VIEW } from "./quality-answer.ts";
import { type QualityReportPorts, qualityReport, REPORT_INPUT } from "./quality-report.ts";
import { defineRoute } from "./route.ts";

/** Of the route of match quality. */
export interface QualityPorts extends Pick<EventPorts, "config" | "clock" | "lookups">, QualityReportPorts {
  readonly figures: Figures;
  readonly readBacks: Pick<ReadBackStore, "read">;
}

/** `GET /quality`. */
export const showQuality = defineRoute({
  method: "GET",
  path: "/quality",
  permission: "read",
  summary: "Match quality by destination and which identifiers events carry; with an event id, the parts of its scores",
  input: z.object({
    /** Minutes until now. */
    window: z._default(z.int().check(z.minimum(5), z.maximum(20_160)), 1_440),
    event_id: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
    ...REPORT_INPUT,
  }),
  answer: QUALITY_VIEW,
  personal: ({ event_id }) => ({ action: "quality.read_personal", target: maskText(event_id ?? "metrics") }),
  async run({ window: minutes, event_id, ...filter }, ports: QualityPorts, { personal }): Promise<QualityView> {
    const window = windowOf(minutes, ports.clock.now());
    const { destinations } = ports.config;
    const lanes = destinations.map(({ id }) => id);
    // What was kept before the configuration stopped asking would stay for ever.
    const asked = destinations.filter(({ readBackQuality }) => readBackQuality === true).map(({ id }) => id);
    const [scores, presence, stored, report, platforms] = await Promise.all([
      averages(
        lanes.map((destination) => ({ metric: "MatchQuality", dimensions: { destination } })),
        window,
        ports,
      ),
      averages(
        IDENTIFIERS.map((it) => ({ metric: presenceMetric(it), dimensions: {} })),
        window,
        ports,
      ),
      event_id === undefined ? [] : ports.lookups.readStory(event_id, scopesOf(ports)),
      qualityReport(filter, ports),
      ports.readBacks.read(asked),
    ]);
    const events = stored.flatMap(scoresOf);
    return {
      window: { from: window.from, to: window.to },
      destinations: lanes.map((lane, index) => {
        const { average, samples = 0 } = scores[index] ?? {};
        const score = average === undefined ? undefined : round(average);
        return { lane, events: samples, ...present({ score, platform: shown(platforms[asked.indexOf(lane)]) }) };
      }),
      ...(report === undefined ? {} : { report }),
      presence: Object.fromEntries(
        IDENTIFIERS.flatMap((identifier, index): [Identifier, number][] => {
          const average = presence[index]?.average;
          return average === undefined ? [] : [[identifier, round(average)]];
        }),
      ),
      events: personal ? events : maskAll(events),
    };
  },
});

/** Names that a platform gave are masked like all that others wrote. */
function shown(readBack: LaneReadBack | undefined): QualityView["destinations"][number]["platform"] {
  if (readBack === undefined) return undefined;
  const { last, problem, tried_at } = readBack;
  return maskAll({ tried_at, ...present({ last, problem }) });
}

interface Averaged {
  readonly average?: number;
  readonly samples: number;
}

/** Averages over the whole window, by what was measured in it and not by its steps: those of the night hold little. */
async function averages(
  metrics: readonly { metric: MetricName; dimensions: Readonly<Record<string, string>> }[],
  window: FigureWindow,
  { figures }: QualityPorts,
): Promise<Averaged[]> {
  const queries = metrics.flatMap((it) => [
    { ...it, statistic: "Sum" as const },
    { ...it, statistic: "SampleCount" as const },
  ]);
  const series = await figures.read(queries, window);
  return metrics.map((_, index) => {
    const samples = total(series[2 * index + 1]);
    return samples === 0 ? { samples } : { samples, average: total(series[2 * index]) / samples };
  });
}

function total(points: ReadonlyMap<number, number> | undefined): number {
  return [...(points?.values() ?? [])].reduce((sum, value) => sum + value, 0);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Of what went out, as a trace tells it: with another copy's identifiers where they were in the request. */
function scoresOf(event: StoredEvent): QualityView["events"] {
  const { claim, copies, dedup_scope, event_id, name } = event;
  if (claim === undefined) return [];
  const destinations = tracedDeliveries(event).flatMap(({ decision, lane, record }) => {
    const quality = decision && sentQuality(decision, record, copies);
    return quality === undefined ? [] : [{ lane, ...quality }];
  });
  return [{ event_id, dedup_scope, name, carried: claim.story.carried, destinations }];
}
