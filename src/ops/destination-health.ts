import type { ConsentOverride } from "../core/consent-firewall.ts";
import { DAY_MS } from "../core/durations.ts";
import { isStopped, type LaneControl, standsSince } from "../core/lane-control.ts";
import { present } from "../core/present.ts";
import { utcDay } from "../core/utc-day.ts";
import { daysUntil } from "../core/version-end.ts";
import type { LaneControlStore, LaneIntakes } from "../pipeline/lane-control-ports.ts";
import type { Clock } from "../pipeline/ports.ts";
import type { DestinationHealth } from "./contract/destinations.ts";
import { type Figures, type FigureWindow, type LaneFigures, laneFigures, oldestMessages, windowOf } from "./figures.ts";
import type { EventLookups } from "./lookup-ports.ts";
import type { OpsQueues } from "./queue-ports.ts";

/** A configured lane, as far as its health depends on what is declared of it. */
export interface DeclaredLane {
  readonly lane: string;
  readonly type: string;
  /** Of the platform. */
  readonly name: string;
  readonly needsSecret: boolean;
  readonly testMode: boolean;
  /** When the platform's API version ends, epoch ms. */
  readonly versionEnd?: number;
  /** Where the config lets it have more than its declaration does. */
  readonly consentOverrides?: readonly ConsentOverride[];
}

/** Of the routes of destinations. */
export interface DestinationPorts {
  readonly lanes: readonly DeclaredLane[];
  readonly figures: Figures;
  readonly queues: OpsQueues;
  readonly controls: LaneControlStore;
  readonly intakes: LaneIntakes;
  readonly lookups: Pick<EventLookups, "listFailures" | "readRecords">;
  /** How long a lane keeps trying, ms. */
  readonly retryWindowMs: number;
  readonly clock: Pick<Clock, "now">;
}

type Health = DestinationHealth;
type Source = NonNullable<Health["unavailable"]>[number];

/** As much of a lane's control as people see. */
export type ShownControl = NonNullable<Health["control"]>;

/** Failures that are read to find the last one: those that failed again stand under their first day. */
const FAILURES_READ = 10;

/** What could be read, or that it could not: one service that is down must not hide what the others know. */
async function attempt<Value>(reading: Promise<Value>): Promise<{ value: Value } | undefined> {
  try {
    return { value: await reading };
  } catch {
    return undefined;
  }
}

/** How these lanes do over the last `minutes`, in order. A source of figures that fails leaves the others shown. */
export async function healthOf(
  lanes: readonly DeclaredLane[],
  minutes: number,
  ports: DestinationPorts,
): Promise<Health[]> {
  const now = ports.clock.now();
  const window = windowOf(minutes, now);
  const names = lanes.map(({ lane }) => lane);
  const [figures, ages, controls] = await Promise.all([
    attempt(laneFigures(names, window, ports.figures)),
    attempt(
      oldestMessages(
        names.map((lane) => `lane-${lane}`),
        now,
        ports.figures,
      ),
    ),
    attempt(ports.controls.read(names)),
  ]);
  return Promise.all(
    lanes.map(async (declared, index) => {
      const measured = {
        figures: figures?.value[index],
        oldest_seconds: ages?.value[index],
        control: controls === undefined ? undefined : { value: controls.value[index] },
      };
      return laneHealth(declared, window, now, measured, ports);
    }),
  );
}

interface Measured {
  readonly figures: LaneFigures | undefined;
  readonly oldest_seconds: number | undefined;
  readonly control: { readonly value: LaneControl | undefined } | undefined;
}

async function laneHealth(
  declared: DeclaredLane,
  { from, to }: FigureWindow,
  now: number,
  { figures, oldest_seconds, control }: Measured,
  { queues, lookups }: DestinationPorts,
): Promise<Health> {
  const { lane, type, name, testMode, versionEnd, consentOverrides } = declared;
  const [depths, failure] = await Promise.all([
    attempt(Promise.all([queues.depth(`lane-${lane}`), queues.depth(`lane-${lane}-dlq`)])),
    attempt(lastFailure(lane, from, now, lookups)),
  ]);
  const [own, dead] = depths?.value ?? [];
  const sources: readonly (readonly [Source, unknown])[] = [
    ["metrics", figures],
    ["queue", depths],
    ["control", control],
    ["failures", failure],
  ];
  const unavailable = sources.filter(([, answer]) => answer === undefined).map(([source]) => source);
  const outcomes = figures?.outcomes ?? {};
  return {
    lane,
    type,
    name,
    window: { from, to },
    outcomes,
    auth: authOf(declared, figures, control?.value),
    test_mode: testMode,
    ...present({
      control: control === undefined ? undefined : shownControl(control.value),
      success_share: successShare(outcomes),
      latency_p50_ms: figures?.latency_p50_ms,
      latency_p95_ms: figures?.latency_p95_ms,
      match_quality: figures?.match_quality,
      queue:
        own === undefined
          ? undefined
          : { ...own, ...present({ oldest_seconds: own.waiting + own.in_flight === 0 ? undefined : oldest_seconds }) },
      dead_letters: dead === undefined ? undefined : dead.waiting + dead.in_flight,
      last_error: failure?.value,
      version_ends_in_days: versionEnd === undefined ? undefined : daysUntil(versionEnd, now),
      consent_overrides: consentOverrides?.map(({ because, name: title }) => ({ name: title, because })),
      unavailable: unavailable.length === 0 ? undefined : unavailable,
    }),
  };
}

/** A control as people see it; none means that nobody ever stopped the lane. */
export function shownControl(control: LaneControl | undefined): ShownControl {
  if (control === undefined) return { state: "closed", since: 0, reason: "" };
  const { state, reason, by, cause, probe_at } = control;
  return { state, since: standsSince(control), reason, ...present({ by, cause, probe_at }) };
}

/** Of the attempts that came to an end: what is tried again has not. */
function successShare({ delivered = 0, rejected = 0, expired = 0 }: Health["outcomes"]): number | undefined {
  const ended = delivered + rejected + expired;
  return ended === 0 ? undefined : Math.round((delivered / ended) * 10_000) / 10_000;
}

function authOf(
  { needsSecret }: DeclaredLane,
  figures: LaneFigures | undefined,
  control: LaneControl | undefined,
): Health["auth"] {
  if (!needsSecret) return "not_needed";
  if (isStopped(control) && control?.cause === "unauthorized") return "refused";
  if (figures === undefined) return "unknown";
  const { unauthorized = 0, delivered = 0, rejected = 0 } = figures.outcomes;
  if (unauthorized > 0) return "refused";
  // Nothing was sent: nobody knows.
  return delivered + rejected > 0 ? "ok" : "unknown";
}

async function lastFailure(
  lane: string,
  from: number,
  now: number,
  lookups: DestinationPorts["lookups"],
): Promise<Health["last_error"]> {
  // Two days are enough for "the last": the list of failures has the rest.
  for (const at of [now, now - DAY_MS]) {
    const day = utcDay(at);
    if (Date.parse(day) + DAY_MS <= from) break;
    const listed = await lookups.listFailures(lane, { day, from, until: now, limit: FAILURES_READ });
    const records = await lookups.readRecords(
      lane,
      listed.map(({ key }) => key),
      { mayBeStale: true },
    );
    const last = records
      .flatMap((record) => record ?? [])
      .filter(({ state }) => state === "rejected" || state === "unauthorized" || state === "expired")
      .sort((a, b) => b.updated_at - a.updated_at)[0];
    if (last !== undefined) return { at: last.updated_at, state: last.state, reason: last.reason ?? "" };
  }
  return undefined;
}
