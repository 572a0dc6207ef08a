import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { EARLY_RETURNS_SECONDS } from "../../src/core/give-back.ts";
import { acknowledgeDeadLetterQueue, acknowledgeMapping } from "./acknowledgements.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";
import { resourceName } from "./resource-name.ts";

export interface EventQueueProps {
  readonly environment: string;
  readonly production: boolean;
  /** Of the function that consumes the queue. */
  readonly consumerTimeout: Duration;
}

/** SQS keeps nothing longer. */
const RETENTION = Duration.days(14);

/** Most that a FIFO mapping can take; it has no batching window. */
const BATCH_SIZE = 10;

/**
 * What enrich cannot process goes to quarantine at once, so only a message that kills the function itself uses this
 * count up, and blocks its person's group meanwhile. Everything else that comes back does so because DynamoDB or a
 * queue is down, and then it is everybody's messages: at three minutes a receive, this is twelve and a half hours. The
 * first failures come back sooner and must not shorten that, so each of them has a receive of its own.
 */
const MAX_RECEIVE_COUNT = 250 + EARLY_RETURNS_SECONDS.length;

/**
 * `events.fifo`, between ingest and enrich: order per person, and a first filter of duplicates. High throughput needs
 * both settings at once, and narrows deduplication to one group: the claim in DynamoDB is what decides.
 */
export class EventQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: EventQueueProps) {
    super(scope, id);
    const common = {
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      removalPolicy: dataRemovalPolicy(props.production),
    };
    this.deadLetterQueue = new Queue(this, "DeadLetterQueue", {
      ...common,
      queueName: `${resourceName(props.environment, "events-dlq")}.fifo`,
    });
    this.queue = new Queue(this, "Queue", {
      ...common,
      queueName: `${resourceName(props.environment, "events")}.fifo`,
      // The advice for mappings: room for throttled batches to be tried again before they show up twice.
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    acknowledgeDeadLetterQueue(this.deadLetterQueue);
  }

  /** Lets ingest send. */
  grantSend(ingest: LambdaFunction): void {
    ingest.allow(
      { EVENTS_QUEUE_URL: this.queue.queueUrl },
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.queue.queueArn] }),
    );
  }

  /**
   * Makes a function the consumer, which also decides when what it gives back comes again: the mapping's own grant
   * covers ChangeMessageVisibility. No `maxConcurrency`: it would keep five pollers running where two do when idle.
   */
  consumeBy(enrich: LambdaFunction): void {
    enrich.function.addEventSource(
      new SqsEventSource(this.queue, { batchSize: BATCH_SIZE, reportBatchItemFailures: true }),
    );
    enrich.allow({ EVENTS_QUEUE_URL: this.queue.queueUrl });
    acknowledgeMapping(enrich);
  }
}
