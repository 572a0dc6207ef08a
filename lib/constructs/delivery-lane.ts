import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig, ResolvedDestination } from "../../src/config/resolved-config.ts";
import type { DestinationLimits } from "../../src/core/destination.ts";
import { acknowledgeDeadLetterQueue, acknowledgeMapping } from "./acknowledgements.ts";
import type { AlarmTopic } from "./alarm-topic.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { DestinationSecrets } from "./destination-secrets.ts";
import type { IdentityTable } from "./identity-table.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { addLaneAlarms } from "./lane-alarms.ts";
import { dataRemovalPolicy } from "./removal.ts";
import { resourceName } from "./resource-name.ts";

export interface DeliveryLaneProps {
  readonly config: ResolvedConfig;
  readonly lane: ResolvedDestination;
  readonly limits: Pick<DestinationLimits, "batchSize">;
  /** Whether the platform matches on identifiers: without, there is no match quality to watch. */
  readonly matchesPeople: boolean;
  readonly table: DeliveryTable;
  /** Asked what people refused since their events waited here. */
  readonly identity: IdentityTable;
  /** Absent for a platform without credentials. */
  readonly secrets?: DestinationSecrets;
  readonly alarms: AlarmTopic;
  readonly logGroup: ILogGroup;
}

/** Room for some calls to a slow platform, and for bisecting a batch that it refused as a whole. */
const TIMEOUT = Duration.seconds(120);
const MEMORY_MB = 512;

/** Lambda's most for a standard queue. */
const LARGEST_BATCH = 10_000;

/** What SQS hands out at once: Lambda's most without a window, and the least that is worth an invocation. */
const ONE_RECEIVE = 10;

/**
 * Never reached: the λ gives up by age and puts the body on the DLQ itself, and a stopped lane is not polled. A receipt does not mean an attempt, since
 * throttled and cut-off invocations count as well.
 */
const MAX_RECEIVE_COUNT = 1_000;

/**
 * Everything of ONE destination: its queue and dead-letter queue, the λ that sends, and alarms. Lanes share nothing but
 * the table, so that a platform that is down slows no other.
 */
export class DeliveryLane extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly deliver: LambdaFunction;
  /** Id of the event source mapping that polls the queue. */
  readonly intakeId: string;
  private readonly props: Pick<DeliveryLaneProps, "lane" | "secrets">;

  constructor(scope: Construct, id: string, props: DeliveryLaneProps) {
    super(scope, id);
    this.props = props;
    const { config, lane } = props;
    this.deadLetterQueue = this.addQueue(config, "DeadLetterQueue", ["lane", lane.id, "dlq"]);
    acknowledgeDeadLetterQueue(this.deadLetterQueue);
    this.queue = this.addQueue(config, "Queue", ["lane", lane.id], {
      // Six times the timeout is the advice for mappings; gathering a batch comes on top.
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds() + lane.batchWindowSeconds),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    this.deliver = new LambdaFunction(this, "Deliver", {
      name: `deliver-${lane.id}`,
      description: `Delivers events to ${lane.id}`,
      entry: `lambdas/deliver/${lane.type}.ts`,
      // A lane knows its own destination only.
      config: { ...config, destinations: [lane] },
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      logGroup: props.logGroup,
    });
    this.intakeId = this.consume(props);
    props.table.grantReceipts(this.deliver);
    props.identity.grantReading(this.deliver);
    props.secrets?.grantRead(lane, this.deliver);
    addLaneAlarms(this, { ...props, queue: this.queue, deadLetterQueue: this.deadLetterQueue });
  }

  /** Lets another function sign in to the platform as this lane does. */
  grantSecret(reader: LambdaFunction): void {
    const { lane, secrets } = this.props;
    secrets?.grantRead(lane, reader);
  }

  private addQueue(config: ResolvedConfig, id: string, name: readonly string[], more: object = {}): Queue {
    return new Queue(this, id, {
      queueName: resourceName(config.environment, ...name),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // A message moved to a DLQ keeps its age: both queues have the longest retention, and retries end long before.
      retentionPeriod: Duration.days(14),
      removalPolicy: dataRemovalPolicy(config.production),
      ...more,
    });
  }

  private consume({ lane, limits }: DeliveryLaneProps): string {
    const largest = lane.batchWindowSeconds > 0 ? LARGEST_BATCH : ONE_RECEIVE;
    const intake = new SqsEventSource(this.queue, {
      // One request's worth of events. A platform that takes them one by one still gets a whole receive's: the λ
      // makes as many requests as it must, and an invocation each would cost more than the requests.
      batchSize: Math.min(Math.max(limits.batchSize, ONE_RECEIVE), largest),
      ...(lane.batchWindowSeconds > 0 ? { maxBatchingWindow: Duration.seconds(lane.batchWindowSeconds) } : {}),
      maxConcurrency: lane.maxConcurrency,
      reportBatchItemFailures: true,
    });
    this.deliver.function.addEventSource(intake);
    acknowledgeMapping(this.deliver);
    // The mapping's own grant covers ChangeMessageVisibility, by which the λ sets the delay of a retry.
    this.deliver.allow(
      { LANE_ID: lane.id, LANE_QUEUE_URL: this.queue.queueUrl, LANE_DLQ_URL: this.deadLetterQueue.queueUrl },
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.deadLetterQueue.queueArn] }),
    );
    return intake.eventSourceMappingId;
  }
}
