import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CfnOutput, Duration, Validations } from "aws-cdk-lib";
import { CfnRoute, CfnStage, HttpMethod, type HttpRoute, type HttpStage } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { PROJECT_ROOT } from "./bundle-lambda.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { EventQueue } from "./event-queue.ts";
import type { IdentityTable } from "./identity-table.ts";
import type { IngestApi } from "./ingest-api.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { grantLaneIntakes } from "./lane-intakes.ts";
import { grantMetricReading } from "./metric-reading.ts";

export interface OpsApiProps {
  readonly config: ResolvedConfig;
  readonly api: IngestApi;
  readonly table: DeliveryTable;
  readonly identity: IdentityTable;
  readonly events: EventQueue;
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  readonly scheduleDeadLetters: Queue;
  readonly logGroup: ILogGroup;
}

/** What a person does with given-up messages: see how many, look at some, redrive them, or delete them. */
const DEAD_LETTER_ACTIONS = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:ListMessageMoveTasks",
  "sqs:PurgeQueue",
  "sqs:ReceiveMessage",
  "sqs:StartMessageMoveTask",
];

/**
 * People and their tools are few. Who floods this route, with a key or none, must neither use up the requests that the
 * gateway lets through to ingest nor fill the account's functions.
 */
const THROTTLE = { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 };

/**
 * The way in for people and their tools: one route on the same gateway, and a function of its own, which may read what
 * ingest may not. Costs nothing while nobody asks.
 */
export class OpsApi extends Construct {
  readonly ops: LambdaFunction;

  constructor(scope: Construct, id: string, props: OpsApiProps) {
    super(scope, id);
    this.ops = new LambdaFunction(this, "Ops", {
      name: "ops",
      description: "Answers people and their tools",
      entry: "lambdas/ops.ts",
      config: props.config,
      memoryMb: 1024,
      // A second less than the gateway waits, so that what takes too long is answered by us.
      timeout: Duration.seconds(28),
      logGroup: props.logGroup,
    });
    this.ops.allow({ CODE_VERSION: codeVersion() });
    props.table.grantOps(this.ops);
    props.table.grantQuarantineRemoval(
      this.ops,
      props.config.sources.map(({ dedupScope }) => dedupScope),
    );
    props.identity.grantGraph(this.ops);
    grantLaneIntakes(this.ops, props.lanes);
    this.allowQueues(props);
    this.allowFigures(props.logGroup);
    this.addRoute(props.api);
  }

  /** The function knows one address and makes the others of it: one for each of many lanes would not fit. */
  private allowQueues({ events, lanes, scheduleDeadLetters }: OpsApiProps): void {
    const ownQueues = [events.queue, ...[...lanes.values()].map(({ queue }) => queue)];
    const deadLetters = [
      events.deadLetterQueue,
      scheduleDeadLetters,
      ...[...lanes.values()].map(({ deadLetterQueue }) => deadLetterQueue),
    ];
    const arns = (queues: readonly Queue[]) => queues.map(({ queueArn }) => queueArn);
    this.ops.allow(
      { EVENTS_QUEUE_URL: events.queue.queueUrl, EVENTS_QUEUE_ARN: events.queue.queueArn },
      // Sending is what a redrive needs where it puts the messages, and a quarantined event that is submitted again.
      new PolicyStatement({ actions: ["sqs:GetQueueAttributes", "sqs:SendMessage"], resources: arns(ownQueues) }),
      new PolicyStatement({ actions: DEAD_LETTER_ACTIONS, resources: arns(deadLetters) }),
    );
  }

  private allowFigures(logGroup: ILogGroup): void {
    this.ops.allow(
      { LOG_GROUP: logGroup.logGroupName },
      new PolicyStatement({ actions: ["logs:FilterLogEvents"], resources: [logGroup.logGroupArn] }),
    );
    grantMetricReading(this.ops);
  }

  private addRoute({ api, stage }: IngestApi): void {
    const integration = new HttpLambdaIntegration("Ops", this.ops.function);
    const routes = ["/v1/ops/{proxy+}", "/v1/privacy/{proxy+}"].flatMap((path) =>
      api.addRoutes({ path, methods: [HttpMethod.ANY], integration }),
    );
    throttle(stage, routes);
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason:
          "The ops λ authenticates each request by its ops key, whose digest and permissions are in the delivery table; an authorizer would be one more function that reads the same item.",
      });
    }
    new CfnOutput(this, "OpsUrl", {
      value: `${api.apiEndpoint}/v1/ops`,
      description: "Where people's tools ask",
    }).overrideLogicalId("OpsUrl");
  }
}

function throttle({ node }: HttpStage, routes: readonly HttpRoute[]): void {
  const stage = node.defaultChild;
  const own = routes.map((route) => route.node.defaultChild).filter((child) => child instanceof CfnRoute);
  if (!(stage instanceof CfnStage) || own.length !== routes.length)
    throw new Error("the gateway is not made as it was");
  stage.routeSettings = Object.fromEntries(own.map(({ routeKey }) => [routeKey, THROTTLE]));
  // The gateway refuses settings of a route that is not there yet.
  for (const route of own) stage.addResourceDependency(route);
}

function codeVersion(): string {
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as { version: string };
  return version;
}
