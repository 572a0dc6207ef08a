import { Duration } from "aws-cdk-lib";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import { ScheduledFunction } from "./scheduled-function.ts";

export interface QualityReadBacksProps {
  readonly config: ResolvedConfig;
  readonly deadLetters: Queue;
  /** By id. */
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  readonly logGroup: ILogGroup;
  readonly table: DeliveryTable;
}

/**
 * Asks platforms for their own scores of match quality: each once a day; the hourly runs between are there for what
 * failed. A function of its own, because it reads secrets, which no other scheduled one may.
 */
export class QualityReadBacks extends Construct {
  constructor(scope: Construct, id: string, { config, deadLetters, lanes, logGroup, table }: QualityReadBacksProps) {
    super(scope, id);
    const { lambda } = new ScheduledFunction(this, "ReadBack", {
      config,
      deadLetters,
      logGroup,
      name: "read-back",
      description: "Asks platforms for their own scores of match quality",
      entry: "lambdas/read-back.ts",
      memoryMb: 256,
      timeout: Duration.minutes(2),
      schedule: "cron(40 * * * ? *)",
      // The next run asks whom this one did not.
      again: { times: 0, within: Duration.minutes(30) },
    });
    table.grantReadBacks(lambda);
    for (const lane of config.destinations) if (lane.readBackQuality === true) lanes.get(lane.id)?.grantSecret(lambda);
  }
}
