import type { AlarmModel, MetricDataQuery } from "./model.ts";
import type { PropertyReader } from "./property-reader.ts";
import type { TemplateResource } from "./resource-set.ts";

const COMPARISONS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
] as const;

/** An alarm on one metric or on metric math; anomaly detection bands are refused. */
export function readAlarm({ properties, logicalId, identity }: TemplateResource): AlarmModel {
  const evaluationPeriods = properties.number("EvaluationPeriods");
  const thresholdMetricId = properties.optionalText("ThresholdMetricId");
  return {
    logicalId,
    name: identity.ref,
    description: properties.optionalText("AlarmDescription") ?? "",
    metrics: readMetrics(properties),
    threshold: thresholdMetricId === undefined ? properties.number("Threshold") : Number.NaN,
    ...(thresholdMetricId === undefined ? {} : { thresholdMetricId }),
    comparison: properties.oneOf("ComparisonOperator", COMPARISONS),
    evaluationPeriods,
    datapointsToAlarm: properties.number("DatapointsToAlarm", evaluationPeriods),
    treatMissingData: properties.oneOf(
      "TreatMissingData",
      ["breaching", "notBreaching", "ignore", "missing"],
      "missing",
    ),
    alarmActions: properties.flag("ActionsEnabled", true) ? properties.texts("AlarmActions") : [],
  };
}

function readMetrics(properties: PropertyReader): MetricDataQuery[] {
  if (!properties.has("Metrics")) {
    const stat = readStat(properties, properties, statisticOf(properties));
    return [{ id: "m1", returnData: true, stat }];
  }
  return properties.objects("Metrics").map((query) => {
    const base = { id: query.text("Id"), returnData: query.flag("ReturnData", true) };
    const expression = query.optionalText("Expression");
    if (expression !== undefined) return { ...base, expression };
    const metricStat = query.object("MetricStat");
    return { ...base, stat: readStat(metricStat.object("Metric"), metricStat, metricStat.text("Stat")) };
  });
}

function statisticOf(properties: PropertyReader): string {
  return properties.optionalText("ExtendedStatistic") ?? properties.text("Statistic");
}

function readStat(metric: PropertyReader, timing: PropertyReader, stat: string): NonNullable<MetricDataQuery["stat"]> {
  const dimensions = metric.objects("Dimensions").map((pair) => [pair.text("Name"), pair.text("Value")] as const);
  return {
    namespace: metric.text("Namespace"),
    metricName: metric.text("MetricName"),
    dimensions: Object.fromEntries(dimensions),
    stat,
    periodSeconds: timing.number("Period"),
  };
}
