import { z } from "zod/mini";
import { CLICK_ID_NAMES } from "../core/click-ids.ts";
import { list, maybe, TEXT } from "./answer-fields.ts";
import type { IdentitySplit, IdentityView } from "./contract/identity.ts";

/** Of `GET /identity`. */
export const IDENTITY_VIEW: z.ZodMiniType<IdentityView> = z.object({
  found: z.boolean(),
  person: maybe(
    z.object({
      person_id: z.string(),
      merged_from: TEXT,
      created_at: z.number(),
      expires_at: z.number(),
      merges: z.number(),
      merged: list(
        z.object({ person_id: z.string(), at: z.number(), event_id: z.string(), joined_by: list(z.string()) }),
      ),
      kept_apart: list(z.string()),
      identifiers: list(z.object({ kind: z.string(), value: z.string(), scope: TEXT })),
      consent: list(
        z.object({
          scope: z.string(),
          said_by: z.enum(["named", "anonymous"]),
          purpose: z.string(),
          value: z.string(),
          at: z.number(),
          except: maybe(list(z.string())),
          by_date: maybe(z.object({ value: z.string(), at: z.number() })),
        }),
      ),
      campaigns: list(
        z.object({
          scope: z.string(),
          touch: z.enum(["first", "last"]),
          source: TEXT,
          medium: TEXT,
          name: TEXT,
          term: TEXT,
          content: TEXT,
          id: TEXT,
          click: maybe(z.enum(CLICK_ID_NAMES)),
          page: TEXT,
          at: z.number(),
        }),
      ),
    }),
  ),
  matched: list(
    z.object({
      kind: z.string(),
      person_id: z.string(),
      seen_with: z.number(),
      blocked: z.boolean(),
      suspect: maybe(z.enum(["several_accounts", "too_many_persons", "too_many_emails", "too_many_phones"])),
      expires_at: z.number(),
    }),
  ),
});

/** Of `POST /identity/split`. */
export const IDENTITY_SPLIT: z.ZodMiniType<IdentitySplit> = z.object({
  person_id: z.string(),
  split_id: z.string(),
  pointers: z.number(),
});
