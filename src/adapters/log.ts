import { createHash } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import type { Log } from "../pipeline/ports.ts";

/**
 * A JSON log line per call, through Powertools. The port takes only flat fields, so that no event, request or error
 * object can be logged whole by accident. Level: `POWERTOOLS_LOG_LEVEL` or INFO. Steps are written for `eventShare` of
 * the events, 0 to 1.
 */
export function createLog(service: string, { eventShare }: { readonly eventShare: number }): Log {
  const logger = new Logger({ serviceName: service });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    step: (step) => {
      if (isChosen(step.event_id, eventShare)) logger.info("step", { ...step });
    },
  };
}

// By the id and not by chance: every function picks the same events, so that a chosen one can be followed to the end.
function isChosen(eventId: string, share: number): boolean {
  if (share <= 0 || share >= 1) return share >= 1;
  return createHash("sha256").update(eventId).digest().readUInt32BE() / 2 ** 32 < share;
}
