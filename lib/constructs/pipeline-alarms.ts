import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, MathExpression, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { AlarmTopic } from "./alarm-topic.ts";
import type { EventQueue } from "./event-queue.ts";
import type { IngestApi } from "./ingest-api.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { pipelineMetric } from "./pipeline-metric.ts";
import { addBacklogAlarm, addDeadLetterAlarm } from "./queue-alarms.ts";
import { resourceName } from "./resource-name.ts";

export interface PipelineAlarmsProps {
  readonly config: ResolvedConfig;
  readonly alarms: AlarmTopic;
  readonly api: IngestApi;
  readonly ingest: LambdaFunction;
  readonly enrich: LambdaFunction;
  readonly events: EventQueue;
  readonly scheduleDeadLetters: Queue;
  /** Ids of the detectors, as the dimension of `AnomaliesFound` has them. */
  readonly detectors: readonly string[];
  readonly logGroup: ILogGroup;
}

const ABOVE = { comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD, threshold: 0 } as const;
const QUIET_WHEN_MISSING = { treatMissingData: TreatMissingData.NOT_BREACHING } as const;

/**
 * Of a number that comes once an hour. Over a whole hour the alarm would still be on when the next one comes, and what
 * begins or becomes critical then would change no state, which is all that notifies. CloudWatch looks back three or four
 * periods for a value before it counts one as missing: this is over within the hour, and waits for a late log line.
 */
const ANOMALY_PERIOD = Duration.minutes(10);

/**
 * Alarms of what all lanes share. Errors count missing data as good; heartbeats count it as bad, because a pipeline
 * that is dead says nothing at all.
 */
export class PipelineAlarms extends Construct {
  private readonly props: PipelineAlarmsProps;

  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    this.props = props;
    this.addErrorAlarms();
    this.addQueueAlarms();
    this.addAnomalyAlarms();
    this.addHeartbeats();
    this.addMetricLossAlarm();
  }

  private addErrorAlarms(): void {
    const { alarms, api, ingest, enrich } = this.props;
    const period = Duration.minutes(5);
    alarms.addAlarm(this, "Ingest5xx", {
      name: "ingest-5xx",
      description: "Senders got 5xx answers: ingest failed or timed out, or SQS refused. Well-behaved SDKs send again.",
      metric: api.api.metricServerError({ statistic: "Sum", period }),
      evaluationPeriods: 1,
      ...ABOVE,
      ...QUIET_WHEN_MISSING,
    });
    alarms.addAlarm(this, "IngestErrors", {
      name: "ingest-errors",
      description: "The ingest function crashed, timed out or ran out of memory.",
      metric: ingest.function.metricErrors({ statistic: "Sum", period }),
      evaluationPeriods: 1,
      ...ABOVE,
      ...QUIET_WHEN_MISSING,
    });
    // Throttles are not watched: they end by themselves, and when they do not, the backlog alarm tells.
    alarms.addAlarm(this, "EnrichErrors", {
      name: "enrich-errors",
      description: "The enrich function failed; its messages stay on the queue and come again.",
      metric: enrich.function.metricErrors({ statistic: "Sum", period }),
      evaluationPeriods: 1,
      ...ABOVE,
      ...QUIET_WHEN_MISSING,
    });
  }

  private addQueueAlarms(): void {
    const { alarms, config, events, scheduleDeadLetters } = this.props;
    const eventsScope = new Construct(this, "Events");
    addBacklogAlarm(eventsScope, alarms, { name: "events", queue: events.queue, oldest: Duration.minutes(10) });
    addDeadLetterAlarm(eventsScope, alarms, {
      name: "events",
      queue: events.deadLetterQueue,
      // Queue and DLQ hold a message for 14 days each, which is longer than the claim may live.
      description: `Messages that enrich failed on again and again wait in ${resourceName(config.environment, "events-dlq")}.fifo. Mend the cause, then redrive: what went out already is known by its claim and not sent again. Claims live ${config.retention.deliveryDays} days (retention.deliveryDays): of older messages, trace first what became of their events.`,
    });
    addDeadLetterAlarm(new Construct(this, "Schedules"), alarms, {
      name: "schedules",
      queue: scheduleDeadLetters,
      description: `Runs that a schedule could not start, or that failed, left their input in ${resourceName(config.environment, "schedules-dlq")}. The logs of detect, maintain, reconcile and read-back say why; purge the queue afterwards, the next run needs nothing of it.`,
    });
  }

  private addAnomalyAlarms(): void {
    const { alarms, config, detectors } = this.props;
    for (const detector of detectors) {
      alarms.addAlarm(this, `Anomaly-${detector}`, {
        name: `anomaly-${detector}`,
        description: `The detector ${detector} found something unusual, or something has become critical or lasted another day: \`npx tracklayer findings\` says what, where, since when, and against what it was measured. That this alarm ends says that nothing new began, not that it is over.`,
        metric: pipelineMetric({
          environment: config.environment,
          name: "AnomaliesFound",
          dimensions: { detector },
          statistic: "Sum",
          period: ANOMALY_PERIOD,
        }),
        evaluationPeriods: 1,
        ...ABOVE,
        ...QUIET_WHEN_MISSING,
      });
    }
  }

  private addHeartbeats(): void {
    const { alarms, config } = this.props;
    const below = { comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD, threshold: 1 } as const;
    const period = Duration.hours(1);
    alarms.addAlarm(this, "Heartbeat", {
      name: "heartbeat",
      description: "The detectors did not run for two hours: anomalies would go unseen.",
      metric: pipelineMetric({ environment: config.environment, name: "Heartbeat", statistic: "Sum", period }),
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
      ...below,
    });
    const silentHours = config.alarms.silentHours ?? 0;
    if (silentHours === 0) return;
    alarms.addAlarm(this, "Silence", {
      name: "no-events",
      description: `Not one new event went through the pipeline in ${silentHours} hours (alarms.silentHours): no sender sends, or ingest and enrich pass nothing on.`,
      metric: pipelineMetric({ environment: config.environment, name: "EventsClaimed", statistic: "Sum", period }),
      evaluationPeriods: silentHours,
      treatMissingData: TreatMissingData.BREACHING,
      ...below,
    });
  }

  /** CloudWatch drops metrics that it cannot read from the log without a word to the sender. */
  private addMetricLossAlarm(): void {
    const { alarms, logGroup } = this.props;
    const metric = (metricName: string) =>
      new Metric({
        namespace: "AWS/Logs",
        metricName,
        dimensionsMap: { LogGroupName: logGroup.logGroupName },
        statistic: "Sum",
      });
    alarms.addAlarm(this, "MetricLoss", {
      name: "metrics-unreadable",
      description: "CloudWatch could not read metrics from the functions' log: dashboards and other alarms miss data.",
      metric: new MathExpression({
        label: "EMF errors",
        expression: "FILL(parsing, 0) + FILL(validation, 0)",
        usingMetrics: { parsing: metric("EMFParsingErrors"), validation: metric("EMFValidationErrors") },
        period: Duration.minutes(15),
      }),
      evaluationPeriods: 1,
      ...ABOVE,
      ...QUIET_WHEN_MISSING,
    });
  }
}
