import type { Log } from "../pipeline/ports.ts";
import { createLog } from "./log.ts";

const LEVELS: readonly string[] = ["DEBUG", "INFO", "WARN", "ERROR"];

/**
 * The log of a lane, in the lines that Powertools writes and at the same level (`POWERTOOLS_LOG_LEVEL` or INFO), without
 * it: the library is a quarter of a delivery bundle, of which there is one for every destination.
 */
export function createLaneLog(service: string, options: { readonly eventShare: number; readonly level?: string }): Log {
  const lowest = Math.max(0, LEVELS.indexOf(options.level?.toUpperCase() ?? "INFO"));
  return createLog({
    eventShare: options.eventShare,
    write: (level, message, fields) => {
      if (LEVELS.indexOf(level) < lowest) return;
      const line = { ...fields, level, message, timestamp: new Date().toISOString(), service };
      // Past the runtime's console, which would put a prefix before the JSON.
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  });
}
