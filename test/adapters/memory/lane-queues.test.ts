import { createMemoryLaneQueues } from "../../../src/adapters/memory/lane-queues.ts";
import { laneQueuesSuite } from "../../support/lane-queues-suite.ts";

laneQueuesSuite(async (lanes) => {
  const queues = createMemoryLaneQueues(lanes);
  return {
    queues,
    messages: async (lane) =>
      queues.messages(lane).map((message, index) => ({
        body: JSON.stringify(message),
        group: queues.groups(lane)[index] ?? "",
      })),
  };
});
