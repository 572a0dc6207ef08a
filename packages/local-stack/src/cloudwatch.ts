import type { AlarmView } from "./alarms.ts";
import { AwsError } from "./aws-error.ts";
import { MetricQueries } from "./metric-queries.ts";
import type { MetricStore } from "./metrics.ts";
import type { MetricDataQuery } from "./model.ts";
import { PropertyReader } from "./property-reader.ts";

/** CloudWatch's operations on the metrics of the stack, in the JSON protocol: times are epoch seconds. */
export class CloudWatch {
  readonly #store: MetricStore;
  readonly #alarms: () => readonly AlarmView[];
  readonly #now: () => number;

  constructor(store: MetricStore, alarms: () => readonly AlarmView[], now: () => number) {
    this.#store = store;
    this.#alarms = alarms;
    this.#now = now;
  }

  call(operation: string, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const reader = new PropertyReader(operation, input);
    try {
      switch (operation) {
        case "PutMetricData":
          return this.#put(reader);
        case "GetMetricData":
          return this.#get(reader);
        case "ListMetrics":
          return this.#list(reader);
        case "DescribeAlarms":
          return { MetricAlarms: this.#alarms().map(describeAlarm), CompositeAlarms: [] };
        default:
      }
    } catch (error) {
      // Readers and metric math say what is wrong in plain errors; the caller needs them as the service's.
      const text = error instanceof Error ? error.message : String(error);
      throw new AwsError("ValidationError", text, { queryCode: "ValidationError" });
    }
    throw new AwsError("UnknownOperationException", `cloudwatch:${operation} does not run in the local stack`);
  }

  #put(input: PropertyReader): Record<string, unknown> {
    const namespace = input.text("Namespace");
    for (const datum of input.objects("MetricData")) {
      const values = datum.has("Values") ? readNumbers(datum, "Values") : [datum.number("Value")];
      const counts = datum.has("Counts") ? readNumbers(datum, "Counts") : values.map(() => 1);
      const repeated = values.flatMap((value, index) => Array.from({ length: counts[index] ?? 1 }, () => value));
      this.#store.add({
        namespace,
        metricName: datum.text("MetricName"),
        dimensions: readDimensions(datum),
        values: repeated,
        atMs: datum.has("Timestamp") ? datum.number("Timestamp") * 1000 : this.#now(),
      });
    }
    return {};
  }

  #get(input: PropertyReader): Record<string, unknown> {
    const readers = input.objects("MetricDataQueries");
    const queries = readers.map(readQuery);
    const whole = new MetricQueries(queries);
    const isAscending = input.optionalText("ScanBy") === "TimestampAscending";
    const MetricDataResults = queries.flatMap((query, at) => {
      if (!query.returnData) return [];
      // A metric comes in its own period; an expression in the longest of those it is made of.
      const run = query.stat === undefined ? whole : new MetricQueries([query]);
      const points = this.#points(run, query.id, input);
      if (!isAscending) points.reverse();
      return {
        Id: query.id,
        Label: readers[at]?.optionalText("Label") ?? query.stat?.metricName ?? query.id,
        StatusCode: "Complete",
        Timestamps: points.map((point) => point.at),
        Values: points.map(({ value }) => value),
      };
    });
    return { MetricDataResults, Messages: [] };
  }

  #points(run: MetricQueries, id: string, input: PropertyReader): { at: number; value: number }[] {
    const periodMs = run.periodSeconds * 1000;
    const fromMs = Math.floor((input.number("StartTime") * 1000) / periodMs) * periodMs;
    const count = Math.min(100_800, Math.ceil((input.number("EndTime") * 1000 - fromMs) / periodMs));
    const series = run.run(this.#store, fromMs, Math.max(0, count)).get(id) ?? [];
    return series.flatMap((value, index) =>
      value === undefined ? [] : [{ at: (fromMs + index * periodMs) / 1000, value }],
    );
  }

  #list(input: PropertyReader): Record<string, unknown> {
    const namespace = input.optionalText("Namespace");
    const metricName = input.optionalText("MetricName");
    const found = this.#store
      .list()
      .filter((metric) => namespace === undefined || metric.namespace === namespace)
      .filter((metric) => metricName === undefined || metric.metricName === metricName);
    return {
      Metrics: found.map((metric) => ({
        Namespace: metric.namespace,
        MetricName: metric.metricName,
        Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
    };
  }
}

function readQuery(query: PropertyReader): MetricDataQuery {
  const base = { id: query.text("Id"), returnData: query.flag("ReturnData", true) };
  const expression = query.optionalText("Expression");
  if (expression !== undefined) return { ...base, expression };
  const metricStat = query.object("MetricStat");
  const metric = metricStat.object("Metric");
  return {
    ...base,
    stat: {
      namespace: metric.text("Namespace"),
      metricName: metric.text("MetricName"),
      dimensions: readDimensions(metric),
      stat: metricStat.text("Stat"),
      periodSeconds: metricStat.number("Period"),
    },
  };
}

function readDimensions(owner: PropertyReader): Record<string, string> {
  return Object.fromEntries(owner.objects("Dimensions").map((pair) => [pair.text("Name"), pair.text("Value")]));
}

function readNumbers(owner: PropertyReader, key: string): number[] {
  const values = owner.raw(key);
  if (!Array.isArray(values)) return owner.fail(key, "a list of numbers");
  return values.map((value) => (typeof value === "number" ? value : owner.fail(key, "a list of numbers")));
}

function describeAlarm({ name, description, state, reason, changedAtMs }: AlarmView): Record<string, unknown> {
  return {
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
    AlarmDescription: description,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: changedAtMs / 1000,
  };
}
