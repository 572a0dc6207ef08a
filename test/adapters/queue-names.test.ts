import { laneQueueUrls, queueUrls } from "../../src/adapters/queue-names.ts";

const EVENTS = "https://sqs.eu-central-1.amazonaws.com/123456789012/tracklayer-production-events.fifo";
const BESIDE = "https://sqs.eu-central-1.amazonaws.com/123456789012/tracklayer-production-";

test("every queue has the address of the events queue but for its name", () => {
  const urlOf = queueUrls("production", EVENTS);
  expect(urlOf("events")).toBe(EVENTS);
  expect(urlOf("events-dlq")).toBe(`${BESIDE}events-dlq.fifo`);
  expect(urlOf("lane-meta-dlq")).toBe(`${BESIDE}lane-meta-dlq`);
  expect(laneQueueUrls("production", EVENTS)("meta")).toBe(`${BESIDE}lane-meta`);
});
