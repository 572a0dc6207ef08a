import { createSecrets } from "../../src/adapters/aws-secrets.ts";
import { createSourceKeys } from "../../src/adapters/source-keys.ts";
import { createSqsEventQueue } from "../../src/adapters/sqs-event-queue.ts";
import { createSqsLaneQueues } from "../../src/adapters/sqs-lane-queues.ts";
import { createSqsOwnLane } from "../../src/adapters/sqs-own-lane.ts";
import { createSqsPostpone } from "../../src/adapters/sqs-postpone.ts";
import { pauseLane, resumeLane } from "../../src/ops/lanes.ts";
import { onePersonKeys } from "../../src/ops/one-person.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";
import { deliver } from "../../src/pipeline/deliver.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { eraseSteps, firstEraseSteps } from "../../src/pipeline/erase.ts";
import { createErasures } from "../../src/pipeline/erasures.ts";
import { giveBackSoon } from "../../src/pipeline/give-back.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import { createLaneBreaker } from "../../src/pipeline/lane-breaker.ts";
import { createLaneWatch } from "../../src/pipeline/lane-watch.ts";
import { SendError } from "../../src/pipeline/ports.ts";
import { newPrivacyJob, privacyTask, runPrivacySlice } from "../../src/pipeline/privacy-jobs.ts";
import { runReplaySlice } from "../../src/pipeline/replay.ts";
import { replayTask } from "../../src/pipeline/replay-jobs.ts";
import { createReplay } from "../../src/pipeline/replay-request.ts";

/**
 * The code that is simulated: what ships, with nothing in place of it but the services behind its ports. In one object,
 * so that a mutant of it can be loaded beside it.
 */
export const subject = {
  createAccessTokens,
  createErasures,
  createLaneBreaker,
  createLaneWatch,
  createReplay,
  createSecrets,
  createSourceKeys,
  createSqsEventQueue,
  createSqsLaneQueues,
  createSqsOwnLane,
  createSqsPostpone,
  deliver,
  enrichBatch,
  eraseSteps,
  firstEraseSteps,
  giveBackSoon,
  ingest,
  newPrivacyJob,
  onePersonKeys,
  pauseLane,
  privacyTask,
  replayTask,
  resumeLane,
  runPrivacySlice,
  runReplaySlice,
  SendError,
};

export type Subject = typeof subject;
