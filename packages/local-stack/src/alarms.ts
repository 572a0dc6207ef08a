import { MetricQueries } from "./metric-queries.ts";
import type { MetricStore } from "./metrics.ts";
import type { AlarmModel } from "./model.ts";

/** CloudWatch's states of an alarm. */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** An alarm as `GET /_local/alarms` shows it. */
export interface AlarmView {
  readonly logicalId: string;
  readonly name: string;
  readonly description: string;
  readonly state: AlarmState;
  readonly reason: string;
  readonly changedAtMs: number;
}

interface WatchedAlarm {
  readonly model: AlarmModel;
  readonly queries: MetricQueries;
  state: AlarmState;
  reason: string;
  changedAtMs: number;
}

/** Told of every change of state. */
export type AlarmListener = (alarm: AlarmModel, from: AlarmState, to: AlarmState, reason: string) => void;

/** The alarms of a stack; `evaluate` is called on an interval. */
export class Alarms {
  readonly #alarms: readonly WatchedAlarm[];
  readonly #store: MetricStore;
  readonly #now: () => number;
  readonly #onChange: AlarmListener;

  /** Throws on a metric, a statistic or a function that it could not evaluate. */
  constructor(models: readonly AlarmModel[], store: MetricStore, now: () => number, onChange: AlarmListener) {
    this.#store = store;
    this.#now = now;
    this.#onChange = onChange;
    this.#alarms = models.map((model) => ({
      model,
      queries: queriesOf(model),
      state: "INSUFFICIENT_DATA",
      reason: "Unchecked: Initial alarm creation",
      changedAtMs: now(),
    }));
  }

  list(): AlarmView[] {
    return this.#alarms.map(({ model, state, reason, changedAtMs }) => ({
      logicalId: model.logicalId,
      name: model.name,
      description: model.description,
      state,
      reason,
      changedAtMs,
    }));
  }

  evaluate(): void {
    for (const alarm of this.#alarms) {
      const { state, reason } = this.#judge(alarm);
      const from = alarm.state;
      if (state === from) continue;
      Object.assign(alarm, { state, reason, changedAtMs: this.#now() });
      this.#onChange(alarm.model, from, state, reason);
    }
  }

  /** Judges the last whole periods: one that is still running would look too low. */
  #judge({ model, queries, state }: WatchedAlarm): { state: AlarmState; reason: string } {
    const periodMs = queries.periodSeconds * 1000;
    const count = model.evaluationPeriods;
    const fromMs = (Math.floor(this.#now() / periodMs) - count) * periodMs;
    const results = queries.run(this.#store, fromMs, count);
    const { thresholdMetricId } = model;
    const watched = model.metrics.find(({ id, returnData }) => returnData && id !== thresholdMetricId);
    const values = results.get(watched?.id ?? "") ?? [];
    const limits = thresholdMetricId === undefined ? undefined : results.get(thresholdMetricId);
    const points = Array.from({ length: count }, (_value, index) => {
      const [value, limit] = [values[index], limits === undefined ? model.threshold : limits[index]];
      return value === undefined || limit === undefined ? undefined : breaches(model, value, limit);
    });
    return decide(model, points, values, state);
  }
}

function queriesOf(model: AlarmModel): MetricQueries {
  try {
    return new MetricQueries(model.metrics);
  } catch (error) {
    throw new Error(`Alarm ${model.logicalId}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function breaches({ comparison }: AlarmModel, value: number, limit: number): boolean {
  switch (comparison) {
    case "GreaterThanOrEqualToThreshold":
      return value >= limit;
    case "GreaterThanThreshold":
      return value > limit;
    case "LessThanThreshold":
      return value < limit;
    case "LessThanOrEqualToThreshold":
      return value <= limit;
  }
}

/** `points`: did the period breach, or `undefined` for no data. */
function decide(
  model: AlarmModel,
  points: readonly (boolean | undefined)[],
  values: readonly (number | undefined)[],
  current: AlarmState,
): { state: AlarmState; reason: string } {
  const { datapointsToAlarm, evaluationPeriods, treatMissingData, threshold } = model;
  const missing = points.filter((point) => point === undefined).length;
  const shown = values.map((value) => (value === undefined ? "no data" : String(Number(value.toFixed(3))))).join(", ");
  const reason = `${datapointsToAlarm} out of ${evaluationPeriods} against ${threshold}: ${shown}`;
  if (missing === evaluationPeriods && treatMissingData === "missing") return { state: "INSUFFICIENT_DATA", reason };
  const assumed = treatMissingData === "breaching" ? missing : 0;
  const breaching = points.filter((point) => point === true).length + assumed;
  if (breaching >= datapointsToAlarm) return { state: "ALARM", reason };
  // Where missing data decides nothing, an alarm stays as it is until known data could not make it go off.
  const isOpen = treatMissingData === "ignore" && breaching + missing >= datapointsToAlarm;
  return { state: isOpen ? current : "OK", reason };
}
