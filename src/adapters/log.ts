import { Logger } from "@aws-lambda-powertools/logger";
import type { Log } from "../pipeline/ports.ts";

/**
 * A JSON log line per call, through Powertools. The port takes only flat fields, so that no event, request or error
 * object can be logged whole by accident. Level: `POWERTOOLS_LOG_LEVEL` or INFO.
 */
export function createLog(service: string): Log {
  const logger = new Logger({ serviceName: service });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}
