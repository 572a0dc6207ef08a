import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { METRICS, type MetricName, metricNamespace } from "../../src/core/metric-names.ts";

export interface PipelineMetricProps {
  readonly environment: string;
  readonly name: MetricName;
  /** A value for each dimension that `METRICS` declares for the name. */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** CloudWatch statistic: `Sum`, `Average`, `SampleCount`, `p90` ... */
  readonly statistic: string;
  /** @default 5 minutes */
  readonly period?: Duration;
  readonly label?: string;
}

/** A metric that the λs emit. Throws when the dimensions are not the declared ones: CloudWatch would show nothing. */
export function pipelineMetric(props: PipelineMetricProps): Metric {
  const declared = [...METRICS[props.name]].sort().join(", ");
  const given = Object.keys(props.dimensions ?? {})
    .sort()
    .join(", ");
  if (declared !== given) throw new Error(`metric ${props.name} has the dimensions [${declared}], got [${given}]`);
  return new Metric({
    namespace: metricNamespace(props.environment),
    metricName: props.name,
    dimensionsMap: { ...props.dimensions },
    statistic: props.statistic,
    period: props.period ?? Duration.minutes(5),
    ...(props.label === undefined ? {} : { label: props.label }),
  });
}
