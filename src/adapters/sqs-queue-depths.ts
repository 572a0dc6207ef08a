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
  /** URLs: of the events queue, its dead-letter queue, and each lane's queue. */
  readonly urls: {
    readonly events: string;
    readonly eventsDeadLetters: string;
    readonly lanes: Readonly<Record<string, string>>;
  };
}

/** Depths as SQS tells them. Throws when it does not, or for a lane without a queue. */
export function createSqsQueueDepths({ client, urls }: SqsQueueDepthsOptions): QueueDepths {
  async function depth(QueueUrl: string): Promise<number> {
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: PLACES }));
    return PLACES.reduce((sum, place) => {
      const count = Number(Attributes?.[place]);
      if (!Number.isFinite(count)) throw new Error(`SQS did not say ${place}`);
      return sum + count;
    }, 0);
  }
  return {
    async events() {
      const depths = await Promise.all([depth(urls.events), depth(urls.eventsDeadLetters)]);
      return depths.reduce((sum, it) => sum + it, 0);
    },
    async lane(lane) {
      const url = urls.lanes[lane];
      if (url === undefined) throw new Error(`no queue for ${lane}`);
      return depth(url);
    },
  };
}
