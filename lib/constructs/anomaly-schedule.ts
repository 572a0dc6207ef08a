import { Duration, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { acknowledgeDeadLetterQueue } from "./acknowledgements.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { resourceName } from "./resource-name.ts";

export interface AnomalyScheduleProps {
  readonly config: ResolvedConfig;
  readonly table: DeliveryTable;
  readonly logGroup: ILogGroup;
}

/** Runs the detectors every hour, a few minutes after the hour when its metrics are complete. */
export class AnomalySchedule extends Construct {
  readonly detect: LambdaFunction;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: AnomalyScheduleProps) {
    super(scope, id);
    const { environment } = props.config;
    // For runs that could not be started (the schedule) and runs that failed (the λ's asynchronous invocation).
    this.deadLetterQueue = new Queue(this, "DeadLetterQueue", {
      queueName: resourceName(environment, "detect-dlq"),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledgeDeadLetterQueue(this.deadLetterQueue);
    this.detect = new LambdaFunction(this, "Detect", {
      name: "detect",
      description: "Looks for anomalies in the metrics",
      entry: "lambdas/detect.ts",
      config: props.config,
      memoryMb: 256,
      timeout: Duration.seconds(60),
      logGroup: props.logGroup,
      asyncFailures: this.deadLetterQueue,
    });
    props.table.grantFindings(this.detect);
    this.allowReadingMetrics();
    this.addSchedule(environment);
  }

  private allowReadingMetrics(): void {
    this.detect.allow({}, new PolicyStatement({ actions: ["cloudwatch:GetMetricData"], resources: ["*"] }));
    const reason =
      "CloudWatch has no permissions on single metrics: GetMetricData is granted on everything or not at all.";
    Validations.of(this.detect).acknowledge(
      { id: "AwsSolutions-IAM5[Resource::*]", reason },
      { id: "Serverless-StarPermissions", reason },
    );
  }

  // The L2 target would grant every version of the function by a wildcard; this role can start the function, no more.
  private addSchedule(environment: string): void {
    const role = new Role(this, "ScheduleRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    const start = [
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [this.detect.function.functionArn] }),
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.deadLetterQueue.queueArn] }),
    ];
    for (const statement of start) role.addToPrincipalPolicy(statement);
    const schedule = new CfnSchedule(this, "Schedule", {
      name: resourceName(environment, "detect"),
      description: "Runs the detectors",
      scheduleExpression: "cron(5 * * * ? *)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: this.detect.function.functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
        // The next run looks at the same series again: an old start is not worth repeating.
        retryPolicy: { maximumEventAgeInSeconds: Duration.minutes(30).toSeconds(), maximumRetryAttempts: 5 },
      },
    });
    // Scheduler checks at creation that the role may do what the target needs.
    schedule.node.addDependency(role);
  }
}
