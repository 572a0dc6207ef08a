import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from "@aws-sdk/client-sqs";
import type { QueueDepths } from "../pipeline/reconcile-ports.ts";

/** What is on a queue, wherever it stands: ready, in somebody's hands or hidden by a retry, or delayed. */
const PLACES: QueueAttributeName[] = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
];

export interface SqsQueueDepthsOptions {
  readonly client: Pick<SQSClient, "send">;
  /** Address of a queue by its name without the environment: `events`, `events-dlq`, `lane-meta`. */
  readonly urlOf: (queue: string) => string;
}

/** Depths as SQS tells them. Throws when it does not, as for a lane without a queue. */
export function createSqsQueueDepths({ client, urlOf }: SqsQueueDepthsOptions): QueueDepths {
  async function depth(queue: string): Promise<number> {
    const input = { QueueUrl: urlOf(queue), AttributeNames: PLACES };
    const { Attributes } = await client.send(new GetQueueAttributesCommand(input));
    return PLACES.reduce((sum, place) => {
      const count = Number(Attributes?.[place]);
      if (!Number.isFinite(count)) throw new Error(`SQS did not say ${place}`);
      return sum + count;
    }, 0);
  }
  return {
    async events() {
      const depths = await Promise.all([depth("events"), depth("events-dlq")]);
      return depths.reduce((sum, it) => sum + it, 0);
    },
    lane: (lane) => depth(`lane-${lane}`),
  };
}
