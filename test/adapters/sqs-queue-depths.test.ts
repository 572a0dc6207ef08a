import type { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createSqsQueueDepths } from "../../src/adapters/sqs-queue-depths.ts";

/** SQS with these attributes on each queue. */
function depthsOf(queues: Readonly<Record<string, Record<string, string> | undefined>>) {
  const asked: unknown[] = [];
  const client = {
    async send({ input }: GetQueueAttributesCommand) {
      asked.push(input.AttributeNames);
      return { Attributes: queues[input.QueueUrl ?? ""] };
    },
  } as unknown as Pick<SQSClient, "send">;
  return { asked, depths: createSqsQueueDepths({ client, urlOf: (queue) => `https://sqs/${queue}` }) };
}

const attributes = (ready: number, hidden: number, delayed: number) => ({
  ApproximateNumberOfMessages: String(ready),
  ApproximateNumberOfMessagesNotVisible: String(hidden),
  ApproximateNumberOfMessagesDelayed: String(delayed),
});

test("counts what is ready, in somebody's hands and delayed", async () => {
  const { asked, depths } = depthsOf({ "https://sqs/lane-meta": attributes(1, 20, 300) });
  expect(await depths.lane("meta")).toBe(321);
  expect(asked).toEqual([Object.keys(attributes(0, 0, 0))]);
});

test("the events queue counts with its dead letters", async () => {
  const { depths } = depthsOf({
    "https://sqs/events": attributes(1, 2, 0),
    "https://sqs/events-dlq": attributes(4, 0, 0),
  });
  expect(await depths.events()).toBe(7);
});

test("a number that SQS leaves out is an error and not an empty queue", async () => {
  const { ApproximateNumberOfMessagesDelayed: _, ...part } = attributes(0, 0, 0);
  await expect(depthsOf({ "https://sqs/lane-meta": part }).depths.lane("meta")).rejects.toThrow(
    "ApproximateNumberOfMessagesDelayed",
  );
  await expect(depthsOf({}).depths.lane("meta")).rejects.toThrow("SQS did not say");
});
