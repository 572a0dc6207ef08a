import { Logger } from "@aws-lambda-powertools/logger";
import type { Log } from "../pipeline/ports.ts";
import { createLog } from "./log.ts";

/** The log of ingest, enrich and detect, through Powertools. Level: `POWERTOOLS_LOG_LEVEL` or INFO. */
export function createPowertoolsLog(service: string, { eventShare }: { readonly eventShare: number }): Log {
  const logger = new Logger({ serviceName: service });
  return createLog({
    eventShare,
    write: (level, message, fields) => {
      if (level === "INFO") logger.info(message, fields);
      else if (level === "WARN") logger.warn(message, fields);
      else logger.error(message, fields);
    },
  });
}
