import { z } from "zod";
import { LANE_CONSENT_RULE, PURPOSE } from "./consent-schema.ts";
import { EVENT_MAPPING } from "./event-mapping-schema.ts";
import { EVENT_NAME, FLAG, SECRET_NAME, whole } from "./field-rules.ts";

/** One lane; its `settings` are checked by its destination. */
export const LANE = z.strictObject({
  type: z.string("must be a text").optional(),
  /** Checked by the destination's own schema. */
  settings: z.unknown().optional(),
  secret: SECRET_NAME.optional(),
  events: z.partialRecord(EVENT_NAME, EVENT_MAPPING).default({}),
  customEvents: z.record(z.string().min(1), EVENT_MAPPING).default({}),
  consent: z.array(PURPOSE).optional(),
  consentRules: z.array(LANE_CONSENT_RULE, "must be a list of rules").default([]),
  testMode: FLAG.default(false),
  readBackQuality: FLAG.default(false),
  /** Absent: as the destination asks. */
  batchWindowSeconds: whole(0, 300).optional(),
  maxConcurrency: whole(2, 1000).default(5),
});
