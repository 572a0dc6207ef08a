import { isObject, type JsonObject } from "./property-reader.ts";

/** One or more values of a metric at one moment. */
export interface MetricPoint {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly atMs: number;
}

/** What CloudWatch makes of a log line: nothing, metrics, or an error that it counts in `AWS/Logs`. */
export type EmfResult =
  | { readonly kind: "none" }
  | { readonly kind: "points"; readonly points: readonly MetricPoint[] }
  | {
      readonly kind: "error";
      readonly metricName: "EMFParsingErrors" | "EMFValidationErrors";
      readonly reason: string;
    };

const MAX_DIMENSIONS = 30;
const MAX_METRICS = 100;
const MAX_VALUES = 100;
const TWO_WEEKS_MS = 14 * 24 * 3_600_000;
const TWO_HOURS_MS = 2 * 3_600_000;

class EmfError extends Error {}

/** Reads a log line of the embedded metric format. Only a line that is JSON from its first character can be one. */
export function extractEmf(line: string, atMs: number): EmfResult {
  const text = line.trim();
  if (!text.startsWith("{") || !text.includes('"_aws"')) return { kind: "none" };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { kind: "error", metricName: "EMFParsingErrors", reason: String(error) };
  }
  if (!isObject(document) || document._aws === undefined) return { kind: "none" };
  try {
    return { kind: "points", points: readDocument(document, atMs) };
  } catch (error) {
    if (!(error instanceof EmfError)) throw error;
    return { kind: "error", metricName: "EMFValidationErrors", reason: error.message };
  }
}

function readDocument(document: JsonObject, atMs: number): MetricPoint[] {
  const metadata = document._aws;
  if (!isObject(metadata)) throw new EmfError("_aws is no object");
  const { Timestamp, CloudWatchMetrics } = metadata;
  if (typeof Timestamp !== "number" || !Number.isInteger(Timestamp)) throw new EmfError("_aws.Timestamp is no integer");
  if (Timestamp < atMs - TWO_WEEKS_MS || Timestamp > atMs + TWO_HOURS_MS) {
    throw new EmfError("_aws.Timestamp is over two weeks old or two hours ahead: milliseconds are wanted");
  }
  if (!Array.isArray(CloudWatchMetrics)) throw new EmfError("_aws.CloudWatchMetrics is no list");
  return CloudWatchMetrics.flatMap((directive) => readDirective(directive, document, Timestamp));
}

function readDirective(directive: unknown, document: JsonObject, atMs: number): MetricPoint[] {
  if (!isObject(directive)) throw new EmfError("a metric directive is no object");
  const { Namespace, Dimensions, Metrics } = directive;
  if (typeof Namespace !== "string" || !/^[\w.\-/#:]{1,255}$/.test(Namespace))
    throw new EmfError("a Namespace is not valid");
  if (!Array.isArray(Dimensions)) throw new EmfError("Dimensions is no list of lists");
  if (!Array.isArray(Metrics) || Metrics.length > MAX_METRICS) {
    throw new EmfError(`Metrics must be a list of at most ${MAX_METRICS}`);
  }
  const sets = Dimensions.map((set) => readDimensions(set, document));
  return Metrics.flatMap((metric) => {
    const { metricName, values } = readMetric(metric, document);
    return sets.map((dimensions) => ({ namespace: Namespace, metricName, dimensions, values, atMs }));
  });
}

function readDimensions(set: unknown, document: JsonObject): Record<string, string> {
  if (!Array.isArray(set) || set.length > MAX_DIMENSIONS) {
    throw new EmfError(`a dimension set must be a list of at most ${MAX_DIMENSIONS} names`);
  }
  return Object.fromEntries(
    set.map((name: unknown) => {
      if (typeof name !== "string" || name === "") throw new EmfError("a dimension's name is no string");
      const value = document[name];
      if (typeof value !== "string" || value.trim() === "" || value.length > 1024) {
        throw new EmfError(`dimension ${name} has no value that is a string of 1 to 1024 characters`);
      }
      return [name, value];
    }),
  );
}

function readMetric(metric: unknown, document: JsonObject): { metricName: string; values: number[] } {
  const metricName = isObject(metric) ? metric.Name : undefined;
  if (typeof metricName !== "string" || metricName === "" || metricName.length > 1024) {
    throw new EmfError("a metric has no Name");
  }
  const target = document[metricName];
  const values: readonly unknown[] = Array.isArray(target) ? target : [target];
  if (values.length > MAX_VALUES) throw new EmfError(`metric ${metricName} has over ${MAX_VALUES} values`);
  return {
    metricName,
    values: values.map((value) => {
      if (typeof value !== "number" || !Number.isFinite(value)) throw new EmfError(`metric ${metricName} is no number`);
      return value;
    }),
  };
}
