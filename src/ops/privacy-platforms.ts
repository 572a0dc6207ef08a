import { z } from "zod/mini";
import { DELETION_WAYS } from "../core/destination-catalogue.ts";
import { list } from "./answer-fields.ts";
import type { PlatformDeletion } from "./contract/privacy.ts";
import { defineRoute } from "./route.ts";

/** What the list of platforms is made of. */
export interface PlatformPorts {
  /** Of every configured lane. */
  readonly deletions: readonly PlatformDeletion[];
}

/** One platform as the OpenAPI document describes it. */
export const PLATFORM_DELETION = z.object({
  lane: z.string(),
  type: z.string(),
  name: z.string(),
  by: z.enum(DELETION_WAYS),
  how: z.string(),
  identifiers: list(z.string()),
  afterDays: z.exactOptional(z.number()),
  docs: z.string(),
});

/** `GET /privacy/platforms`. */
export const listPlatformDeletions = defineRoute({
  method: "GET",
  path: "/privacy/platforms",
  permission: "read",
  summary:
    "What the platform behind each destination offers when a person wants to be forgotten; nothing here calls it",
  input: z.object({}),
  answer: z.object({ items: list(PLATFORM_DELETION) }),
  run: async (_input, { deletions }: PlatformPorts): Promise<{ items: readonly PlatformDeletion[] }> => ({
    items: deletions,
  }),
});
