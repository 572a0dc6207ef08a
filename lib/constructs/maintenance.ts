import { Duration } from "aws-cdk-lib";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { grantLaneIntakes } from "./lane-intakes.ts";
import { ScheduledFunction } from "./scheduled-function.ts";

export interface MaintenanceProps {
  readonly config: ResolvedConfig;
  readonly deadLetters: Queue;
  /** By id. */
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  readonly logGroup: ILogGroup;
  readonly table: DeliveryTable;
}

/**
 * The run of each minute: what has to be looked after without an event coming by. Each of its tasks gets what it needs
 * by `maintain.allow`.
 */
export class Maintenance extends Construct {
  readonly maintain: LambdaFunction;

  constructor(scope: Construct, id: string, props: MaintenanceProps) {
    super(scope, id);
    const { config, deadLetters, logGroup } = props;
    this.maintain = new ScheduledFunction(this, "Maintain", {
      config,
      deadLetters,
      logGroup,
      name: "maintain",
      description: "Looks after lanes and long jobs, each minute",
      entry: "lambdas/maintain.ts",
      memoryMb: 256,
      // Two runs seldom overlap; where they do, conditional writes keep them apart.
      timeout: Duration.seconds(55),
      schedule: "rate(1 minute)",
      // Once more is enough to outlast a hiccup: the next run does the same work anyway.
      again: { times: 1, within: Duration.minutes(3) },
    }).lambda;
    props.table.grantLaneControls(this.maintain);
    grantLaneIntakes(this.maintain, props.lanes);
  }
}
