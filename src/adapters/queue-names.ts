/** A queue's name in AWS, of one that is spoken of without the environment: `lane-meta-dlq`. The stack names them so. */
export function physicalQueueName(environment: string, queue: string): string {
  const isFifo = queue === "events" || queue === "events-dlq";
  return `tracklayer-${environment}-${queue}${isFifo ? ".fifo" : ""}`;
}
