import { Duration } from "aws-cdk-lib";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { grantMetricReading } from "./metric-reading.ts";
import { ScheduledFunction } from "./scheduled-function.ts";

export interface AnomalyScheduleProps {
  readonly config: ResolvedConfig;
  readonly table: DeliveryTable;
  readonly deadLetters: Queue;
  readonly logGroup: ILogGroup;
}

/** Runs the detectors every hour, a few minutes after the hour when its metrics are complete. */
export class AnomalySchedule extends Construct {
  readonly detect: LambdaFunction;

  constructor(scope: Construct, id: string, { config, deadLetters, logGroup, table }: AnomalyScheduleProps) {
    super(scope, id);
    this.detect = new ScheduledFunction(this, "Detect", {
      name: "detect",
      description: "Looks for anomalies in the metrics",
      entry: "lambdas/detect.ts",
      config,
      memoryMb: 256,
      timeout: Duration.seconds(60),
      logGroup,
      deadLetters,
      schedule: "cron(5 * * * ? *)",
      // The next run looks at the same series again: an old start is not worth repeating.
      startWithin: Duration.minutes(30),
    }).lambda;
    table.grantFindings(this.detect);
    grantMetricReading(this.detect);
  }
}
