import { createSecrets } from "../../src/adapters/aws-secrets.ts";
import { createSourceKeys } from "../../src/adapters/source-keys.ts";
import { createSqsEventQueue } from "../../src/adapters/sqs-event-queue.ts";
import { createSqsLaneQueues } from "../../src/adapters/sqs-lane-queues.ts";
import { createSqsOwnLane } from "../../src/adapters/sqs-own-lane.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";
import { deliver } from "../../src/pipeline/deliver.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import { SendError } from "../../src/pipeline/ports.ts";

/**
 * The code that is simulated: what ships, with nothing in place of it but the services behind its ports. In one object,
 * so that a mutant of it can be loaded beside it.
 */
export const subject = {
  createAccessTokens,
  createSecrets,
  createSourceKeys,
  createSqsEventQueue,
  createSqsLaneQueues,
  createSqsOwnLane,
  deliver,
  enrichBatch,
  ingest,
  SendError,
};

export type Subject = typeof subject;
