import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { AlarmTopic } from "./alarm-topic.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { EventArchive } from "./event-archive.ts";
import type { EventQueue } from "./event-queue.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { grantMetricReading } from "./metric-reading.ts";
import { pipelineMetric } from "./pipeline-metric.ts";
import { ScheduledFunction } from "./scheduled-function.ts";

export interface ReconciliationProps {
  readonly config: ResolvedConfig;
  readonly alarms: AlarmTopic;
  /** Absent where the configuration turns it off. */
  readonly archive?: EventArchive;
  readonly deadLetters: Queue;
  readonly events: EventQueue;
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  readonly logGroup: ILogGroup;
  readonly table: DeliveryTable;
}

/** Compares, each hour, what came in with what each hop has of it, and alarms on what nothing explains. */
export class Reconciliation extends Construct {
  readonly reconcile: LambdaFunction;

  constructor(scope: Construct, id: string, props: ReconciliationProps) {
    super(scope, id);
    this.reconcile = new ScheduledFunction(this, "Reconcile", {
      ...props,
      name: "reconcile",
      description: "Compares what came in with what each hop has",
      entry: "lambdas/reconcile.ts",
      // What is remembered of an event while its hour is read is small, but an hour may have hundreds of thousands.
      memoryMb: 512,
      // Most that there is: one hour of a large installation is read in one go.
      timeout: Duration.minutes(15),
      schedule: "cron(25 * * * ? *)",
      // The next run judges what this one did not.
      startWithin: Duration.minutes(30),
    }).lambda;
    props.table.grantReconciliation(this.reconcile);
    props.archive?.grantRead(this.reconcile);
    this.allowSeeingQueues(props);
    grantMetricReading(this.reconcile);
    this.addAlarm(props);
  }

  private allowSeeingQueues({ events, lanes }: ReconciliationProps): void {
    const queues = [events.queue, events.deadLetterQueue, ...[...lanes.values()].map(({ queue }) => queue)];
    this.reconcile.allow(
      { EVENTS_QUEUE_URL: events.queue.queueUrl },
      new PolicyStatement({
        actions: ["sqs:GetQueueAttributes"],
        resources: queues.map(({ queueArn }) => queueArn),
      }),
    );
  }

  private addAlarm({ alarms, config }: ReconciliationProps): void {
    alarms.addAlarm(this, "Differences", {
      name: "reconciliation",
      description:
        "Events of an hour are neither where they should be nor anywhere on their way. `npx tracklayer reconciliation` says how many, which, and how to send them again.",
      metric: pipelineMetric({
        environment: config.environment,
        name: "ReconciliationDifferences",
        statistic: "Sum",
        period: Duration.hours(1),
      }),
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
