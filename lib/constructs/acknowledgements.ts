import { Validations } from "aws-cdk-lib";
import { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { LambdaFunction } from "./lambda-function.ts";

/** A dead-letter queue is the end of the line. */
export function acknowledgeDeadLetterQueue(queue: Queue): void {
  const reason = "It is a dead-letter queue: an alarm watches it, and a person redrives it.";
  Validations.of(queue).acknowledge({ id: "AwsSolutions-SQS3", reason }, { id: "Serverless-SQSRedrivePolicy", reason });
}

/** Failure destinations of mappings are for streams; SQS gives up by the queue's own redrive policy. */
export function acknowledgeMapping(consumer: LambdaFunction): void {
  for (const child of consumer.function.node.findAll()) {
    if (!(child instanceof CfnEventSourceMapping)) continue;
    Validations.of(child).acknowledge({
      id: "Serverless-LambdaEventSourceMappingDestination",
      reason: "Mappings of SQS have no failure destination: the queue's redrive policy moves what failed to its DLQ.",
    });
  }
}
