import { z } from "zod/mini";
import { IDENTIFIERS } from "../core/destination.ts";
import { EVENT_NAMES } from "../core/event.ts";
import { IDENTIFIER_LIST, list, maybe, NUMBER, QUALITY, TEXT } from "./answer-fields.ts";
import type { QualityView } from "./contract/quality.ts";

const QUALITY_ROW = z.object({
  source: z.string(),
  event: z.string(),
  lane: z.string(),
  events: z.number(),
  score: z.number(),
  identifiers: list(z.object({ identifier: z.enum(IDENTIFIERS), share: z.number(), score_with: NUMBER })),
});

const PLATFORM_SCORE = z.object({
  event: TEXT,
  names: maybe(list(z.enum(EVENT_NAMES))),
  score: NUMBER,
  rating: TEXT,
  coverage: z.record(z.string(), z.number()),
});
const PLATFORM = z.object({
  tried_at: z.number(),
  problem: TEXT,
  last: maybe(z.object({ read_at: z.number(), about: z.string(), scores: list(PLATFORM_SCORE) })),
});

/** Of `GET /quality`. */
export const QUALITY_VIEW: z.ZodMiniType<QualityView> = z.object({
  window: z.object({ from: z.number(), to: z.number() }),
  destinations: list(z.object({ lane: z.string(), score: NUMBER, events: z.number(), platform: maybe(PLATFORM) })),
  report: maybe(z.object({ available: z.boolean(), hours: z.number(), version: z.number(), rows: list(QUALITY_ROW) })),
  presence: z.partialRecord(z.enum(IDENTIFIERS), z.number()),
  events: list(
    z.object({
      event_id: z.string(),
      dedup_scope: z.string(),
      name: z.string(),
      carried: IDENTIFIER_LIST,
      destinations: list(z.object({ lane: z.string(), ...QUALITY })),
    }),
  ),
});
