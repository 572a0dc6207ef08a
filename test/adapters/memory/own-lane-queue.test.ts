import { createMemoryOwnLaneQueue } from "../../../src/adapters/memory/own-lane-queue.ts";
import { ownLaneQueueSuite } from "../../support/own-lane-queue-suite.ts";

ownLaneQueueSuite(async () => {
  const queue = createMemoryOwnLaneQueue();
  return {
    queue,
    receive: async (bodies) => bodies.map((body) => `handle of ${body}`),
    hiddenSeconds: async (handles) => handles.map((handle) => queue.postponed.get(handle)),
    deadLetters: async () => [...queue.deadLetters],
  };
});
