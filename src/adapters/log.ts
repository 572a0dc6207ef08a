import { createHash } from "node:crypto";
import type { Log } from "../pipeline/ports.ts";

type Level = "INFO" | "WARN" | "ERROR";
type Fields = Readonly<Record<string, unknown>>;

/** Writes one line of one level. */
export type WriteLine = (level: Level, message: string, fields: Fields) => void;

/**
 * A JSON log line per call. The port takes only flat fields, so that no event, request or error object can be logged
 * whole by accident. Steps are written for `eventShare` of the events, 0 to 1.
 */
export function createLog({ write, eventShare }: { readonly write: WriteLine; readonly eventShare: number }): Log {
  return {
    info: (message, fields = {}) => write("INFO", message, fields),
    warn: (message, fields = {}) => write("WARN", message, fields),
    error: (message, fields = {}) => write("ERROR", message, fields),
    step: (step) => {
      if (isChosen(step.event_id, eventShare)) write("INFO", "step", { ...step });
    },
  };
}

// By the id and not by chance: every function picks the same events, so that a chosen one can be followed to the end.
function isChosen(eventId: string, share: number): boolean {
  if (share <= 0 || share >= 1) return share >= 1;
  return createHash("sha256").update(eventId).digest().readUInt32BE() / 2 ** 32 < share;
}
