import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { AlarmTopic } from "./alarm-topic.ts";

export interface BacklogAlarmProps {
  /** Of the queue, in the alarm's name. */
  readonly name: string;
  readonly queue: Queue;
  /** Age of the oldest message from which on people should look. */
  readonly oldest: Duration;
}

/**
 * Fires when a queue's consumer does not keep up, is stopped, or crashes. A standard queue leaves out of the metric what
 * was received more than three times: there `oldest` has to be shorter than three visibility timeouts, which is how
 * long a message of a crash loop is in it, and what is retried sooner says nothing.
 */
export function addBacklogAlarm(scope: Construct, alarms: AlarmTopic, props: BacklogAlarmProps): void {
  alarms.addAlarm(scope, "Backlog", {
    name: `${props.name}-backlog`,
    description: `The oldest message of ${props.name} has waited for more than ${props.oldest.toHumanString()}: its consumer is stopped, too slow, or ${props.queue.fifo ? "failing" : "crashing"}.`,
    metric: props.queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period: Duration.minutes(5) }),
    threshold: props.oldest.toSeconds(),
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 2,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

export interface DeadLetterAlarmProps {
  /** Of what the queue collects, in the alarm's name. */
  readonly name: string;
  readonly queue: Queue;
  /** What is in the queue, by its name, and what a person does about it. */
  readonly description: string;
}

/** Fires as long as a dead-letter queue holds anything. `NumberOfMessagesSent` would miss what SQS itself moves there. */
export function addDeadLetterAlarm(scope: Construct, alarms: AlarmTopic, props: DeadLetterAlarmProps): void {
  alarms.addAlarm(scope, "DeadLetters", {
    name: `${props.name}-dead-letters`,
    description: props.description,
    metric: props.queue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period: Duration.minutes(5) }),
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
