/** A queue's name in AWS, of one that is spoken of without the environment: `lane-meta-dlq`. The stack names them so. */
export function physicalQueueName(environment: string, queue: string): string {
  const isFifo = queue === "events" || queue === "events-dlq";
  return `tracklayer-${environment}-${queue}${isFifo ? ".fifo" : ""}`;
}

/**
 * Addresses of an environment's queues, by those names. All of them are that of the events queue but for the name: a URL
 * for each of many lanes would not fit into a function's environment, which holds 4 KB.
 */
export function queueUrls(environment: string, eventsQueueUrl: string): (queue: string) => string {
  return (queue) => eventsQueueUrl.replace(/[^/]+$/, physicalQueueName(environment, queue));
}

/** The same for the lanes' own queues, by lane id. */
export function laneQueueUrls(environment: string, eventsQueueUrl: string): (lane: string) => string {
  const urlOf = queueUrls(environment, eventsQueueUrl);
  return (lane) => urlOf(`lane-${lane}`);
}
