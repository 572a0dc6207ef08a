import type { Alarms } from "./alarms.ts";
import { parseFault } from "./faults.ts";
import type { MetricStore } from "./metrics.ts";
import { isObject } from "./property-reader.ts";
import type { Queues } from "./queues.ts";
import type { Backends } from "./service-calls.ts";

/** What CloudWatch is told about queues once a minute. */
export function sampleQueues(queues: Queues, store: MetricStore): void {
  for (const queue of queues.all()) {
    const dimensions = { QueueName: queue.name };
    const { visible, inFlight, delayed } = queue.counts();
    const figures = {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: inFlight,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateAgeOfOldestMessage: Math.round(queue.oldestAgeMs() / 1000),
    };
    for (const [name, value] of Object.entries(figures)) store.record("AWS/SQS", name, dimensions, value);
    // SQS tells it only when it is more than zero.
    const deduplicated = queue.takeDeduplicated();
    if (deduplicated > 0) store.record("AWS/SQS", "NumberOfDeduplicatedSentMessages", dimensions, deduplicated);
  }
}

/** What the control paths reach. */
export interface ControlParts extends Backends {
  readonly alarms: Alarms;
}

/** The gateway's own paths, for tests and CLIs; `undefined`: no such path. */
export async function control(parts: ControlParts, method: string, path: string, body: unknown): Promise<unknown> {
  const { meter, faults, alarms, queues, store } = parts;
  switch (`${method} ${path}`) {
    case "GET /_local/meter":
      return meter.report();
    case "POST /_local/meter/reset":
      meter.reset();
      return meter.report();
    case "GET /_local/alarms":
      return alarms.list();
    case "POST /_local/alarms/evaluate":
      sampleQueues(queues, store);
      alarms.evaluate();
      return alarms.list();
    case "GET /_local/faults":
      return faults.list();
    case "POST /_local/faults":
      faults.add(parseFault(body));
      return faults.list();
    case "DELETE /_local/faults":
      faults.clear();
      return faults.list();
    case "POST /_local/firehose/flush":
      return parts.firehose.flush(isObject(body) && body.stream !== undefined ? String(body.stream) : undefined);
    default:
      return undefined;
  }
}
