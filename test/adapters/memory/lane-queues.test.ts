import { createMemoryLaneQueues } from "../../../src/adapters/memory/lane-queues.ts";
import { laneQueuesSuite } from "../../support/lane-queues-suite.ts";

laneQueuesSuite(async (lanes) => {
  const queues = createMemoryLaneQueues(lanes);
  return { queues, bodies: async (lane) => queues.messages(lane).map((message) => JSON.stringify(message)) };
});
